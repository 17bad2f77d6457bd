// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "core/secret.hpp"
#include "io/net/endpoint.hpp"
#include "wire/http.hpp"

namespace openpcc::proxy {

// Key is what a user's programs show to the user's proxy, as they would show an API key to a provider: "openpcc-" and
// 43 characters of base64url, from a file that nobody else may read.
class Key {
  public:
    // load_or_make reads the file, or makes one with a fresh key (mode 0600, its folder 0700). A file that its group or
    // others may open, or that holds something else, is an error and is left alone.
    static Result<Key> load_or_make(const std::string& path, Random& random);

    bool is(std::string_view shown) const;
    // made: this call has made it, so that it can be shown once.
    bool made() const { return made_; }
    template <class Fn>
    decltype(auto) with(Fn&& fn) const {
        return text_.with([&](ByteView bytes) { return std::forward<Fn>(fn)(as_text(bytes)); });
    }

  private:
    SecretBytes text_;
    bool made_ = false;
};

// Door decides who may speak to the proxy. It stands on a developer's machine, where any page in a browser and any
// other user can reach a loopback port. On a UNIX socket the folder's permissions decide, and there is no key.
class Door {
  public:
    // `at` is where the proxy listens; on a port there is a key, on a UNIX socket none (asserted).
    Door(const net::Endpoint& at, std::optional<Key> key);

    // admit judges a request by its head:
    //   proxy.foreign_host    Host is not the proxy's own address: a name that somebody else makes lead here
    //   proxy.foreign_origin  a page asks, and it is not the proxy's own
    //   proxy.no_key          no key, two, or another one (Authorization: Bearer, or x-api-key)
    Result<void> admit(const http::RequestHead& head) const;

    // admit_to_page asks for no key: for the files of the verification page, which are the same for everybody.
    Result<void> admit_to_page(const http::RequestHead& head) const;

  private:
    bool socket_;
    std::vector<std::string> hosts_;  // of a port: its own names
    std::optional<Key> key_;
};

}  // namespace openpcc::proxy

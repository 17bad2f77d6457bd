// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "apps/proxy/door.hpp"
#include "apps/proxy/page.hpp"
#include "apps/proxy/refusal.hpp"
#include "core/random.hpp"
#include "hops/client/session.hpp"
#include "io/http/server.hpp"

namespace openpcc::proxy {

struct Limits {
    std::size_t body_bytes = 2 << 20;  // of one request
};

// Remedy says what a user can do about an error; empty where that cannot be said.
using Remedy = std::function<std::string_view(const Error&)>;

// Proxy answers the OpenAI API and Anthropic's on this machine: each request is judged, verified nodes are asked, and
// the answer streams back as it comes and no faster than it is read. What leaves the machine is a request written anew
// under a fixed head: nothing of the caller's headers, and no member that says who asks. It serves the
// verification page, too. One loop owns it.
class Proxy {
  public:
    Proxy(client::Session& session, Page& page, Door door, Limits limits, Remedy remedy, Random& random)
        : session_(session),
          page_(page),
          door_(std::move(door)),
          limits_(limits),
          remedy_(std::move(remedy)),
          random_(random) {}

    net::Task<void> serve(http::Exchange& exchange);

  private:
    net::Task<Result<void>> answer(http::Exchange& exchange);
    net::Task<Result<void>> refuse(http::Exchange& exchange, openai::ErrorShape shape, const Refusal& refusal);
    net::Task<Result<void>> answer_page(http::Exchange& exchange, std::string method, std::string path);
    net::Task<Result<void>> ask(http::Exchange& exchange, http::RequestHead head, const Plaintext& body, bool streams);

    client::Session& session_;
    Page& page_;
    const Door door_;
    const Limits limits_;
    const Remedy remedy_;
    Random& random_;
};

}  // namespace openpcc::proxy

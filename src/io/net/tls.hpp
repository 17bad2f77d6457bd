// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "core/result.hpp"
#include "core/time.hpp"

namespace openpcc::net {

// TLS 1.3 and nothing older, on both sides. There is no way to switch certificate verification off.

// TlsServer is a certificate chain and key from PEM files, shared between connections. Its pair may be replaced while
// it serves, on the thread of the loop that accepts with it.
class TlsServer {
  public:
    virtual ~TlsServer() = default;
    static Result<std::shared_ptr<TlsServer>> from_files(const std::string& chain_pem, const std::string& key_pem);

    // reload reads the files again, and connections from then on get what is in them; those that are there go on with
    // what they have. A pair that cannot be used, or that has expired as of `now`, changes nothing.
    virtual Result<void> reload(TimePoint now) = 0;
    // expires is when the certificate ends.
    virtual TimePoint expires() const = 0;
};

// TlsClient trusts the system's roots, or only the roots that it is given (PEM). The peer's name is always checked.
class TlsClient {
  public:
    virtual ~TlsClient() = default;
    static Result<std::shared_ptr<const TlsClient>> system_roots();
    static Result<std::shared_ptr<const TlsClient>> roots_from_file(const std::string& path);
    static Result<std::shared_ptr<const TlsClient>> roots_from_pem(std::string_view pem);
};

}  // namespace openpcc::net

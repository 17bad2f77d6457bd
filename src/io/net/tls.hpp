// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "core/result.hpp"

namespace openpcc::net {

// TLS 1.3 and nothing older, on both sides. There is no way to switch certificate verification off.

// TlsServer is a certificate chain and key from PEM files. Immutable and shared between connections.
class TlsServer {
  public:
    virtual ~TlsServer() = default;
    static Result<std::shared_ptr<const TlsServer>> from_files(const std::string& chain_pem,
                                                               const std::string& key_pem);
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

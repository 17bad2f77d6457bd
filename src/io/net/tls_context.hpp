// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "io/net/tls.hpp"

namespace openpcc::net {

struct FreeSsl {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslContext = std::unique_ptr<SSL_CTX, FreeSsl>;
using SslSession = std::unique_ptr<SSL, FreeSsl>;

// new_session is one connection's state; null when memory is short. The interfaces in tls.hpp have these classes behind
// them and no others.
SslSession new_session(const TlsServer& server);
SslSession new_session(const TlsClient& client);

}  // namespace openpcc::net

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "io/net/socket.hpp"
#include "io/net/stream.hpp"
#include "io/net/tls.hpp"

namespace openpcc::net {

// accept_tls is the server's side; its handshake happens in the first read or write.
std::unique_ptr<Stream> accept_tls(std::shared_ptr<Socket> socket, std::shared_ptr<const TlsServer> tls);
// connect_tls completes the handshake and checks that the peer's certificate names `host` (a name or an address).
Task<Result<std::unique_ptr<Stream>>> connect_tls(std::shared_ptr<Socket> socket, std::string host,
                                                  std::shared_ptr<const TlsClient> tls, Deadline deadline);

}  // namespace openpcc::net

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "io/net/endpoint.hpp"
#include "io/net/loop.hpp"
#include "io/net/stream.hpp"
#include "io/net/tls.hpp"

namespace openpcc::net {

// connect resolves the name, tries its addresses in turn and, for kTls, completes the handshake with the peer's name
// checked. One deadline covers it all. net.unreachable, net.timeout, net.tls, net.cancelled.
Task<Result<std::unique_ptr<Stream>>> connect(Loop& loop, const Endpoint& endpoint,
                                              std::shared_ptr<const TlsClient> tls, Deadline deadline);

}  // namespace openpcc::net

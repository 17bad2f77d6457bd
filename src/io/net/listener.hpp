// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "io/net/endpoint.hpp"
#include "io/net/loop.hpp"
#include "io/net/stream.hpp"
#include "io/net/tls.hpp"

namespace openpcc::net {

// Listener is a bound socket, and the only one on its port.
class Listener {
  public:
    virtual ~Listener() = default;
    // open binds; it does not wait. TLS is required for kTls endpoints and refused elsewhere. A UNIX socket is created
    // with mode 0600; a socket file that nobody serves is replaced, any other file is not.
    static Result<std::unique_ptr<Listener>> open(Loop& loop, const Endpoint& endpoint,
                                                  std::shared_ptr<const TlsServer> tls);

    // accept waits for the next connection. A TLS handshake is part of the stream's first read or write, so that a slow
    // peer does not hold up the next one. net.closed after close.
    virtual Task<Result<std::unique_ptr<Stream>>> accept() = 0;
    // endpoint has the port that was given when 0 was asked for.
    virtual const Endpoint& endpoint() const = 0;
    virtual void close() noexcept = 0;
};

}  // namespace openpcc::net

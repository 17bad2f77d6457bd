// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "io/net/endpoint.hpp"
#include "io/net/loop.hpp"
#include "io/net/stream.hpp"
#include "io/net/task.hpp"
#include "io/net/tls.hpp"
#include "wire/http.hpp"

namespace openpcc::http {

using net::Task;

// Limits of a server. Defaults are named constants with a reason in server.cpp.
struct ServerLimits {
    std::size_t head_bytes = 16 * 1024;
    std::size_t field_count = 64;
    std::uint64_t body_bytes = 0;  // 0: no request may have a body
    std::size_t connections = 1024;
    net::Clock::duration head_time = std::chrono::seconds(10);   // from the first byte of a request to its blank line
    net::Clock::duration idle_time = std::chrono::seconds(60);   // between requests on a connection
    net::Clock::duration read_time = std::chrono::seconds(30);   // for each read of a body
    net::Clock::duration write_time = std::chrono::seconds(30);  // for each write: a reader that stops is dropped
};

// Exchange is one request and its answer, on whatever version of HTTP carries it. It belongs to the handler's coroutine
// and dies with it. A handler that returns without `finish` cuts the connection, so that the peer sees a truncated
// message and never a complete one.
class Exchange {
  public:
    virtual ~Exchange() = default;

    virtual const RequestHead& request() const = 0;
    // read_body gives the next bytes of the request's content as they come; 0 is its authenticated end (all of
    // Content-Length, or the last chunk). A connection that ends earlier is http.truncated.
    virtual Task<Result<std::size_t>> read_body(ByteSpan into) = 0;

    // respond sends the head. Content-Length among the fields fixes the length; without it the content is streamed
    // (chunked in HTTP/1.1). Connection-level fields are this layer's own and are refused here.
    virtual Task<Result<void>> respond(ResponseHead head) = 0;
    // write sends content; it returns when the transport has taken it: back-pressure reaches whoever awaits this.
    virtual Task<Result<void>> write(ByteView content) = 0;
    virtual Task<Result<void>> finish() = 0;

    virtual bool responded() const = 0;
    // peer_is_local: the request came over loopback or a UNIX socket.
    virtual bool peer_is_local() const = 0;

    // respond_whole is respond, write and finish in one write.
    virtual Task<Result<void>> respond_whole(ResponseHead head, ByteView content) = 0;
};

// Handler answers one exchange. When the peer goes away, its coroutine is cancelled: whatever it awaits returns
// net.cancelled at once and so does everything it awaits later; it should return.
using Handler = std::function<Task<void>(Exchange&)>;

// Server listens on one endpoint and runs handlers on the loop that it was started on. HTTP/1.1 now; ALPN and HTTP/2
// come behind this interface.
class Server {
  public:
    virtual ~Server() = default;

    // listen binds; errors name what is wrong with the endpoint. TLS is required for kTls endpoints and only there. A
    // UNIX socket is created with mode 0600 in a directory that must exist; a stale socket file is replaced, any other
    // file is not.
    static Result<std::unique_ptr<Server>> listen(net::Loop& loop, const net::Endpoint& endpoint, ServerLimits limits,
                                                  std::shared_ptr<const net::TlsServer> tls, Handler handler);
    // endpoint is where it listens, with the port that was given when 0 was asked for.
    virtual net::Endpoint endpoint() const = 0;
    // drain stops accepting, lets running exchanges end until the deadline, then cuts the rest.
    virtual Task<void> drain(net::Deadline deadline) = 0;
};

// The standard answer for an error: status by category, an RFC 9457 problem document that says the category and
// nothing else; with a problem type when the protocol defines one.
ResponseHead problem_head(std::uint16_t status);
std::uint16_t status_of(Category category);
Task<Result<void>> respond_problem(Exchange& exchange, Category category);
Task<Result<void>> respond_problem(Exchange& exchange, std::uint16_t status);

}  // namespace openpcc::http

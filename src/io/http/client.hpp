// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/result.hpp"
#include "io/net/endpoint.hpp"
#include "io/net/loop.hpp"
#include "io/net/stream.hpp"
#include "io/net/task.hpp"
#include "io/net/tls.hpp"
#include "wire/http.hpp"

namespace openpcc::http {

using net::Task;

struct ClientLimits {
    std::size_t head_bytes = 16 * 1024;
    std::size_t field_count = 64;
    std::size_t idle_connections = 32;  // kept for reuse
    net::Clock::duration connect_time = std::chrono::seconds(5);
    net::Clock::duration head_time = std::chrono::seconds(120);  // from the end of the request to the answer's head
    net::Clock::duration read_time = std::chrono::seconds(120);  // for each read of the answer's content
    net::Clock::duration write_time = std::chrono::seconds(30);
    net::Clock::duration reuse_time = std::chrono::seconds(30);  // shorter than servers' idle time
};

// Call is one request in flight. Destroying it before the answer's end closes the connection, which is how a
// cancellation travels to the far end; after the end the connection goes back for reuse.
class Call {
  public:
    virtual ~Call() = default;

    // write sends content of the request (chunked unless Content-Length was among the fields).
    virtual Task<Result<void>> write(ByteView content) = 0;
    // finish ends the request's content.
    virtual Task<Result<void>> finish() = 0;
    // head waits for the answer's head; 1xx answers are skipped. It may be called before finish: a server may answer
    // early.
    virtual Task<Result<ResponseHead>> head() = 0;
    // read gives the answer's content; 0 is its proper end. A connection that ends earlier is http.truncated.
    virtual Task<Result<std::size_t>> read(ByteSpan into) = 0;

    // reused: the connection had served another request before; a failure before the first byte of an answer may then
    // only mean that the far end had closed it.
    virtual bool reused() const = 0;
    // peer_is_local: the connected socket's peer is on this machine.
    virtual bool peer_is_local() const = 0;
    // close ends the call at once.
    virtual void close() noexcept = 0;
};

// Client talks to one endpoint and reuses connections. It runs on the loop it was made with. A connection that the peer
// has closed in the meantime (readable while idle) is never reused.
class Client {
  public:
    virtual ~Client() = default;
    static std::unique_ptr<Client> make(net::Loop& loop, net::Endpoint endpoint, ClientLimits limits,
                                        std::shared_ptr<const net::TlsClient> tls);

    // start connects (or takes an idle connection) and sends the head. Host is set from the endpoint.
    virtual Task<Result<std::unique_ptr<Call>>> start(RequestHead head) = 0;
    // fetch is a whole exchange with a bounded answer, for small messages; a longer answer is http.too_large.
    struct Whole {
        ResponseHead head;
        Bytes content;
    };
    virtual Task<Result<Whole>> fetch(RequestHead head, ByteView content, std::size_t limit) = 0;
    virtual const net::Endpoint& endpoint() const = 0;
};

}  // namespace openpcc::http

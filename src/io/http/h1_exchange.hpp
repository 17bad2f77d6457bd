// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "io/http/h1_body.hpp"
#include "io/http/server.hpp"
#include "io/net/loop.hpp"

namespace openpcc::http::h1 {

// Connection serves the requests of one HTTP/1.1 connection, one after the other. Its owner runs `serve` as a child and
// gives the means to cancel that child.
class Connection {
  public:
    Connection(net::Loop& loop, const ServerLimits& limits, const Handler& handler, net::Stream& stream)
        : loop_(loop), limits_(limits), handler_(handler), stream_(stream), in_(stream) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Task<void> serve(std::function<void()> cancel);
    // drain lets the running exchange be the last; it returns whether one is running.
    bool drain();

  private:
    friend class ServedExchange;
    Task<bool> serve_one(bool first);
    Task<bool> answer(ReceivedRequest& received);
    Task<bool> settle(class ServedExchange& exchange);
    Task<void> refuse(Error error);
    Task<void> refuse_with(std::uint16_t status);
    // While the handler works and nothing of the request is left to read, a second coroutine notices that the peer
    // leaves. Requests that a peer sends ahead stay in the bounded buffer; when it is full, nobody watches.
    void start_watching();
    Task<void> stop_watching();
    Task<void> watch();

    net::Loop& loop_;
    const ServerLimits& limits_;
    const Handler& handler_;
    net::Stream& stream_;
    Inbound in_;
    std::function<void()> cancel_;
    std::unique_ptr<net::Child> watcher_;
    bool peer_gone_ = false;
    bool idle_ = true;
    bool draining_ = false;
};

}  // namespace openpcc::http::h1

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "io/http/client.hpp"
#include "io/http/h1_body.hpp"

namespace openpcc::http::h1 {

// Connected is a connection to the client's endpoint, between calls or in one.
struct Connected {
    explicit Connected(std::unique_ptr<net::Stream> made) : stream(std::move(made)), in(*stream) {}
    std::unique_ptr<net::Stream> stream;
    Inbound in;
    bool reused = false;
    Deadline good_until{};
};

// Idle keeps connections for reuse: bounded, the most recently used first, and only as long as the far end surely keeps
// them too.
class Idle {
  public:
    explicit Idle(const ClientLimits& limits) : limits_(limits) {}
    std::unique_ptr<Connected> take();
    void put(std::unique_ptr<Connected> connection);

  private:
    const ClientLimits limits_;
    std::vector<std::unique_ptr<Connected>> list_;
};

// ConnectedCall is one request and its answer on a connection that it has for itself. The loop's thread only; one
// coroutine may write while another one reads.
class ConnectedCall final : public Call {
  public:
    ConnectedCall(std::shared_ptr<Idle> idle, const ClientLimits& limits, std::unique_ptr<Connected> connection);
    ~ConnectedCall() override { close(); }

    // begin keeps the head back until there is content to go with it; a request without content leaves at once.
    Task<Result<void>> begin(RequestHead head, std::string host);

    Task<Result<void>> write(ByteView content) override;
    Task<Result<void>> finish() override;
    Task<Result<ResponseHead>> head() override;
    Task<Result<std::size_t>> read(ByteSpan into) override;
    bool reused() const override { return reused_; }
    bool peer_is_local() const override { return local_; }
    void close() noexcept override;

  private:
    Task<Result<ResponseHead>> read_head();
    void release_if_complete();

    std::shared_ptr<Idle> idle_;
    const ClientLimits limits_;
    std::unique_ptr<Connected> connection_;
    Outgoing out_;
    std::optional<Incoming> in_;
    std::string method_;
    const bool reused_;
    const bool local_;
    bool persistent_ = false;
    bool complete_ = false;
};

}  // namespace openpcc::http::h1

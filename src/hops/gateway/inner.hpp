// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "io/http/server.hpp"
#include "protocol/bhttp/bhttp.hpp"
#include "protocol/ohttp/chunked.hpp"

namespace openpcc::gateway {

// InnerRequest collects the parts of the Binary HTTP request inside: the head, and content until somebody takes it.
class InnerRequest final : public bhttp::Sink {
  public:
    Result<void> request_head(http::RequestHead head) override {
        head_ = std::move(head);
        return {};
    }
    Result<void> content(ByteView bytes) override {
        content_.append(bytes);
        return {};
    }
    const std::optional<http::RequestHead>& head() const { return head_; }
    // take gives the content that came since the last call.
    Bytes take() { return std::exchange(content_, Bytes()); }

  private:
    std::optional<http::RequestHead> head_;
    Bytes content_;
};

// InnerAnswer writes an encapsulated answer: the outer 200, the response nonce, then Binary HTTP in sealed chunks.
class InnerAnswer {
  public:
    InnerAnswer(http::Exchange& exchange, ohttp::ResponseSealer sealer) : exchange_(exchange), sealer_(std::move(sealer)) {}

    net::Task<Result<void>> begin(http::ResponseHead head, ByteView first);
    net::Task<Result<void>> content(ByteView bytes);
    net::Task<Result<void>> end();
    net::Task<Result<void>> whole(http::ResponseHead head, ByteView body);
    // problem answers with the constant for the category.
    net::Task<Result<void>> problem(const Error& error);
    bool begun() const { return begun_; }

  private:
    net::Task<Result<void>> send(ByteView prefix, ByteView bytes);
    http::Exchange& exchange_;
    ohttp::ResponseSealer sealer_;
    bool begun_ = false;
    Bytes wire_;   // reused for every chunk
    Bytes plain_;  // reused for every chunk
};

}  // namespace openpcc::gateway

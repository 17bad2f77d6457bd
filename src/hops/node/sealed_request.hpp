// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/plaintext.hpp"
#include "hops/node/keeper.hpp"
#include "io/http/server.hpp"
#include "protocol/bhttp/bhttp.hpp"
#include "protocol/seal/opening/opening.hpp"

namespace openpcc::node {

// SealedRequest reads a sealed request from its carrier: reduced header, keeper, chunks, records, Binary HTTP. Nothing of
// it can be used before its authenticated end.
class SealedRequest final : seal::RecordSink, bhttp::Sink {
  public:
    explicit SealedRequest(std::uint64_t limit);
    ~SealedRequest() override;

    // read takes the whole request.
    net::Task<Result<void>> read(http::Exchange& exchange, Keeper& keeper);

    const http::RequestHead& head() const { return *head_; }
    const Plaintext& body() const { return body_; }
    seal::CellMode cell_mode() const { return header_reader_.header().common.cell_mode; }
    // respond: once, after read.
    seal::ResponseSealer respond(Random& random) { return std::move(*opener_).respond(random); }

  private:
    Result<void> take(ByteView bytes, Keeper& keeper);
    Result<void> data(ByteView bytes) override { return decoder_.update(bytes); }
    Result<void> end(ByteView body) override;
    Result<void> request_head(http::RequestHead head) override;
    Result<void> content(ByteView bytes) override;

    seal::HeaderReader<seal::ReducedHeader> header_reader_;
    std::optional<seal::RequestOpener> opener_;
    bhttp::Decoder decoder_;
    std::uint64_t limit_;
    std::optional<http::RequestHead> head_;
    Plaintext body_;
};

}  // namespace openpcc::node

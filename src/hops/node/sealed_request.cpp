// SPDX-License-Identifier: Apache-2.0
#include "hops/node/sealed_request.hpp"

#include <array>

#include "hops/node/errors.hpp"
#include "protocol/seal/errors.hpp"

namespace openpcc::node {

namespace {

bhttp::Limits limits_for(std::uint64_t bytes) {
    bhttp::Limits limits;
    limits.content_bytes = bytes;
    return limits;
}

}  // namespace

SealedRequest::SealedRequest(std::uint64_t limit)
    : decoder_(bhttp::Kind::kRequest, limits_for(limit), *this), limit_(limit) {}
SealedRequest::~SealedRequest() = default;

net::Task<Result<void>> SealedRequest::read(http::Exchange& exchange, Keeper& keeper) {
    std::array<std::uint8_t, 16 * 1024> piece;
    std::uint64_t total = 0;
    while (true) {
        OPENPCC_CO_TRY(const std::size_t size, co_await exchange.read_body(piece));
        if (size == 0) break;
        total += size;
        if (total > limit_) co_return fail(seal::kTooLarge);
        OPENPCC_CO_CHECK(take(ByteView(piece).first(size), keeper));
    }
    if (!opener_) co_return fail(seal::kTruncated);
    OPENPCC_CO_CHECK(opener_->finish(*this));
    if (!head_) co_return fail(kBadInner);
    co_return Result<void>{};
}

Result<void> SealedRequest::take(ByteView bytes, Keeper& keeper) {
    if (opener_) return opener_->update(bytes, *this);
    OPENPCC_TRY(const bool known, header_reader_.update(bytes));
    if (!known) return {};
    OPENPCC_TRY(auto unwrapped, keeper.unwrap(header_reader_.header()));
    opener_.emplace(header_reader_.header(), std::move(unwrapped));
    return opener_->update(header_reader_.rest(), *this);
}

// spec seal-6.4: a request's end record is empty; the message inside must be whole by then.
Result<void> SealedRequest::end(ByteView body) {
    if (!body.empty()) return fail(seal::kBadRecord);
    return decoder_.finish();
}

Result<void> SealedRequest::request_head(http::RequestHead head) {
    head_ = std::move(head);
    return {};
}

Result<void> SealedRequest::content(ByteView bytes) {
    body_.append(bytes);
    return {};
}

}  // namespace openpcc::node

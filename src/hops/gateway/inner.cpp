// SPDX-License-Identifier: Apache-2.0
#include "hops/gateway/inner.hpp"

#include "hops/gateway/errors.hpp"
#include "io/http/problem.hpp"

namespace openpcc::gateway {

// Seals prefix and bytes as one or more chunks and writes them at once.
net::Task<Result<void>> InnerAnswer::send(ByteView prefix, ByteView bytes) {
    plain_.clear();
    plain_.append(prefix);
    plain_.append(bytes);
    ByteView left = plain_;
    while (!left.empty()) {
        const ByteView part = left.first(std::min(left.size(), ohttp::kMaxChunk));
        OPENPCC_CO_CHECK(sealer_.seal(part, wire_));
        left = left.subspan(part.size());
    }
    const auto sent = co_await exchange_.write(wire_);
    wire_.clear();
    co_return sent;
}

net::Task<Result<void>> InnerAnswer::begin(http::ResponseHead head, ByteView first) {
    http::ResponseHead outer{200, {}};
    outer.fields.add("content-type", std::string(ohttp::kChunkedResponseType));
    outer.fields.add("incremental", "?1");
    outer.fields.add("cache-control", "no-store");
    begun_ = true;
    OPENPCC_CO_CHECK(co_await exchange_.respond(std::move(outer)));
    wire_.append(sealer_.header());
    Bytes start = bhttp::encode_response_head(head);
    if (!first.empty()) start.append(bhttp::content_prefix(first.size()));
    co_return co_await send(start, first);
}

net::Task<Result<void>> InnerAnswer::content(ByteView bytes) {
    if (bytes.empty()) co_return Result<void>{};
    const Bytes prefix = bhttp::content_prefix(bytes.size());
    co_return co_await send(prefix, bytes);
}

net::Task<Result<void>> InnerAnswer::end() {
    const Bytes last = bhttp::encode_end();
    OPENPCC_CO_CHECK(sealer_.seal_final(last, wire_));
    OPENPCC_CO_CHECK(co_await exchange_.write(wire_));
    co_return co_await exchange_.finish();
}

net::Task<Result<void>> InnerAnswer::whole(http::ResponseHead head, ByteView body) {
    OPENPCC_CO_CHECK(co_await begin(std::move(head), body));
    co_return co_await end();
}

net::Task<Result<void>> InnerAnswer::problem(const Error& error) {
    // What is not there any more: the client asks for the directory again.
    const bool gone = error == kUnknownNode || error == kUnknownCollateral;
    const std::uint16_t status = gone ? 410 : http::status_of(error.category());
    http::ResponseHead head = http::problem_head(status);
    const std::string text = http::problem_content(status);
    co_return co_await whole(std::move(head), as_bytes(text));
}

}  // namespace openpcc::gateway

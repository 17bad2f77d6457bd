// SPDX-License-Identifier: Apache-2.0
#include "hops/node/sealed_answer.hpp"

#include "protocol/bhttp/bhttp.hpp"

namespace openpcc::node {

net::Task<Result<void>> SealedAnswer::begin(http::ResponseHead head) {
    http::ResponseHead outer{200, {{"content-type", std::string(seal::kResponseType)}, {"cache-control", "no-store"}}};
    OPENPCC_CO_CHECK(co_await exchange_.respond(std::move(outer)));
    wire_.append(sealer_.header());
    const Bytes inner = bhttp::encode_response_head(head);
    OPENPCC_CO_CHECK(sealer_.data(inner, wire_));
    const auto sent = co_await exchange_.write(wire_);
    wire_.clear();
    co_return sent;
}

net::Task<Result<void>> SealedAnswer::content(Plaintext& text) {
    if (text.empty()) co_return Result<void>{};
    framed_.clear();
    framed_.append(bhttp::content_prefix(text.size()));
    text.with([this](ByteView view) { framed_.append(view); });
    text.clear();
    OPENPCC_CO_CHECK(framed_.with([this](ByteView view) { return sealer_.data(view, wire_); }));
    framed_.clear();
    const auto sent = co_await exchange_.write(wire_);
    wire_.clear();
    co_return sent;
}

net::Task<Result<void>> SealedAnswer::end(seal::Outcome outcome) {
    // Only a whole answer ends its Binary HTTP message; otherwise the end record alone says why it stops here.
    if (outcome == seal::Outcome::kComplete) {
        const Bytes last = bhttp::encode_end();
        OPENPCC_CO_CHECK(sealer_.data(last, wire_));
    }
    const seal::End end{outcome, cell_mode_, {}};
    OPENPCC_CO_CHECK(sealer_.end(end, wire_));
    OPENPCC_CO_CHECK(co_await exchange_.write(wire_));
    co_return co_await exchange_.finish();
}

net::Task<Result<void>> SealedAnswer::whole(http::ResponseHead head, std::string text) {
    OPENPCC_CO_CHECK(co_await begin(std::move(head)));
    Plaintext body = Plaintext::copy_from(as_bytes(text));
    OPENPCC_CO_CHECK(co_await content(body));
    co_return co_await end(seal::Outcome::kComplete);
}

}  // namespace openpcc::node

// SPDX-License-Identifier: Apache-2.0
#include "hops/gateway/forward.hpp"

#include <array>

#include "hops/gateway/errors.hpp"
#include "io/net/errors.hpp"
#include "protocol/seal/errors.hpp"

namespace openpcc::gateway {

namespace {

// Most prompts fit; a longer request is tried once.
constexpr std::size_t kHeldForRetry = 256 * 1024;
constexpr std::size_t kPiece = 16 * 1024;

// Answers that another candidate may do better: it is busy or going, or its key is gone.
bool worth_another(std::uint16_t status) { return status == 503 || status == 504 || status == 410 || status == 500; }

}  // namespace

Forward::~Forward() { leave_node(false); }

void Forward::leave_node(bool failed) {
    call_.reset();
    early_.reset();
    if (node_ == nullptr) return;
    --node_->in_flight;
    if (failed) ++node_->failures;
    node_ = nullptr;
}

net::Task<Result<void>> Forward::content(ByteView bytes) {
    if (header_known_) co_return co_await send(bytes);
    OPENPCC_CO_TRY(header_known_, header_reader_.update(bytes));
    if (!header_known_) co_return Result<void>{};
    order_ = pool_.order(header_reader_.header().entries);
    if (order_.empty()) co_return fail(kUnknownNode);
    OPENPCC_CO_CHECK(co_await start_next());
    const ByteView rest = header_reader_.rest();
    co_return co_await send(rest);
}

// Connects to the next candidate and brings it to where the request is; candidates that fail at this are skipped.
net::Task<Result<void>> Forward::start_next() {
    while (can_retry_ && next_ < order_.size()) {
        const std::size_t index = order_[next_++];
        node_ = pool_.by_key(header_reader_.header().entries[index].key_id);
        if (node_ == nullptr) continue;
        ++node_->in_flight;
        http::RequestHead head{"POST", "", "", "/sealed", {{"content-type", std::string(seal::kRequestType)}}};
        auto call = co_await node_->client->start(std::move(head));
        Result<void> sent;
        if (call) {
            call_ = std::move(*call);
            Bytes bytes = header_reader_.header().reduce(index);
            bytes.append(held_);
            sent = co_await deliver(bytes);
        } else {
            sent = std::unexpected(call.error());
        }
        if (sent || sent.error() == net::kCancelled) co_return sent;
        leave_node(true);
    }
    co_return fail(kNoNode);
}

net::Task<Result<void>> Forward::send(ByteView bytes) {
    if (bytes.empty()) co_return Result<void>{};
    if (can_retry_ && held_.size() + bytes.size() <= kHeldForRetry) {
        held_.append(bytes);
    } else {
        can_retry_ = false;
        held_.clear();
    }
    const auto sent = co_await deliver(bytes);
    if (sent || sent.error() == net::kCancelled || !can_retry_) co_return sent;
    leave_node(true);
    co_return co_await start_next();
}

// A node that refuses answers early and reads no more: its answer says more than our failed write.
net::Task<Result<void>> Forward::deliver(ByteView bytes) {
    if (early_) co_return Result<void>{};
    const auto sent = co_await call_->write(bytes);
    if (sent || sent.error() == net::kCancelled) co_return sent;
    auto begun = co_await read_answer();
    if (!begun) co_return sent;
    early_ = std::move(*begun);
    co_return Result<void>{};
}

net::Task<Result<Forward::Begun>> Forward::begin() {
    if (early_) co_return std::move(*early_);
    const auto finished = co_await call_->finish();
    if (!finished && finished.error() == net::kCancelled) co_return std::unexpected(finished.error());
    auto begun = co_await read_answer();
    if (!begun && !finished) co_return std::unexpected(finished.error());
    co_return begun;
}

net::Task<Result<Forward::Begun>> Forward::read_answer() {
    Begun begun;
    OPENPCC_CO_TRY(begun.head, co_await call_->head());
    // Binary HTTP has no other final status, and a node is not trusted to keep to that.
    if (begun.head.status < 200 || begun.head.status > 599) co_return fail(kBadNode);
    begun.first.resize(kPiece);
    OPENPCC_CO_TRY(const std::size_t size, co_await call_->read(begun.first.span()));
    begun.first.resize(size);
    co_return begun;
}

net::Task<Result<Forward::Begun>> Forward::finish() {
    if (!header_known_) co_return fail(seal::kTruncated);
    while (true) {
        auto begun = co_await begin();
        const bool more = can_retry_ && next_ < order_.size();
        if (begun && (!worth_another(begun->head.status) || !more)) {
            can_retry_ = false;  // the first byte is out: from here on a failure is final
            held_.clear();
            co_return begun;
        }
        if (!begun && (!more || begun.error() == net::kCancelled)) co_return std::unexpected(begun.error());
        leave_node(!begun);
        OPENPCC_CO_CHECK(co_await start_next());
    }
}

net::Task<Result<std::size_t>> Forward::read(ByteSpan into) { co_return co_await call_->read(into); }

}  // namespace openpcc::gateway

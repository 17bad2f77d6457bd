// SPDX-License-Identifier: Apache-2.0
#include "io/http/h1_call.hpp"

#include "io/http/errors.hpp"
#include "io/http/h1_text.hpp"
#include "io/net/errors.hpp"

namespace openpcc::http::h1 {

namespace {

// Interim answers (1xx) that are skipped before the real one; a server has no reason for more.
constexpr int kMostInterim = 8;

// Content whose length is not announced is sent in chunks, for the methods that are about content (RFC 9110
// section 9.3).
bool has_content(std::string_view method) { return method == "POST" || method == "PUT" || method == "PATCH"; }

}  // namespace

std::unique_ptr<Connected> Idle::take() {
    const auto now = net::Clock::now();
    while (!list_.empty()) {
        auto connection = std::move(list_.back());
        list_.pop_back();
        if (connection->good_until <= now) {
            list_.clear();  // the others have waited longer
            break;
        }
        if (connection->stream->readable_now()) continue;  // closed, or an answer to nothing
        connection->reused = true;
        return connection;
    }
    return nullptr;
}

void Idle::put(std::unique_ptr<Connected> connection) {
    if (limits_.idle_connections == 0) return;
    connection->good_until = net::after(limits_.reuse_time);
    if (list_.size() >= limits_.idle_connections) list_.erase(list_.begin());
    list_.push_back(std::move(connection));
}

ConnectedCall::ConnectedCall(std::shared_ptr<Idle> idle, const ClientLimits& limits,
                             std::unique_ptr<Connected> connection)
    : idle_(std::move(idle)),
      limits_(limits),
      connection_(std::move(connection)),
      out_(*connection_->stream),
      reused_(connection_->reused),
      local_(connection_->stream->local_only()) {}

Task<Result<void>> ConnectedCall::begin(RequestHead head, std::string host) {
    method_ = head.method;
    auto kind = has_content(method_) ? Outgoing::Kind::kChunked : Outgoing::Kind::kNone;
    std::uint64_t length = 0;
    if (head.fields.count("content-length") > 0) {
        const auto text = head.fields.get("content-length");
        if (!text) co_return fail(kMisuse, "more than one Content-Length");
        OPENPCC_CO_TRY(length, parse_length(*text));
        kind = Outgoing::Kind::kLength;
    }
    const FramingFields own{.chunked = kind == Outgoing::Kind::kChunked, .close = false};
    OPENPCC_CO_TRY(auto text, request_text(head, host, own));
    out_.begin(std::move(text), kind, length, false);
    if (kind != Outgoing::Kind::kNone) co_return Result<void>();
    co_return co_await out_.finish(net::after(limits_.write_time));
}

Task<Result<void>> ConnectedCall::write(ByteView content) {
    if (connection_ == nullptr) co_return fail(net::kClosed);
    if (content.empty()) co_return Result<void>();
    co_return co_await out_.write(content, net::after(limits_.write_time));
}

Task<Result<void>> ConnectedCall::finish() {
    if (out_.finished()) co_return Result<void>();
    if (connection_ == nullptr) co_return fail(net::kClosed);
    auto finished = co_await out_.finish(net::after(limits_.write_time));
    if (finished) release_if_complete();
    co_return finished;
}

Task<Result<ResponseHead>> ConnectedCall::head() {
    if (connection_ == nullptr) co_return fail(net::kClosed);
    if (in_) co_return fail(kMisuse, "a second head");
    if (!out_.broken()) OPENPCC_CO_CHECK(co_await out_.flush(net::after(limits_.write_time)));
    auto head = co_await read_head();
    if (!head) {
        close();
    } else {
        release_if_complete();
    }
    co_return head;
}

Task<Result<ResponseHead>> ConnectedCall::read_head() {
    const Deadline deadline = net::after(limits_.head_time);
    const HeadLimits head_limits{.bytes = limits_.head_bytes, .fields = limits_.field_count};
    for (int interim = 0; interim <= kMostInterim; ++interim) {
        ReceivedResponse received(head_limits, method_);
        OPENPCC_CO_CHECK(co_await connection_->in.read_head(received, deadline));
        if (received.status() == 101) co_return fail(kMalformed, "a switch of protocols that nobody asked for");
        if (received.status() < 200) continue;
        persistent_ = received.persistent();
        in_.emplace(connection_->in, received.framing(), UINT64_MAX);
        co_return received.take();
    }
    co_return fail(kMalformed, "too many interim answers");
}

Task<Result<std::size_t>> ConnectedCall::read(ByteSpan into) {
    if (complete_) co_return std::size_t(0);
    if (connection_ == nullptr) co_return fail(net::kClosed);
    if (!in_) co_return fail(kMisuse, "content before the head");
    auto got = co_await in_->read(into, net::after(limits_.read_time));
    if (!got) {
        close();
    } else if (*got == 0) {
        release_if_complete();
    }
    co_return got;
}

void ConnectedCall::release_if_complete() {
    if (!in_ || !in_->ended()) return;
    complete_ = true;
    if (!out_.finished() || connection_ == nullptr) return;
    // Bytes after the answer belong to nothing that we asked for.
    if (persistent_ && connection_->in.empty()) idle_->put(std::move(connection_));
    connection_.reset();
}

void ConnectedCall::close() noexcept {
    if (connection_ != nullptr) connection_->stream->close();
}

}  // namespace openpcc::http::h1

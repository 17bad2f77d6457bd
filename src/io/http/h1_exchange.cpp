// SPDX-License-Identifier: Apache-2.0
#include "io/http/h1_exchange.hpp"

#include "io/http/errors.hpp"
#include "io/http/h1_text.hpp"
#include "io/http/problem.hpp"
#include "io/net/errors.hpp"

namespace openpcc::http::h1 {

namespace {

// How much of an unread request is thrown away to keep its connection.
constexpr std::size_t kDiscardBytes = 64 * 1024;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool may_have_content(std::uint16_t status) { return status != 204 && status != 304; }

}  // namespace

class ServedExchange final : public Exchange {
  public:
    ServedExchange(Connection& connection, ReceivedRequest& received)
        : connection_(connection),
          head_method_(received.is_head_method()),
          http_1_0_(received.is_1_0()),
          wants_continue_(received.expects_continue()),
          persistent_(received.persistent()),
          request_(received.take()),
          in_(connection.in_, received.framing(), connection.limits_.body_bytes),
          out_(connection.stream_) {}

    const RequestHead& request() const override { return request_; }
    bool responded() const override { return out_.begun(); }
    bool peer_is_local() const override { return connection_.stream_.local_only(); }

    Task<Result<std::size_t>> read_body(ByteSpan into) override {
        OPENPCC_CO_CHECK(co_await send_continue());
        auto got = co_await in_.read(into, net::after(connection_.limits_.read_time));
        if (got && in_.ended()) connection_.start_watching();
        co_return got;
    }

    Task<Result<void>> respond(ResponseHead head) override {
        OPENPCC_CO_CHECK(begin(std::move(head)));
        co_return co_await out_.flush(write_deadline());
    }
    Task<Result<void>> write(ByteView content) override {
        if (content.empty()) co_return Result<void>();
        co_return co_await out_.write(content, write_deadline());
    }
    Task<Result<void>> finish() override { co_return co_await out_.finish(write_deadline()); }

    Task<Result<void>> respond_whole(ResponseHead head, ByteView content) override {
        if (may_have_content(head.status) && head.fields.count("content-length") == 0) {
            head.fields.add("content-length", std::to_string(content.size()));
        }
        OPENPCC_CO_CHECK(begin(std::move(head)));
        co_return co_await out_.write_last(content, write_deadline());
    }

    bool finished() const { return out_.finished(); }
    bool persistent() const { return persistent_; }

    // discard reads what the handler has left of the request; false when that is not worth while.
    Task<bool> discard() {
        Bytes scratch(in_.ended() ? 0 : 4096);
        std::size_t total = 0;
        while (!in_.ended()) {
            const ByteSpan room = scratch.span();
            const auto got = co_await in_.read(room, net::after(connection_.limits_.read_time));
            if (!got) co_return false;
            total += *got;
            if (total > kDiscardBytes) co_return false;
        }
        co_return true;
    }
    bool request_ended() const { return in_.ended(); }

  private:
    Deadline write_deadline() const { return net::after(connection_.limits_.write_time); }

    Task<Result<void>> send_continue() {
        const bool wanted = std::exchange(wants_continue_, false) && !out_.begun();
        if (!wanted || !connection_.in_.empty()) co_return Result<void>();
        const ByteView bytes = as_bytes(kContinue);
        co_return co_await connection_.stream_.write(bytes, write_deadline());
    }

    Result<void> begin(ResponseHead head) {
        if (out_.begun()) return fail(kMisuse, "a second answer");
        // A peer that still waits for a "continue" may or may not send its content now: only closing is unambiguous.
        if (wants_continue_ || connection_.draining_) persistent_ = false;
        auto kind = Outgoing::Kind::kChunked;
        std::uint64_t length = 0;
        if (head.fields.count("content-length") > 0) {
            const auto text = head.fields.get("content-length");
            if (!text) return fail(kMisuse, "more than one Content-Length");
            OPENPCC_TRY(length, parse_length(*text));
            kind = Outgoing::Kind::kLength;
        }
        if (!may_have_content(head.status)) {
            if (head.status == 204 && kind == Outgoing::Kind::kLength) return fail(kMisuse, "204 has no length");
            kind = Outgoing::Kind::kNone;
        } else if (kind == Outgoing::Kind::kChunked && http_1_0_) {
            kind = Outgoing::Kind::kUntilClose;
        }
        if (http_1_0_) persistent_ = false;
        OPENPCC_TRY(auto text,
                    response_text(head, {.chunked = kind == Outgoing::Kind::kChunked, .close = !persistent_}));
        out_.begin(std::move(text), kind, length, head_method_);
        return {};
    }

    Connection& connection_;
    const bool head_method_;
    const bool http_1_0_;
    bool wants_continue_;
    bool persistent_;
    const RequestHead request_;
    Incoming in_;
    Outgoing out_;
};

Task<void> Connection::serve(std::function<void()> cancel) {
    cancel_ = std::move(cancel);
    bool first = true;
    while (co_await serve_one(first)) first = false;
    stream_.close();
}

bool Connection::drain() {
    draining_ = true;
    return !idle_;
}

Task<bool> Connection::serve_one(bool first) {
    idle_ = true;
    if (in_.empty()) {
        // A new connection is made for a request; only one that has served may rest.
        const auto got = co_await in_.fill(net::after(first ? limits_.head_time : limits_.idle_time));
        if (!got || *got == 0) co_return false;
    }
    idle_ = false;
    const HeadLimits head_limits{.bytes = limits_.head_bytes, .fields = limits_.field_count};
    ReceivedRequest received(head_limits);
    const auto read = co_await in_.read_head(received, net::after(limits_.head_time));
    if (!read) {
        co_await refuse(read.error());
        co_return false;
    }
    const Framing& framing = received.framing();
    const bool too_long = framing.kind == Framing::Kind::kLength && framing.length > limits_.body_bytes;
    if (too_long || (framing.kind == Framing::Kind::kChunked && limits_.body_bytes == 0)) {
        co_await refuse_with(413);
        co_return false;
    }
    co_return co_await answer(received);
}

Task<bool> Connection::answer(ReceivedRequest& received) {
    ServedExchange exchange(*this, received);
    if (exchange.request_ended()) start_watching();
    try {
        co_await handler_(exchange);
    } catch (...) {
        // Memory, most likely. This is the boundary of a request: it fails alone, as if the handler had just returned.
    }
    co_await stop_watching();
    co_return co_await settle(exchange);
}

Task<bool> Connection::settle(ServedExchange& exchange) {
    if (!exchange.responded() && !peer_gone_) {
        co_await refuse_with(500);
        co_return false;
    }
    if (!exchange.finished()) {
        stream_.reset();
        co_return false;
    }
    if (peer_gone_) co_return false;
    if (!exchange.persistent() || draining_ || !co_await exchange.discard()) {
        co_await close_in_order(stream_);
        co_return false;
    }
    co_return true;
}

Task<void> Connection::refuse(Error error) {
    if (error == kMalformed) {
        co_await refuse_with(400);
    } else if (error == kTooLarge) {
        co_await refuse_with(431);
    } else if (error == kExpectation) {
        co_await refuse_with(417);
    }
    // Who is late, gone or cancelled gets no answer.
}

Task<void> Connection::refuse_with(std::uint16_t status) {
    const std::string text = problem_text(status);
    const ByteView bytes = as_bytes(text);
    if (co_await stream_.write(bytes, net::after(limits_.write_time))) co_await close_in_order(stream_);
}

void Connection::start_watching() {
    if (watcher_ == nullptr) watcher_ = net::spawn_child(loop_, watch());
}

Task<void> Connection::stop_watching() {
    if (watcher_ == nullptr) co_return;
    watcher_->cancel();
    co_await watcher_->done();
    watcher_.reset();
}

Task<void> Connection::watch() {
    while (!in_.full()) {
        const auto got = co_await in_.fill(Deadline::max());
        if (got && *got > 0) continue;
        if (!got && got.error() == net::kCancelled) co_return;
        peer_gone_ = true;
        cancel_();
        co_return;
    }
}

}  // namespace openpcc::http::h1

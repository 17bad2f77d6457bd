// SPDX-License-Identifier: Apache-2.0
#include "io/http/h1_body.hpp"

#include <array>
#include <charconv>
#include <cstring>

#include "io/http/errors.hpp"
#include "io/net/errors.hpp"

namespace openpcc::http::h1 {

namespace {

constexpr std::string_view kLastChunk = "0\r\n\r\n";
constexpr std::string_view kCrlf = "\r\n";
// What a peer may still send after we have answered: enough to end politely, not enough to keep us.
constexpr std::size_t kLingerBytes = 64 * 1024;
constexpr auto kLingerTime = std::chrono::seconds(1);

}  // namespace

Error from_net(Error error) { return error == net::kTimeout ? Error(kTimeout) : error; }

Task<Result<std::size_t>> Inbound::fill(Deadline deadline) {
    if (buffer_.empty()) buffer_.resize(kCapacity);
    if (begin_ == end_) begin_ = end_ = 0;
    if (end_ == kCapacity) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    if (end_ == kCapacity) co_return fail(kMisuse);
    const ByteSpan room = buffer_.span().subspan(end_);
    auto got = co_await stream_.read_some(room, deadline);
    if (!got) co_return std::unexpected(from_net(std::move(got).error()));
    end_ += *got;
    co_return *got;
}

Task<Result<std::size_t>> Inbound::read_into(ByteSpan into, Deadline deadline) {
    if (!empty()) {
        const std::size_t size = std::min(into.size(), end_ - begin_);
        std::memcpy(into.data(), buffer_.data() + begin_, size);
        take(size);
        co_return size;
    }
    auto got = co_await stream_.read_some(into, deadline);
    if (!got) co_return std::unexpected(from_net(std::move(got).error()));
    co_return *got;
}

Task<Result<void>> Inbound::read_head(Head& head, Deadline deadline) {
    for (;;) {
        const auto taken = head.feed(pending());
        if (!taken) co_return std::unexpected(taken.error());
        take(*taken);
        if (head.done()) co_return Result<void>();
        OPENPCC_CO_TRY(const std::size_t got, co_await fill(deadline));
        if (got == 0) co_return fail(kTruncated);
    }
}

Incoming::Incoming(Inbound& in, Framing framing, std::uint64_t limit)
    : in_(in),
      framing_(framing),
      left_(framing.kind == Framing::Kind::kLength ? framing.length : limit),
      ended_(framing.kind == Framing::Kind::kNone || (framing.kind == Framing::Kind::kLength && framing.length == 0)) {}

Task<Result<std::size_t>> Incoming::read(ByteSpan into, Deadline deadline) {
    if (ended_) co_return std::size_t(0);
    if (into.empty()) co_return fail(kMisuse, "reading into nothing");
    if (framing_.kind == Framing::Kind::kChunked) co_return co_await read_chunked(into, deadline);
    const ByteSpan room = into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_)));
    OPENPCC_CO_TRY(const std::size_t got, co_await in_.read_into(room, deadline));
    if (got == 0) co_return fail(kTruncated);
    left_ -= got;
    ended_ = left_ == 0;
    co_return got;
}

Task<Result<std::size_t>> Incoming::read_chunked(ByteSpan into, Deadline deadline) {
    for (;;) {
        const ByteView pending = in_.pending();
        // Never more than the caller has room for, so that content needs no second buffer.
        const auto step = chunked_.next(pending.first(std::min(pending.size(), into.size())));
        if (!step) co_return std::unexpected(step.error());
        if (step->content.size() > left_) co_return fail(kTooLarge, "the content is too long");
        left_ -= step->content.size();
        std::ranges::copy(step->content, into.begin());
        in_.take(step->taken);
        if (chunked_.done()) ended_ = true;
        if (!step->content.empty()) co_return step->content.size();
        if (ended_) co_return std::size_t(0);
        if (step->taken > 0 && !in_.empty()) continue;
        OPENPCC_CO_TRY(const std::size_t got, co_await in_.fill(deadline));
        if (got == 0) co_return fail(kTruncated);
    }
}

void Outgoing::begin(std::string head, Kind kind, std::uint64_t length, bool silent) {
    head_ = std::move(head);
    kind_ = kind;
    left_ = kind == Kind::kLength ? length : 0;
    silent_ = silent;
    begun_ = true;
}

Result<void> Outgoing::admit(std::size_t size) {
    if (!begun_ || finished_ || broken_)
        return fail(kMisuse, "writing before the head, after the end or after an error");
    if (kind_ == Kind::kNone && size > 0) return fail(kMisuse, "this message has no content");
    if (kind_ != Kind::kLength) return {};
    if (size > left_) return fail(kMisuse, "more content than Content-Length says");
    left_ -= size;
    return {};
}

Task<Result<void>> Outgoing::send(ByteView content, bool last, Deadline deadline) {
    const std::string head = std::exchange(head_, {});
    std::array<char, 20> size_line{};
    std::array<ByteView, 5> parts{};
    std::size_t count = 0;
    if (!head.empty()) parts[count++] = as_bytes(head);
    if (!silent_ && !content.empty()) {
        if (kind_ == Kind::kChunked) {
            char* end = std::to_chars(size_line.data(), size_line.data() + 16, content.size(), 16).ptr;
            end = std::copy(kCrlf.begin(), kCrlf.end(), end);
            parts[count++] = as_bytes(std::string_view(size_line.data(), end));
        }
        parts[count++] = content;
        if (kind_ == Kind::kChunked && !last) parts[count++] = as_bytes(kCrlf);
    }
    constexpr std::string_view kCrlfAndLast = "\r\n0\r\n\r\n";
    if (!silent_ && last && kind_ == Kind::kChunked)
        parts[count++] = as_bytes(content.empty() ? kLastChunk : kCrlfAndLast);
    if (count == 0) co_return Result<void>();
    const auto used = std::span<const ByteView>(parts).first(count);
    auto sent = co_await stream_.write_parts(used, deadline);
    if (!sent) {
        broken_ = true;
        co_return std::unexpected(from_net(std::move(sent).error()));
    }
    co_return Result<void>();
}

Task<Result<void>> Outgoing::flush(Deadline deadline) {
    const ByteView nothing;
    co_return co_await send(nothing, false, deadline);
}

Task<Result<void>> Outgoing::write(ByteView content, Deadline deadline) {
    OPENPCC_CO_CHECK(admit(content.size()));
    co_return co_await send(content, false, deadline);
}

Task<Result<void>> Outgoing::write_last(ByteView content, Deadline deadline) {
    OPENPCC_CO_CHECK(admit(content.size()));
    if (left_ != 0 && !silent_) {
        broken_ = true;
        co_return fail(kMisuse, "less content than Content-Length says");
    }
    OPENPCC_CO_CHECK(co_await send(content, true, deadline));
    finished_ = true;
    co_return Result<void>();
}

Task<Result<void>> Outgoing::finish(Deadline deadline) {
    const ByteView nothing;
    co_return co_await write_last(nothing, deadline);
}

Task<void> close_in_order(net::Stream& stream) {
    const Deadline deadline = net::after(kLingerTime);
    Bytes scratch(4096);
    std::size_t total = 0;
    if (co_await stream.close_write(deadline)) {
        while (total < kLingerBytes) {
            const ByteSpan room = scratch.span();
            const auto got = co_await stream.read_some(room, deadline);
            if (!got || *got == 0) break;
            total += *got;
        }
    }
    stream.close();
}

}  // namespace openpcc::http::h1

// SPDX-License-Identifier: Apache-2.0
#include "io/http/h1_chunked.hpp"

#include "io/http/errors.hpp"

namespace openpcc::http::h1 {

namespace {

constexpr int kMostDigits = 15;  // below 2^60, so nothing can overflow

int hex_value(std::uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

Result<Chunked::Step> Chunked::next(ByteView in) {
    Step step;
    while (step.taken < in.size() && !done()) {
        if (state_ == State::kContent) {
            const std::uint64_t size = std::min<std::uint64_t>(left_, in.size() - step.taken);
            step.content = in.subspan(step.taken, static_cast<std::size_t>(size));
            step.taken += step.content.size();
            left_ -= size;
            if (left_ == 0) state_ = State::kContentCr;
            return step;
        }
        OPENPCC_CHECK(take(in[step.taken]));
        ++step.taken;
    }
    return step;
}

Result<void> Chunked::take_size(std::uint8_t byte) {
    if (byte == '\r' && digits_ > 0) {
        state_ = State::kSizeLf;
        return {};
    }
    const int value = hex_value(byte);
    if (value < 0) return fail(kMalformed, "a chunk's size is not plain hexadecimal");
    if (++digits_ > kMostDigits) return fail(kMalformed, "a chunk's size is too large to count");
    left_ = left_ << 4 | static_cast<std::uint64_t>(value);
    return {};
}

Result<void> Chunked::take(std::uint8_t byte) {
    const auto expect = [&](char wanted, State next) -> Result<void> {
        if (byte != static_cast<std::uint8_t>(wanted)) return fail(kMalformed, "CRLF is missing in the chunked coding");
        state_ = next;
        return {};
    };
    switch (state_) {
        case State::kSize:
            return take_size(byte);
        case State::kSizeLf:
            return expect('\n', left_ == 0 ? State::kLastCr : State::kContent);
        case State::kContentCr:
            return expect('\r', State::kContentLf);
        case State::kContentLf:
            digits_ = 0;
            return expect('\n', State::kSize);
        case State::kLastCr:
            return expect('\r', State::kLastLf);  // anything else begins a trailer
        case State::kLastLf:
            return expect('\n', State::kDone);
        case State::kContent:
        case State::kDone:
            break;
    }
    return fail(kMisuse);
}

}  // namespace openpcc::http::h1

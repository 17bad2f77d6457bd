// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace openpcc::http::h1 {

// Chunked reads the chunked transfer coding (RFC 9112 section 7.1) in pieces of any size. Pure. It takes plain
// hexadecimal sizes only: no extensions, which nobody needs and which implementations end at different places, and no
// trailers, which would arrive after the content was acted upon.
class Chunked {
  public:
    // Step is how many bytes were taken and which of them, at the end, are content. Content lies inside `in`.
    struct Step {
        std::size_t taken = 0;
        ByteView content;
    };
    // next stops after one piece of content, or at the coding's end, or when `in` is used up.
    Result<Step> next(ByteView in);
    bool done() const { return state_ == State::kDone; }

  private:
    enum class State { kSize, kSizeLf, kContent, kContentCr, kContentLf, kLastCr, kLastLf, kDone };
    Result<void> take(std::uint8_t byte);
    Result<void> take_size(std::uint8_t byte);

    State state_ = State::kSize;
    std::uint64_t left_ = 0;
    int digits_ = 0;
};

}  // namespace openpcc::http::h1

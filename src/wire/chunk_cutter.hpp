// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "wire/errors.hpp"

namespace openpcc::wire {

// ChunkCutter cuts a stream into the sealed chunks that Chunked OHTTP and the seal share:
//   { varint length > 0, chunk }* , varint 0, final chunk up to the end of the carrier
// It checks a length before it keeps anything, holds at most one chunk, and hands out a chunk that lies whole in the
// input without copying it. Lengths in longer forms than needed are legal. After an error it only repeats it.
class ChunkCutter {
  public:
    // max_chunk bounds every sealed chunk, the final one too.
    explicit ChunkCutter(std::size_t max_chunk) : max_chunk_(max_chunk) {}

    // next takes from the front of `in` and gives the next non-final chunk; nullopt when `in` is used up. The view is
    // good until the next call. wire.too_long: a chunk or the final chunk is longer than allowed.
    Result<std::optional<ByteView>> next(ByteView& in);
    // final says that the carrier has ended in order, and gives the final chunk; wire.truncated without one.
    Result<ByteView> final() const;
    bool final_begun() const { return state_ == State::kFinal; }

  private:
    enum class State { kLength, kChunk, kFinal, kDead };
    std::unexpected<Error> die();
    bool take_length(ByteView& in);

    std::size_t max_chunk_;
    State state_ = State::kLength;
    std::array<std::uint8_t, 8> length_bytes_{};
    std::size_t length_have_ = 0;
    std::size_t wanted_ = 0;  // size of the chunk being collected
    Bytes held_;              // the chunk, or the final chunk, so far
};

}  // namespace openpcc::wire

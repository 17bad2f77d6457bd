// SPDX-License-Identifier: Apache-2.0
#include "wire/chunk_cutter.hpp"

#include "wire/reader.hpp"

namespace openpcc::wire {

std::unexpected<Error> ChunkCutter::die() {
    state_ = State::kDead;
    held_.clear();
    return fail(kTooLong);
}

// Collects a length byte by byte; true once it is whole.
bool ChunkCutter::take_length(ByteView& in) {
    while (!in.empty()) {
        length_bytes_[length_have_++] = in.front();
        in = in.subspan(1);
        if (length_have_ == std::size_t{1} << (length_bytes_[0] >> 6)) return true;
    }
    return false;
}

Result<std::optional<ByteView>> ChunkCutter::next(ByteView& in) {
    if (state_ == State::kDead) return fail(kTooLong);
    if (state_ == State::kLength) {
        if (!take_length(in)) return std::nullopt;
        const std::uint64_t length = Reader(ByteView(length_bytes_).first(length_have_)).varint().value();
        if (length > max_chunk_) return die();
        length_have_ = 0;
        held_.clear();
        wanted_ = static_cast<std::size_t>(length);
        state_ = length == 0 ? State::kFinal : State::kChunk;
    }
    if (state_ == State::kFinal) {
        if (in.size() > max_chunk_ - held_.size()) return die();
        held_.append(in);
        in = {};
        return std::nullopt;
    }
    if (held_.empty() && in.size() >= wanted_) {  // whole: no copy
        const ByteView chunk = in.first(wanted_);
        in = in.subspan(wanted_);
        state_ = State::kLength;
        return chunk;
    }
    const ByteView part = in.first(std::min(in.size(), wanted_ - held_.size()));
    held_.append(part);
    in = in.subspan(part.size());
    if (held_.size() < wanted_) return std::nullopt;
    state_ = State::kLength;
    return held_.view();
}

Result<ByteView> ChunkCutter::final() const {
    if (state_ == State::kDead) return fail(kTooLong);
    if (state_ != State::kFinal) return fail(kTruncated);
    return held_.view();
}

}  // namespace openpcc::wire

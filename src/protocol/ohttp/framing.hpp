// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/result.hpp"
#include "crypto/aead.hpp"
#include "protocol/ohttp/chunked.hpp"
#include "wire/chunk_cutter.hpp"

// The framing of chunks, for the four state machines of chunked.hpp.
namespace openpcc::ohttp {

inline constexpr std::size_t kMaxSealedChunk = kMaxChunk + crypto::kTagSize;

enum class Place { kInner, kFinal };

// write_chunk appends a length (zero for the final chunk) and room for the sealed chunk, which `seal` writes. What was
// in `out` before stays untouched when the plaintext may not be sealed there.
template <class Seal>
Result<void> write_chunk(ByteView plaintext, Place place, Bytes& out, Seal seal) {
    if (plaintext.size() > kMaxChunk) return fail(kTooLarge);
    // draft-ietf-ohai-chunked-ohttp-08 section 6.1: a chunk that is not final holds something.
    if (plaintext.empty() && place == Place::kInner) return fail(kEmptyChunk);
    const std::size_t start = out.size();
    const std::size_t size = plaintext.size() + crypto::kTagSize;
    const std::size_t length = place == Place::kFinal ? 0 : size;
    if (length >= 1U << 14) {
        for (const int shift : {24, 16, 8, 0})
            out.push_back(static_cast<std::uint8_t>((length | 0x80000000U) >> shift));
    } else if (length >= 1U << 6) {
        out.push_back(static_cast<std::uint8_t>(length >> 8 | 0x40U));
        out.push_back(static_cast<std::uint8_t>(length));
    } else {
        out.push_back(static_cast<std::uint8_t>(length));
    }
    const std::size_t chunk = out.size();
    out.resize(chunk + size);
    Result<void> sealed = seal(plaintext, out.span().subspan(chunk));
    if (!sealed) out.resize(start);
    return sealed;
}

// ChunkReader opens the chunks of a stream in order. `open` authenticates: open(Place, sealed, out). The plaintext lies
// in one buffer, which is reused for every chunk and wiped after each.
class ChunkReader {
  public:
    template <class Open>
    Result<void> update(ByteView bytes, const Deliver& deliver, Open open) {
        while (true) {
            const auto chunk = cutter_.next(bytes);
            if (!chunk) return fail(kTooLarge);
            if (!*chunk) return {};
            OPENPCC_CHECK(open_one(Place::kInner, **chunk, deliver, open));
        }
    }

    // finish says that the carrier has ended in order.
    template <class Open>
    Result<void> finish(const Deliver& deliver, Open open) {
        const auto last = cutter_.final();
        if (!last) return fail(kTruncated);
        return open_one(Place::kFinal, *last, deliver, open);
    }

  private:
    template <class Open>
    Result<void> open_one(Place place, ByteView sealed, const Deliver& deliver, Open& open) {
        if (sealed.size() < crypto::kTagSize) return fail(kOpenFailed);
        const std::size_t size = sealed.size() - crypto::kTagSize;
        if (buffer_.size() < size) buffer_.resize(size);
        return buffer_.fill([&](ByteSpan buffer) -> Result<void> {
            const ByteSpan out = buffer.first(size);
            if (!open(place, sealed, out)) return fail(kOpenFailed);
            // draft-ietf-ohai-chunked-ohttp-08 section 6.1: to be treated like a failed open.
            if (out.empty()) return place == Place::kFinal ? Result<void>{} : Result<void>(fail(kEmptyChunk));
            Result<void> delivered = deliver(out);
            wipe(out);
            return delivered;
        });
    }

    wire::ChunkCutter cutter_{kMaxSealedChunk};
    Plaintext buffer_;
};

// Progress of an opener: an error is for ever, and after the end nothing may come.
struct Progress {
    std::optional<Error> failed;
    bool complete = false;

    template <class Step>
    Result<void> update(ByteView bytes, Step step) {
        if (failed) return std::unexpected(*failed);
        if (bytes.empty()) return {};
        return keep(complete ? Result<void>(fail(kMalformed, "bytes after the end")) : step());
    }
    template <class Step>
    Result<void> finish(Step step) {
        if (failed) return std::unexpected(*failed);
        if (complete) return {};
        OPENPCC_CHECK(keep(step()));
        complete = true;
        return {};
    }

  private:
    Result<void> keep(Result<void> result) {
        if (!result) failed = result.error();
        return result;
    }
};

// collect moves bytes from the front of `in` to `out` until that has `size`; true when it has.
inline bool collect(ByteView& in, std::size_t size, Bytes& out) {
    const ByteView part = in.first(std::min(in.size(), size - out.size()));
    out.append(part);
    in = in.subspan(part.size());
    return out.size() == size;
}

}  // namespace openpcc::ohttp

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/assert.hpp"
#include "core/text.hpp"
#include "protocol/seal/sealing/sealing.hpp"
#include "seal_fixed.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

// For seal_request and seal_response. An input is a mode byte and the rest:
//   0  the stream itself
//   1  changes to a good stream: it opens if, and only if, they leave its chunks as they were
//   2  plaintexts of chunks, which are sealed with the right keys: what is in them is judged here too, in another way
namespace openpcc::seal {

using Chunks = std::vector<std::pair<Bytes, bool>>;  // bytes, final

inline Bytes unhex(std::string_view text) { return from_hex(text).value(); }

struct Heard final : RecordSink {
    Result<void> data(ByteView bytes) override {
        OPENPCC_ASSERT(!bytes.empty() && ends == 0);
        text.append(bytes);
        return {};
    }
    Result<void> end(ByteView body) override {
        end_body = Bytes(body);
        ++ends;
        return {};
    }
    bool operator==(const Heard& other) const {
        return error == other.error && text == other.text && end_body == other.end_body && ends == other.ends;
    }
    std::string error;  // empty: complete
    Bytes text;
    Bytes end_body;
    int ends = 0;
};

// feed gives the stream to an opener in pieces; what came of it must not depend on them.
template <class Opener>
Heard feed(Opener& opener, ByteView stream, std::size_t piece) {
    Heard heard;
    Result<void> result;
    while (!stream.empty() && result) {
        const ByteView bytes = stream.first(std::min(piece, stream.size()));
        result = opener.update(bytes, heard);
        stream = stream.subspan(bytes.size());
    }
    if (result) result = opener.finish(heard);
    OPENPCC_ASSERT(opener.complete() == result.has_value());
    OPENPCC_ASSERT(!result || heard.ends == 1);
    if (!result) {
        heard.error = result.error().name();
        Heard more;  // dead for good
        OPENPCC_ASSERT(opener.update(Bytes{0}, more).error().name() == heard.error);
        OPENPCC_ASSERT(opener.finish(more).error().name() == heard.error);
        OPENPCC_ASSERT(more.text.empty() && more.ends == 0);
    }
    return heard;
}

inline bool starts(ByteView text, ByteView front) {
    return front.size() <= text.size() && equal(front, text.first(front.size()));
}

inline Bytes join(const Chunks& chunks) {
    wire::Writer out;
    for (const auto& [bytes, final] : chunks) out.varint(final ? 0 : bytes.size()).raw(bytes);
    return std::move(out).take();
}

inline Chunks cut(ByteView stream) {
    Chunks out;
    wire::ChunkCutter cutter(kMaxSealedChunk);
    while (const auto chunk = cutter.next(stream).value()) out.emplace_back(Bytes(*chunk), false);
    out.emplace_back(Bytes(cutter.final().value()), true);
    return out;
}

// Input takes numbers from the front; zero when there is no more.
class Input {
  public:
    explicit Input(ByteView bytes) : bytes_(bytes) {}
    bool done() const { return bytes_.empty(); }
    std::uint8_t byte() {
        if (bytes_.empty()) return 0;
        const std::uint8_t out = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return out;
    }
    ByteView take(std::size_t size) {
        const ByteView out = bytes_.first(std::min(size, bytes_.size()));
        bytes_ = bytes_.subspan(out.size());
        return out;
    }
    ByteView rest() { return take(bytes_.size()); }

  private:
    ByteView bytes_;
};

struct Changed {
    Bytes stream;
    bool same;                // as the good one
    std::size_t same_chunks;  // at the front
};

inline Changed change(const Chunks& good, Input input) {
    constexpr int kMostSteps = 32;
    Chunks chunks = good;
    std::size_t drop = 0;
    std::size_t add = 0;
    for (int step = 0; step < kMostSteps && !input.done() && !chunks.empty(); ++step) {
        const std::uint8_t what = input.byte() % 8;
        const std::size_t at = input.byte() % chunks.size();
        const std::uint8_t how = input.byte();
        Bytes& bytes = chunks[at].first;
        switch (what) {
            case 0:
                std::swap(chunks[at], chunks[how % chunks.size()]);
                break;
            case 1:
                chunks.erase(chunks.begin() + static_cast<std::ptrdiff_t>(at));
                break;
            case 2:
                chunks.insert(chunks.begin() + static_cast<std::ptrdiff_t>(how % chunks.size()), chunks[at]);
                break;
            case 3:
                if (!bytes.empty()) bytes[how % bytes.size()] ^= input.byte();
                break;
            case 4:
                chunks[at].second = !chunks[at].second;
                break;
            case 5:
                bytes.resize(std::min<std::size_t>(how, bytes.size()));
                break;
            case 6:
                drop = how;
                break;
            case 7:
                add = how;
                break;
            default:
                break;
        }
    }
    Changed out{join(chunks), chunks == good && drop == 0 && add == 0, 0};
    while (out.same_chunks < std::min(good.size(), chunks.size()) && chunks[out.same_chunks] == good[out.same_chunks])
        ++out.same_chunks;
    out.stream.resize(out.stream.size() - std::min(drop, out.stream.size()));
    out.stream.append(Bytes(add));
    return out;
}

// plaintexts reads: a byte (bit 0: final; bit 1: sixty-four times as long), a size, the bytes.
inline Chunks plaintexts(Input input) {
    Chunks out;
    while (!input.done() && (out.empty() || !out.back().second)) {
        const std::uint8_t head = input.byte();
        const std::size_t size = input.byte() * std::size_t{(head & 2) != 0 ? 64U : 1U};
        out.emplace_back(Bytes(input.take(size)), (head & 1) != 0);
    }
    return out;
}

inline Bytes seal_all(crypto::Aead aead, const crypto::StreamKeys& keys, const Chunks& plain) {
    crypto::ChunkSealer sealer(aead, keys);
    Chunks out;
    for (const auto& [bytes, final] : plain) {
        Bytes sealed(bytes.size() + crypto::kTagSize);
        OPENPCC_ASSERT(final ? sealer.seal_final(bytes, sealed.span()) : sealer.seal(bytes, sealed.span()));
        out.emplace_back(std::move(sealed), final);
    }
    return join(out);
}

// judge is section 6 once more: what a reader must make of these plaintexts.
inline Heard judge(const Chunks& plain) {
    Heard out;
    const auto bad = [&](const ErrorCode& code) {
        out.error = code.name;
        return out;
    };
    for (const auto& [bytes, final] : plain) {
        if (bytes.size() == 0) return bad({"seal.empty_chunk", Category::kBadInput});
        for (std::size_t at = 0; at < bytes.size();) {
            const auto record_is_bad = [&] { return bad({"seal.bad_record", Category::kBadInput}); };
            if (bytes.size() - at < 4) return record_is_bad();
            const std::size_t size = bytes[at + 1] * 65536U + bytes[at + 2] * 256U + bytes[at + 3];
            if (bytes.size() - at - 4 < size) return record_is_bad();
            const ByteView body = bytes.view().subspan(at + 4, size);
            const std::uint8_t type = bytes[at];
            at += 4 + size;
            if (type > 2 || (type == 1 && size == 0)) return record_is_bad();
            if (type == 0 && std::ranges::count(body, 0) != static_cast<std::ptrdiff_t>(size)) return record_is_bad();
            if (type == 1) out.text.append(body);
            if (type != 2) continue;
            if (!final || at != bytes.size()) return record_is_bad();
            out.end_body = Bytes(body);
            out.ends = 1;
        }
        if (final && out.ends == 0) return bad({"seal.bad_record", Category::kBadInput});
        if (final) return out;
    }
    return bad({"seal.truncated", Category::kBadInput});
}

// Gives out what the vector says was drawn.
class Playback final : public Random {
  public:
    explicit Playback(Bytes bytes) : bytes_(std::move(bytes)) {}
    void fill(ByteSpan out) override {
        std::ranges::copy(bytes_.view().first(out.size()), out.begin());
        bytes_.erase_front(out.size());
    }

  private:
    Bytes bytes_;
};

}  // namespace openpcc::seal

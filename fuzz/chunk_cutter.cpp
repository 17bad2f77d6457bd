// SPDX-License-Identifier: Apache-2.0
// Streams cut into chunks; the first byte is the longest chunk allowed. Every split gives the chunks that a reader of
// the whole stream finds, no chunk is too long, and an error stays.
#include "wire/chunk_cutter.hpp"

#include <string>
#include <vector>

#include "core/assert.hpp"
#include "wire/reader.hpp"

namespace openpcc::wire {
namespace {

struct Outcome {
    std::vector<Bytes> chunks;
    std::string end;  // "final", or the error
    Bytes final;
    bool operator==(const Outcome&) const = default;
};

Outcome cut(ByteView stream, std::size_t most, std::size_t piece) {
    ChunkCutter cutter(most);
    Outcome out;
    while (!stream.empty()) {
        ByteView bytes = stream.first(std::min(piece, stream.size()));
        stream = stream.subspan(bytes.size());
        while (true) {
            const auto chunk = cutter.next(bytes);
            if (!chunk) {
                OPENPCC_ASSERT(!cutter.next(bytes) && !cutter.final());
                out.end = chunk.error().name();
                return out;
            }
            if (!*chunk) break;
            OPENPCC_ASSERT(!(*chunk)->empty() && (*chunk)->size() <= most);
            out.chunks.emplace_back(**chunk);
        }
        OPENPCC_ASSERT(bytes.empty());
    }
    const auto final = cutter.final();
    OPENPCC_ASSERT(final.has_value() == cutter.final_begun());
    out.end = final ? "final" : final.error().name();
    if (final) out.final = Bytes(*final);
    return out;
}

// The same with the whole stream at hand.
Outcome reference(ByteView stream, std::size_t most) {
    Outcome out;
    Reader in(stream);
    while (true) {
        const auto length = in.varint();
        if (length && *length > most) return out.end = kTooLong.name, out;
        if (length && *length == 0 && in.left() > most) return out.end = kTooLong.name, out;
        if (length && *length == 0) return out.end = "final", out.final = Bytes(in.rest()), out;
        const auto chunk = length ? in.take(*length) : Result<ByteView>(fail(kTruncated));
        if (!chunk) return out.end = kTruncated.name, out;
        out.chunks.emplace_back(*chunk);
    }
}

}  // namespace
}  // namespace openpcc::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace openpcc;
    if (size == 0) return 0;
    const ByteView stream = ByteView(data, size).subspan(1);
    const wire::Outcome expected = wire::reference(stream, data[0]);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{64}, size})
        OPENPCC_ASSERT(wire::cut(stream, data[0], piece) == expected);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "crypto/chunked_aead.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "crypto/errors.hpp"

namespace openpcc::crypto {
namespace {

constexpr Aead kAead = Aead::kAes128Gcm;

StreamKeys keys() {
    return {SecretBytes::copy_from(*from_hex("000102030405060708090a0b0c0d0e0f")),
            *array_from_hex<Nonce>("a0a1a2a3a4a5a6a7a8a9aaab")};
}

// Three chunks; the last is final.
std::vector<Bytes> stream() {
    ChunkSealer sealer(kAead, keys());
    std::vector<Bytes> chunks;
    for (const std::string_view text : {"one", "two", "end"}) {
        Bytes chunk(text.size() + kTagSize);
        const auto sealed =
            text == "end" ? sealer.seal_final(as_bytes(text), chunk.span()) : sealer.seal(as_bytes(text), chunk.span());
        EXPECT_TRUE(sealed);
        chunks.push_back(std::move(chunk));
    }
    return chunks;
}

// Opener that gives the text of a chunk, or nothing.
struct Reading {
    ChunkOpener opener{kAead, keys()};
    std::string open(const Bytes& chunk) {
        Bytes out(chunk.size() - kTagSize);
        return opener.open(chunk, out.span()) ? to_string(out) : "";
    }
    std::string open_final(const Bytes& chunk) {
        Bytes out(chunk.size() - kTagSize);
        return opener.open_final(chunk, out.span()) ? to_string(out) : "";
    }
};

TEST(ChunkedAead, NonceIsBaseXorCounter) {
    const auto base = *array_from_hex<Nonce>("a0a1a2a3a4a5a6a7a8a9aaab");
    EXPECT_EQ(nonce_for(base, 0), base);
    EXPECT_EQ(to_hex(nonce_for(base, 1)), "a0a1a2a3a4a5a6a7a8a9aaaa");
    EXPECT_EQ(to_hex(nonce_for(base, 0x0102030405060708)), "a0a1a2a3a5a7a5a3adafada3");
}

TEST(ChunkedAead, OpensInOrder) {
    const auto chunks = stream();
    Reading reading;
    EXPECT_EQ(reading.open(chunks[0]), "one");
    EXPECT_EQ(reading.open(chunks[1]), "two");
    EXPECT_FALSE(reading.opener.complete());
    EXPECT_EQ(reading.open_final(chunks[2]), "end");
    EXPECT_TRUE(reading.opener.complete());
}

TEST(ChunkedAead, ReorderedAndRepeatedChunksKillTheOpener) {
    const auto chunks = stream();
    Reading swapped;
    EXPECT_EQ(swapped.open(chunks[1]), "");
    EXPECT_EQ(swapped.open(chunks[0]), "") << "dead, although this chunk fits";
    Reading repeated;
    EXPECT_EQ(repeated.open(chunks[0]), "one");
    EXPECT_EQ(repeated.open(chunks[0]), "");
    EXPECT_EQ(repeated.open(chunks[1]), "");
    EXPECT_EQ(repeated.open_final(chunks[2]), "");
    EXPECT_FALSE(repeated.opener.complete());
}

TEST(ChunkedAead, TheEndCannotBeMovedOrInvented) {
    const auto chunks = stream();
    Reading promoted;  // a chunk presented as the final one
    EXPECT_EQ(promoted.open(chunks[0]), "one");
    EXPECT_EQ(promoted.open_final(chunks[1]), "");
    EXPECT_FALSE(promoted.opener.complete());
    Reading demoted;  // the final chunk presented as one of many
    EXPECT_EQ(demoted.open(chunks[0]), "one");
    EXPECT_EQ(demoted.open(chunks[1]), "two");
    EXPECT_EQ(demoted.open(chunks[2]), "");
    Reading early;  // the final chunk before its place
    EXPECT_EQ(early.open_final(chunks[2]), "");
    Reading after;  // anything after the end
    after.open(chunks[0]);
    after.open(chunks[1]);
    EXPECT_EQ(after.open_final(chunks[2]), "end");
    EXPECT_EQ(after.open(chunks[0]), "");
    EXPECT_EQ(after.open_final(chunks[2]), "");
    EXPECT_TRUE(after.opener.complete());
}

TEST(ChunkedAead, CutAndShortChunksAreRefused) {
    const auto chunks = stream();
    for (std::size_t size = 0; size < chunks[0].size(); ++size) {
        ChunkOpener opener(kAead, keys());
        Bytes out(size < kTagSize ? 0 : size - kTagSize);
        const auto opened = opener.open(chunks[0].view().first(size), out.span());
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error(), kBadTag);
    }
}

TEST(ChunkedAead, NothingIsSealedAfterTheEnd) {
    ChunkSealer sealer(kAead, keys());
    Bytes out(kTagSize);
    EXPECT_TRUE(sealer.seal_final({}, out.span()));
    Bytes untouched(kTagSize);
    EXPECT_EQ(sealer.seal({}, untouched.span()).error(), kExhausted);
    EXPECT_EQ(sealer.seal_final({}, untouched.span()).error(), kExhausted);
    EXPECT_EQ(untouched, Bytes(kTagSize));
}

TEST(ChunkedAead, MovedHalvesGoOn) {
    ChunkSealer first(kAead, keys());
    Bytes a(3 + kTagSize);
    ASSERT_TRUE(first.seal(as_bytes("one"), a.span()));
    ChunkSealer second = std::move(first);
    Bytes b(3 + kTagSize);
    ASSERT_TRUE(second.seal(as_bytes("two"), b.span()));
    EXPECT_EQ(a, stream()[0]);
    EXPECT_EQ(b, stream()[1]);
}

}  // namespace
}  // namespace openpcc::crypto

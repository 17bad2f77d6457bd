// SPDX-License-Identifier: Apache-2.0
#include "protocol/ohttp/chunked.hpp"

#include <gtest/gtest.h>

#include "crypto/errors.hpp"
#include "crypto/random.hpp"
#include "protocol/ohttp/test_keys.hpp"

namespace openpcc::ohttp {
namespace {

constexpr SymmetricSuite kAes128{hpke::Kdf::kHkdfSha256, hpke::Aead::kAes128Gcm};
constexpr SymmetricSuite kAes256{hpke::Kdf::kHkdfSha256, hpke::Aead::kAes256Gcm};
constexpr SymmetricSuite kChaCha{hpke::Kdf::kHkdfSha256, hpke::Aead::kChaCha20Poly1305};
constexpr SymmetricSuite kSha384{hpke::Kdf::kHkdfSha384, hpke::Aead::kAes256Gcm};
constexpr SymmetricSuite kSha512{hpke::Kdf::kHkdfSha512, hpke::Aead::kAes256Gcm};

// draft-ietf-ohai-chunked-ohttp-08, appendix "Example".
struct Example {
    Bytes sk = unhex("1c190d72acdbe4dbc69e680503bb781a932c70a12c8f3754434c67d8640d8698");
    Bytes config = unhex(
        "010020668eb21aace159803974a4c67f08b4152d29bed10735fd08f98ccdd6fe095708"
        "00080001000100010003");
    Bytes ephemeral = unhex("b26d565f3f875ed480d1abced3d665159650c99174fd0b124ac4bda0c64ae324");
    Bytes request = unhex(
        "010020000100018811eb457e100811c40a0aa71340a1b81d804bb986f736f2f566a7199761a032"
        "1c2ad24942d4d692563012f2980c8fef437a336b9b2fc938ef77a5834f"
        "1d2e33d8fd25577afe31bd1c79d094f76b6250ae6549b473ecd950501311"
        "001c6c1395d0ef7c1022297966307b8a7f");
    Bytes nonce = unhex("bcce7f4cb921309ba5d62edf1769ef09");
    Bytes response = unhex(
        "bcce7f4cb921309ba5d62edf1769ef09"
        "1179bf1cc87fa0e2c02de4546945aa3d1e48"
        "12b348b5bd4c594c16b6170b07b475845d1f32"
        "00ed9d8a796617a5b27265f4d73247f639");
};

TEST(ChunkedOhttp, ExampleOfTheDraft) {
    const Example example;
    OneKey keys(hpke::Kem::kX25519, example.sk, example.config);
    auto sealer = RequestSealer::make_with(keys.config(), kAes128, example.ephemeral);
    ASSERT_TRUE(sealer) << sealer.error().describe();
    Bytes request = sealer->header();
    ASSERT_TRUE(sealer->seal(unhex("00034745540568747470730b"), request));
    ASSERT_TRUE(sealer->seal(unhex("6578616d706c652e636f6d012f"), request));
    auto client = std::move(*sealer).seal_final({}, request);
    ASSERT_TRUE(client);
    EXPECT_EQ(to_hex(request), to_hex(example.request));

    RequestOpener opener(keys);
    EXPECT_EQ(feed(opener, request, {1}), (Heard{"", unhex("00034745540568747470730b6578616d706c652e636f6d012f")}));
    EXPECT_TRUE(opener.complete() && opener.decrypted());
    ASSERT_EQ(keys.admitted.size(), 1U);
    EXPECT_EQ(to_hex(keys.admitted[0]), "8811eb457e100811c40a0aa71340a1b81d804bb986f736f2f566a7199761a032");

    auto answer = opener.respond_with(example.nonce);
    ASSERT_TRUE(answer);
    Bytes response = answer->header();
    ASSERT_TRUE(answer->seal(unhex("01"), response));
    ASSERT_TRUE(answer->seal(unhex("40c8"), response));
    ASSERT_TRUE(answer->seal_final({}, response));
    EXPECT_EQ(to_hex(response), to_hex(example.response));
    EXPECT_EQ(feed(*client, response, {1}), (Heard{"", unhex("0140c8")}));
    EXPECT_TRUE(client->complete());
}

// One exchange with a key and suite: some chunks each way.
struct Exchange {
    Exchange(hpke::Kem kem, SymmetricSuite suite, const std::vector<std::size_t>& sizes = {5, 1, 300})
        : keys(hpke::PrivateKey::generate(kem, random).value(), 7, {suite}) {
        auto sealer = RequestSealer::make(keys.config(), suite, random).value();
        request = sealer.header();
        for (const std::size_t size : sizes) EXPECT_TRUE(sealer.seal(part(size), request));
        client.emplace(std::move(sealer).seal_final(part(3), request).value());
        plaintext = std::exchange(written, {});

        RequestOpener opener(keys);
        EXPECT_EQ(feed(opener, request, {1000}), (Heard{"", plaintext}));
        auto answer = opener.respond(random).value();
        response = answer.header();
        for (const std::size_t size : sizes) EXPECT_TRUE(answer.seal(part(size), response));
        EXPECT_TRUE(answer.seal_final(part(3), response));
        answered = std::exchange(written, {});
    }
    Bytes part(std::size_t size) {
        Bytes out(size);
        for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(written.size() + i);
        written.append(out);
        return out;
    }

    crypto::SystemRandom random;
    Bytes written;
    OneKey keys;
    Bytes request, plaintext, response, answered;
    std::optional<ResponseOpener> client;
};

TEST(ChunkedOhttp, RoundTripOfEverySuite) {
    for (const hpke::Kem kem : {hpke::Kem::kX25519, hpke::Kem::kP256, hpke::Kem::kXWing}) {
        if (!hpke::is_supported(kem)) continue;
        for (const SymmetricSuite& suite : {kAes128, kAes256, kChaCha, kSha384, kSha512}) {
            Exchange exchange(kem, suite);
            EXPECT_EQ(feed(*exchange.client, exchange.response, {7}), (Heard{"", exchange.answered}));
        }
    }
}

TEST(ChunkedOhttp, LongStreamsAndLargestChunks) {
    Exchange many(hpke::Kem::kX25519, kAes256, std::vector<std::size_t>(600, 1));  // past a counter of one byte
    EXPECT_EQ(feed(*many.client, many.response, {100, 1}), (Heard{"", many.answered}));
    Exchange large(hpke::Kem::kX25519, kAes256, {kMaxChunk, kMaxChunk});
    EXPECT_EQ(feed(*large.client, large.response, {5000}), (Heard{"", large.answered}));
}

TEST(ChunkedOhttp, AnySplitGivesTheSame) {
    Exchange exchange(hpke::Kem::kX25519, kAes128, {1, 70});
    for (std::size_t first = 1; first < exchange.request.size(); ++first) {
        for (const std::size_t rest : {1UL, 13UL, 1000UL}) {
            RequestOpener opener(exchange.keys);
            ASSERT_EQ(feed(opener, exchange.request, {first, rest}), (Heard{"", exchange.plaintext})) << first;
        }
    }
}

TEST(ChunkedOhttp, ChunksComeAsSoonAsTheyAreWhole) {
    Exchange exchange(hpke::Kem::kX25519, kAes128, {5});
    RequestOpener opener(exchange.keys);
    std::string heard;
    const Deliver deliver = [&](ByteView bytes) -> Result<void> {
        heard += to_hex(bytes);
        return {};
    };
    const ByteView stream = exchange.request;
    const std::size_t chunk_end = 39 + 1 + 5 + 16;
    ASSERT_TRUE(opener.update(stream.first(chunk_end - 1), deliver));
    EXPECT_EQ(heard, "");
    EXPECT_FALSE(opener.decrypted());
    ASSERT_TRUE(opener.update(stream.subspan(chunk_end - 1, 1), deliver));
    EXPECT_EQ(heard, "0001020304");
    EXPECT_TRUE(opener.decrypted());
    EXPECT_FALSE(opener.complete());
    // The final chunk may still grow until the carrier ends.
    ASSERT_TRUE(opener.update(stream.subspan(chunk_end), deliver));
    EXPECT_EQ(heard, "0001020304");
    ASSERT_TRUE(opener.finish(deliver));
    EXPECT_EQ(heard, "0001020304050607");
    EXPECT_TRUE(opener.complete());
    EXPECT_TRUE(opener.finish(deliver));
    EXPECT_EQ(opener.update(unhex("00"), deliver).error(), kMalformed);
    EXPECT_FALSE(opener.complete());
}

TEST(ChunkedOhttp, SealersRefuseWhatMayNotBeSent) {
    crypto::SystemRandom random;
    OneKey keys(hpke::PrivateKey::generate(hpke::Kem::kX25519, random).value(), 1, {kAes128});
    EXPECT_EQ(RequestSealer::make(keys.config(), kAes256, random).error(), kBadSuite);
    auto sealer = RequestSealer::make(keys.config(), kAes128, random).value();
    Bytes out = unhex("77");
    EXPECT_EQ(sealer.seal({}, out).error(), kEmptyChunk);
    EXPECT_EQ(sealer.seal(Bytes(kMaxChunk + 1), out).error(), kTooLarge);
    EXPECT_EQ(std::move(sealer).seal_final(Bytes(kMaxChunk + 1), out).error(), kTooLarge);
    EXPECT_EQ(to_hex(out), "77");
    auto client = std::move(sealer).seal_final(Bytes(kMaxChunk), out);  // NOLINT: a refusal consumes nothing
    EXPECT_TRUE(client);

    RequestOpener opener(keys);
    EXPECT_EQ(opener.respond(random).error(), kTruncated);
    auto other = RequestSealer::make(keys.config(), kAes128, random).value();
    Bytes request = other.header();
    ASSERT_TRUE(std::move(other).seal_final({}, request));
    EXPECT_EQ(feed(opener, request, {100}), Heard{});
    auto answer = opener.respond(random);
    ASSERT_TRUE(answer);
    EXPECT_EQ(opener.respond(random).error(), core::kInternal);
    Bytes sealed;
    ASSERT_TRUE(answer->seal_final({}, sealed));
    EXPECT_EQ(answer->seal(unhex("00"), sealed).error(), crypto::kExhausted);
    EXPECT_EQ(answer->seal_final({}, sealed).error(), crypto::kExhausted);
    EXPECT_EQ(sealed.size(), 17U);
}

}  // namespace
}  // namespace openpcc::ohttp

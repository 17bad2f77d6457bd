// SPDX-License-Identifier: Apache-2.0
#include "protocol/ohttp/one_shot.hpp"

#include <gtest/gtest.h>

#include "crypto/random.hpp"
#include "protocol/ohttp/test_keys.hpp"

namespace openpcc::ohttp {
namespace {

constexpr SymmetricSuite kAes128{hpke::Kdf::kHkdfSha256, hpke::Aead::kAes128Gcm};

std::string shown(const Plaintext& plaintext) {
    return plaintext.with([](ByteView bytes) { return to_hex(bytes); });
}

// RFC 9458 appendix A.
struct Example {
    Bytes sk = unhex("3c168975674b2fa8e465970b79c8dcf09f1c741626480bd4c6162fc5b6a98e1a");
    Bytes config = unhex(
        "01002031e1f05a740102115220e9af918f738674aec95f54db6e04eb705aae8e798155"
        "00080001000100010003");
    Bytes ephemeral = unhex("bc51d5e930bda26589890ac7032f70ad12e4ecb37abb1b65b1256c9c48999c73");
    std::string request_plain = "00034745540568747470730b6578616d706c652e636f6d012f";
    Bytes request = unhex(
        "010020000100014b28f881333e7c164ffc499ad9796f877f4e1051ee6d31bad19dec96c208b472"
        "6374e469135906992e1268c594d2a10c695d858c40a026e7965e7d86b83dd440b2c0185204b4d63525");
    std::string response_plain = "0140c8";
    Bytes nonce = unhex("c789e7151fcba46158ca84b04464910d");
    Bytes response = unhex("c789e7151fcba46158ca84b04464910d86f9013e404feea014e7be4a441f234f857fbd");
};

TEST(Ohttp, ExampleOfTheRfc) {
    const Example example;
    OneKey keys(hpke::Kem::kX25519, example.sk, example.config);
    auto sealed = seal_request_with(keys.config(), kAes128, unhex(example.request_plain), example.ephemeral);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(to_hex(sealed->message), to_hex(example.request));
    sealed->answer.secret.with([](ByteView secret) { EXPECT_EQ(to_hex(secret), "62d87a6ba569ee81014c2641f52bea36"); });
    const crypto::StreamKeys derived = sealed->answer.keys(example.nonce);
    derived.key.with([](ByteView key) { EXPECT_EQ(to_hex(key), "5d0172a080e428b16d298c4ea0db620d"); });
    EXPECT_EQ(to_hex(derived.base_nonce), "f6bf1aeb88d6df87007fa263");

    auto opened = open_request(keys, example.request);
    ASSERT_TRUE(opened);
    EXPECT_EQ(shown(opened->plaintext), example.request_plain);
    EXPECT_EQ(to_hex(seal_response_with(std::move(opened->answer), unhex(example.response_plain), example.nonce)),
              to_hex(example.response));
    const auto response = open_response(std::move(sealed->answer), example.response);
    ASSERT_TRUE(response);
    EXPECT_EQ(shown(*response), example.response_plain);
}

TEST(Ohttp, EveryCutAndFlippedBitOfARequestIsRefused) {
    const Example example;
    OneKey keys(hpke::Kem::kX25519, example.sk, example.config);
    for (std::size_t size = 0; size < example.request.size(); ++size)
        EXPECT_FALSE(open_request(keys, example.request.view().first(size))) << size;
    for (std::size_t bit = 0; bit < example.request.size() * 8; ++bit) {
        Bytes changed = example.request;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto opened = open_request(keys, changed);
        ASSERT_FALSE(opened) << bit;
        EXPECT_EQ(opened.error().category(), Category::kUnauthenticated) << bit;
    }
    EXPECT_EQ(open_request(keys, concat(example.request, unhex("00"))).error(), kOpenFailed);
}

TEST(Ohttp, EveryCutAndFlippedBitOfAResponseIsRefused) {
    const Example example;
    OneKey keys(hpke::Kem::kX25519, example.sk, example.config);
    const auto answer = [&] {
        return seal_request_with(keys.config(), kAes128, unhex(example.request_plain), example.ephemeral)
            ->answer.secret.clone();
    };
    const Bytes enc(example.request.view().subspan(7, 32));
    const auto open = [&](ByteView message) {
        return open_response({.suite = kAes128, .enc = enc, .secret = answer()}, message);
    };
    ASSERT_TRUE(open(example.response));
    for (std::size_t size = 0; size < example.response.size(); ++size)
        EXPECT_FALSE(open(example.response.view().first(size))) << size;
    for (std::size_t bit = 0; bit < example.response.size() * 8; ++bit) {
        Bytes changed = example.response;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_EQ(open(changed).error(), kOpenFailed) << bit;
    }
}

// The labels differ: one key serves both forms, and neither opens the other's messages.
TEST(Ohttp, TheFormsDoNotOpenEachOther) {
    crypto::SystemRandom random;
    OneKey keys(hpke::PrivateKey::generate(hpke::Kem::kX25519, random).value(), 1, {kAes128});
    const auto whole = seal_request(keys.config(), kAes128, as_bytes("hello"), random).value();
    Bytes as_chunked(whole.message.view().first(39));
    as_chunked.push_back(0);
    as_chunked.append(whole.message.view().subspan(39));
    RequestOpener opener(keys);
    EXPECT_EQ(feed(opener, as_chunked, {1000}).error, "ohttp.open_failed");

    auto sealer = RequestSealer::make(keys.config(), kAes128, random).value();
    Bytes chunks;
    const Bytes header = sealer.header();
    ASSERT_TRUE(sealer.seal(as_bytes("hello"), chunks));
    EXPECT_EQ(open_request(keys, concat(header, chunks.view().subspan(1))).error(), kOpenFailed);
}

TEST(Ohttp, RoundTripOfEverySuite) {
    crypto::SystemRandom random;
    for (const hpke::Kem kem : {hpke::Kem::kX25519, hpke::Kem::kP256, hpke::Kem::kXWing}) {
        if (!hpke::is_supported(kem)) continue;
        for (const auto kdf : {hpke::Kdf::kHkdfSha256, hpke::Kdf::kHkdfSha384, hpke::Kdf::kHkdfSha512}) {
            for (const auto aead : {hpke::Aead::kAes128Gcm, hpke::Aead::kAes256Gcm, hpke::Aead::kChaCha20Poly1305}) {
                OneKey keys(hpke::PrivateKey::generate(kem, random).value(), 9, {{kdf, aead}});
                auto sealed = seal_request(keys.config(), {kdf, aead}, as_bytes("question"), random).value();
                auto opened = open_request(keys, sealed.message);
                ASSERT_TRUE(opened);
                EXPECT_EQ(shown(opened->plaintext), to_hex(as_bytes("question")));
                const Bytes answer = seal_response(std::move(opened->answer), as_bytes("answer"), random);
                const auto response = open_response(std::move(sealed.answer), answer);
                ASSERT_TRUE(response);
                EXPECT_EQ(shown(*response), to_hex(as_bytes("answer")));
            }
        }
    }
}

}  // namespace
}  // namespace openpcc::ohttp

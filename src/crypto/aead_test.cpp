// SPDX-License-Identifier: Apache-2.0
#include "crypto/aead.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "core/text.hpp"
#include "crypto/errors.hpp"

namespace openpcc::crypto {
namespace {

// Nonces and digests of the same size are different types, and a key is neither bytes nor copied.
static_assert(!std::is_convertible_v<ByteArray<12>, Nonce>);
static_assert(!std::is_convertible_v<Nonce, ByteArray<12, struct OtherTag>>);
static_assert(!std::is_copy_constructible_v<AeadKey> && std::is_nothrow_move_constructible_v<AeadKey>);
static_assert(!std::is_constructible_v<AeadKey, Aead, AeadKey::Use, std::string_view>);

constexpr Aead kAll[] = {Aead::kAes128Gcm, Aead::kAes256Gcm, Aead::kChaCha20Poly1305};

Bytes counted(std::size_t size) {
    Bytes out(size);
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<std::uint8_t>(i * 7 + 1);
    return out;
}

Bytes sealed_with(AeadKey& key, const Nonce& nonce, ByteView aad, ByteView plaintext) {
    Bytes out(plaintext.size() + kTagSize);
    key.seal(nonce, aad, plaintext, out.span());
    return out;
}

TEST(Aead, CodePoints) {
    for (const Aead aead : kAll) EXPECT_TRUE(is_supported(aead));
    EXPECT_FALSE(is_supported(static_cast<Aead>(0)));
    EXPECT_FALSE(is_supported(static_cast<Aead>(4)));
    EXPECT_FALSE(is_supported(static_cast<Aead>(0xffff)));
    EXPECT_EQ(key_size(Aead::kAes128Gcm), 16U);
    EXPECT_EQ(key_size(Aead::kAes256Gcm), 32U);
    EXPECT_EQ(key_size(Aead::kChaCha20Poly1305), 32U);
}

// RFC 8439 section 2.8.2.
TEST(Aead, Rfc8439) {
    const Bytes key = *from_hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    const auto nonce = *array_from_hex<Nonce>("070000004041424344454647");
    AeadKey sealer(Aead::kChaCha20Poly1305, AeadKey::Use::kSeal, key);
    const Bytes out = sealed_with(sealer, nonce, *from_hex("50515253c0c1c2c3c4c5c6c7"),
                                  as_bytes("Ladies and Gentlemen of the class of '99: If I could offer you only one "
                                           "tip for the future, sunscreen would be it."));
    EXPECT_EQ(to_hex(out.view().last(kTagSize)), "1ae10b594f09e26a7e902ecbd0600691");
    EXPECT_EQ(to_hex(out.view().first(16)), "d31a8d34648e60db7b86afbc53ef7ec2");
}

TEST(Aead, SealsAndOpensEverySizeInPlaceAndMoved) {
    for (const Aead aead : kAll) {
        AeadKey first(aead, AeadKey::Use::kSeal, counted(key_size(aead)));
        AeadKey opener(aead, AeadKey::Use::kOpen, counted(key_size(aead)));
        AeadKey sealer = std::move(first);
        Nonce nonce;
        for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 63U, 64U, 65U, 1000U, 16384U}) {
            nonce.bytes[11]++;
            const Bytes plaintext = counted(size);
            Bytes sealed = sealed_with(sealer, nonce, as_bytes("aad"), plaintext);
            Bytes in_place = plaintext;
            in_place.resize(size + kTagSize);
            sealer.seal(nonce, as_bytes("aad"), in_place.view().first(size), in_place.span());
            EXPECT_EQ(in_place, sealed);
            ASSERT_TRUE(opener.open(nonce, as_bytes("aad"), sealed, sealed.span().first(size)));
            EXPECT_TRUE(equal(sealed.view().first(size), plaintext));
        }
    }
}

TEST(Aead, RefusesAndWipes) {
    for (const Aead aead : kAll) {
        AeadKey sealer(aead, AeadKey::Use::kSeal, counted(key_size(aead)));
        AeadKey opener(aead, AeadKey::Use::kOpen, counted(key_size(aead)));
        const Bytes good = sealed_with(sealer, Nonce{}, as_bytes("aad"), counted(40));
        const auto refused = [&](ByteView aad, const Bytes& ciphertext, const Nonce& nonce) {
            Bytes out = counted(ciphertext.size() < kTagSize ? 5 : ciphertext.size() - kTagSize);
            const auto result = opener.open(nonce, aad, ciphertext, out.span());
            EXPECT_EQ(ERR_peek_error(), 0U);
            return !result && result.error() == kBadTag &&
                   std::ranges::all_of(out, [](auto byte) { return byte == 0; });
        };
        for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
            Bytes bad = good;
            bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
            EXPECT_TRUE(refused(as_bytes("aad"), bad, {}));
        }
        for (std::size_t size = 0; size < good.size(); ++size)
            EXPECT_TRUE(refused(as_bytes("aad"), Bytes(good.view().first(size)), {}));
        EXPECT_TRUE(refused(as_bytes("aae"), good, {}));
        EXPECT_TRUE(refused(as_bytes("aad"), good, *array_from_hex<Nonce>("000000000000000000000001")));
        // The key is still good afterwards.
        Bytes out(40);
        EXPECT_TRUE(opener.open({}, as_bytes("aad"), good, out.span()));
        EXPECT_EQ(out, counted(40));
    }
}

TEST(Aead, MisuseEndsTheProcess) {
    EXPECT_DEATH(AeadKey(Aead::kAes128Gcm, AeadKey::Use::kSeal, counted(32)), "");
    AeadKey opener(Aead::kAes128Gcm, AeadKey::Use::kOpen, counted(16));
    Bytes out(16);
    EXPECT_DEATH(opener.seal({}, {}, {}, out.span()), "");
    AeadKey moved = std::move(opener);
    EXPECT_DEATH((void)opener.open({}, {}, out, {}), "");  // NOLINT: used after the move on purpose
    EXPECT_DEATH((void)moved.open({}, {}, out, out.span()), "");
}

}  // namespace
}  // namespace openpcc::crypto

// SPDX-License-Identifier: Apache-2.0
#include "crypto/signature.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <thread>

#include "core/text.hpp"
#include "crypto/errors.hpp"

namespace openpcc::crypto {
namespace {

static_assert(!std::is_copy_constructible_v<SigningKey> && std::is_nothrow_move_constructible_v<SigningKey>);
static_assert(!std::is_convertible_v<SigningKey, VerifyingKey> && !std::is_constructible_v<VerifyingKey, ByteView>);

Bytes hex(std::string_view digits) { return *from_hex(digits); }

SigningKey rsa_key(unsigned bits) {
    EVP_PKEY* key = EVP_RSA_gen(bits);
    BIO* bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio, &text);
    auto parsed = SigningKey::parse_pem(as_bytes({text, static_cast<std::size_t>(size)}));
    BIO_free(bio);
    EVP_PKEY_free(key);
    return std::move(*parsed);
}

// RFC 8032 section 7.1, test 3.
TEST(Signature, Ed25519Rfc8032) {
    const auto key =
        VerifyingKey::parse_ed25519(hex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"));
    const Bytes signature =
        hex("6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
    ASSERT_TRUE(key);
    EXPECT_TRUE(key->verify(Scheme::kEd25519, hex("af82"), signature));
    EXPECT_EQ(key->verify(Scheme::kEd25519, hex("af83"), signature).error(), kBadSignature);
    EXPECT_EQ(to_hex(*key->raw()), "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
}

struct Pair {
    SigningKey key;
    std::vector<Scheme> schemes;
    std::size_t size;  // of a signature, 0 when it varies
};
std::vector<Pair> pairs() {
    std::vector<Pair> all;
    all.push_back({SigningKey::generate_ed25519(), {Scheme::kEd25519}, 64});
    all.push_back({SigningKey::generate_p256(), {Scheme::kEcdsaP256Sha256}, 64});
    all.push_back({SigningKey::generate_p384(), {Scheme::kEcdsaP384Sha384}, 96});
    all.push_back({SigningKey::generate_p256(), {Scheme::kEcdsaP256Sha256Der}, 0});
    all.push_back({SigningKey::generate_p384(), {Scheme::kEcdsaP384Sha384Der}, 0});
    all.push_back({rsa_key(2048), {Scheme::kRsaPssSha256, Scheme::kRsaPssSha384, Scheme::kRsaPkcs1Sha256}, 256});
    all.push_back({SigningKey::generate_rsa(3072), {Scheme::kRsaPssSha256, Scheme::kRsaPssSha384}, 384});
    return all;
}

// One key has one encoding: no other length, tag, algorithm or sign is read.
TEST(Signature, RsaKeysHaveOneEncoding) {
    const Bytes spki = SigningKey::generate_rsa(2048).verifying_key().spki();
    ASSERT_TRUE(VerifyingKey::parse_spki(spki));
    constexpr std::size_t kModulus = 32;  // what stands before it: tags, lengths, the algorithm
    for (std::size_t i = 0; i < kModulus; ++i) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            Bytes bad = spki;
            bad[i] ^= static_cast<std::uint8_t>(1U << bit);
            EXPECT_FALSE(VerifyingKey::parse_spki(bad)) << i << " " << bit;
        }
    }
    for (std::size_t size = 0; size < spki.size(); ++size)
        EXPECT_FALSE(VerifyingKey::parse_spki(spki.view().first(size))) << size;
    EXPECT_FALSE(VerifyingKey::parse_spki(concat(spki, Bytes{0})));
    // The exponent 65537 with a superfluous zero, every length around it adjusted: 30 82 len .. 03 82 len 00 30 82 len.
    Bytes longer(spki.view().first(spki.size() - 5));
    longer.append(Bytes{0x02, 0x04, 0x00, 0x01, 0x00, 0x01});
    for (const std::size_t at : {3U, 22U, 27U}) ++longer[at];
    EXPECT_FALSE(VerifyingKey::parse_spki(longer));
}

TEST(Signature, EverySchemeVerifiesWhatItSigned) {
    for (const Pair& pair : pairs()) {
        const VerifyingKey key = pair.key.verifying_key();
        for (const Scheme scheme : pair.schemes) {
            const Bytes signature = *pair.key.sign(scheme, as_bytes("message"));
            if (pair.size != 0) {
                EXPECT_EQ(signature.size(), pair.size);
            }
            EXPECT_TRUE(key.verify(scheme, as_bytes("message"), signature));
            EXPECT_FALSE(key.verify(scheme, as_bytes("massage"), signature));
            for (std::size_t i = 0; i < signature.size(); i += 5) {
                Bytes bad = signature;
                bad[i] ^= 0x10;
                EXPECT_EQ(key.verify(scheme, as_bytes("message"), bad).error(), kBadSignature);
            }
            EXPECT_FALSE(key.verify(scheme, as_bytes("message"), signature.view().first(signature.size() - 1)));
            EXPECT_FALSE(key.verify(scheme, as_bytes("message"), concat(signature, Bytes{0})));
            EXPECT_EQ(key.verify(scheme, as_bytes("message"), {}).error(), kBadSignature);
        }
        EXPECT_EQ(ERR_peek_error(), 0U);
    }
}

TEST(Signature, ASchemeOfAnotherKeyIsABadKey) {
    for (const Pair& pair : pairs()) {
        const VerifyingKey key = pair.key.verifying_key();
        for (int i = 0; i < 8; ++i) {
            const auto scheme = static_cast<Scheme>(i);
            const auto verified = key.verify(scheme, {}, Bytes(64));
            ASSERT_FALSE(verified);
            const bool own_type = pair.key.sign(scheme, {}).has_value();
            EXPECT_EQ(verified.error(), own_type ? kBadSignature : kBadKey);
        }
        for (const Scheme scheme : pair.schemes) EXPECT_TRUE(pair.key.sign(scheme, {}));
    }
}

TEST(Signature, PublicKeysHaveOneEncoding) {
    for (const Pair& pair : pairs()) {
        const Bytes spki = pair.key.verifying_key().spki();
        const auto again = VerifyingKey::parse_spki(spki);
        ASSERT_TRUE(again);
        EXPECT_EQ(again->spki(), spki);
        EXPECT_FALSE(VerifyingKey::parse_spki(concat(spki, Bytes{0})));
        EXPECT_FALSE(VerifyingKey::parse_spki(spki.view().first(spki.size() - 1)));
        EXPECT_EQ(ERR_peek_error(), 0U);
    }
    EXPECT_FALSE(VerifyingKey::parse_spki({}));
    EXPECT_FALSE(VerifyingKey::parse_ed25519(Bytes(31)));
    // A compressed point is a valid SubjectPublicKeyInfo, but not ours.
    const Bytes point = *SigningKey::generate_p256().verifying_key().raw();
    Bytes compressed = hex("3039301306072a8648ce3d020106082a8648ce3d030107032200");
    compressed.push_back(static_cast<std::uint8_t>(0x02 | (point[63] & 1)));
    compressed.append(point.view().first(32));
    EXPECT_EQ(VerifyingKey::parse_spki(compressed).error(), kBadKey);
}

TEST(Signature, P256PointsAreChecked) {
    const Bytes point = *SigningKey::generate_p256().verifying_key().raw();
    const auto short_form = VerifyingKey::parse_p256(point);
    const auto long_form = VerifyingKey::parse_p256(concat(Bytes{0x04}, point));
    ASSERT_TRUE(short_form && long_form);
    EXPECT_EQ(short_form->spki(), long_form->spki());
    EXPECT_EQ(*short_form->raw(), point);
    Bytes off = point;
    off[40] ^= 1;
    EXPECT_EQ(VerifyingKey::parse_p256(off).error(), kBadKey);
    EXPECT_FALSE(VerifyingKey::parse_p256(concat(Bytes{0x03}, point)));
    EXPECT_FALSE(VerifyingKey::parse_p256(Bytes(64)));
    EXPECT_FALSE(VerifyingKey::parse_p256({}));
}

TEST(Signature, WeakRsaIsRefused) {
    EVP_PKEY* key = EVP_RSA_gen(1024);
    std::uint8_t* der = nullptr;
    const int size = i2d_PUBKEY(key, &der);
    EXPECT_EQ(VerifyingKey::parse_spki(ByteView(der, static_cast<std::size_t>(size))).error(), kBadKey);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

TEST(Signature, PemKeepsTheKey) {
    for (const Pair& pair : pairs()) {
        const SecretBytes pem = pair.key.to_pem();
        auto again = pem.with([](ByteView view) { return SigningKey::parse_pem(view); });
        ASSERT_TRUE(again);
        const SigningKey moved = std::move(*again);
        EXPECT_EQ(moved.verifying_key().spki(), pair.key.verifying_key().spki());
        pem.with([](ByteView view) {
            EXPECT_TRUE(SigningKey::parse_pem(concat(view, Bytes{'\n'})));
            EXPECT_FALSE(SigningKey::parse_pem(concat(view, view)));
            EXPECT_FALSE(SigningKey::parse_pem(view.first(view.size() / 2)));
        });
    }
    EXPECT_FALSE(SigningKey::parse_pem({}));
    EXPECT_FALSE(SigningKey::parse_pem(as_bytes("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")));
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Signature, ThreadsShareAVerifyingKey) {
    const SigningKey signer = SigningKey::generate_p256();
    const VerifyingKey key = signer.verifying_key();
    const Bytes signature = *signer.sign(Scheme::kEcdsaP256Sha256, as_bytes("m"));
    std::atomic<int> bad = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&, copy = key] {
            for (int i = 0; i < 50; ++i) bad += copy.verify(Scheme::kEcdsaP256Sha256, as_bytes("m"), signature) ? 0 : 1;
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(bad, 0);
}

}  // namespace
}  // namespace openpcc::crypto

// SPDX-License-Identifier: Apache-2.0
#include "crypto/hpke/hpke.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "core/text.hpp"
#include "crypto/errors.hpp"
#include "crypto/hpke/dh.hpp"
#include "crypto/kdf.hpp"
#include "crypto/random.hpp"
#include "crypto/signature.hpp"

namespace openpcc::hpke {
namespace {

// Keys of different roles do not mix, secrets are neither copied nor compared, and a private key is no public one.
static_assert(!std::is_copy_constructible_v<PrivateKey> && std::is_nothrow_move_constructible_v<PrivateKey>);
static_assert(!std::is_copy_constructible_v<SenderContext> && !std::is_copy_constructible_v<ReceiverContext>);
static_assert(!std::is_convertible_v<PrivateKey, PublicKey> && !std::is_convertible_v<PublicKey, PrivateKey>);
static_assert(!std::is_convertible_v<PublicKey, crypto::VerifyingKey>);
static_assert(!std::is_convertible_v<crypto::SigningKey, PrivateKey>);
static_assert(!std::is_constructible_v<PublicKey, ByteView> && !std::is_constructible_v<PrivateKey, ByteView>);
static_assert(!std::is_convertible_v<SenderContext, ReceiverContext>);

Bytes hex(std::string_view digits) { return *from_hex(digits); }
std::string shown(const SecretBytes& secret) {
    return secret.with([](ByteView view) { return to_hex(view); });
}

struct Vector {
    Suite suite;
    std::string_view ikm_e, ikm_r, sk_e, sk_r, pk_r, enc, ct_0, ct_1, exported_empty, exported_00;
};
constexpr std::string_view kInfo = "4f6465206f6e2061204772656369616e2055726e";
constexpr std::string_view kText = "4265617574792069732074727574682c20747275746820626561757479";
// RFC 9180 appendix A.1.1 and A.3.1.
constexpr Vector kVectors[] = {
    {{Kem::kX25519, Kdf::kHkdfSha256, Aead::kAes128Gcm},
     "7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234",
     "6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037",
     "52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736",
     "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8",
     "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
     "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431",
     "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a",
     "af2d7e9ac9ae7e270f46ba1f975be53c09f8d875bdc8535458c2494e8a6eab251c03d0c22a56b8ca42c2063b84",
     "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee",
     "2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5"},
    {{Kem::kP256, Kdf::kHkdfSha256, Aead::kAes128Gcm},
     "4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e",
     "668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550",
     "4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb",
     "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
     "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82"
     "6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0",
     "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
     "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
     "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434",
     "fa6f037b47fc21826b610172ca9637e82d6e5801eb31cbd3748271affd4ecb06646e0329cbdf3c3cd655b28e82",
     "5e9bc3d236e1911d95e65b576a8a86d478fb827e8bdfe77b741b289890490d4d",
     "6cff87658931bda83dc857e6353efe4987a201b849658d9b047aab4cf216e796"},
};

// What X-Wing adds runs only with OpenSSL 3.5.
std::vector<Kem> kems() {
    std::vector<Kem> all{Kem::kX25519, Kem::kP256};
    if (have_ml_kem()) all.push_back(Kem::kXWing);
    return all;
}

TEST(Hpke, Rfc9180BaseMode) {
    for (const Vector& v : kVectors) {
        const PrivateKey own = *PrivateKey::parse(v.suite.kem, hex(v.sk_r));
        EXPECT_EQ(to_hex(own.public_key().bytes()), v.pk_r);
        EXPECT_EQ(to_hex(PrivateKey::derive(v.suite.kem, hex(v.ikm_r))->public_key().bytes()), v.pk_r);
        EXPECT_EQ(to_hex(PrivateKey::derive(v.suite.kem, hex(v.ikm_e))->public_key().bytes()), v.enc);
        auto sender = setup_sender_with(v.suite, *PublicKey::parse(v.suite.kem, hex(v.pk_r)), hex(kInfo), hex(v.sk_e));
        ASSERT_TRUE(sender);
        EXPECT_EQ(to_hex(sender->enc), v.enc);
        auto receiver = setup_receiver(v.suite, own, sender->enc, hex(kInfo));
        ASSERT_TRUE(receiver);
        EXPECT_EQ(to_hex(*sender->context.seal(as_bytes("Count-0"), hex(kText))), v.ct_0);
        SenderContext moved = std::move(sender->context);
        EXPECT_EQ(to_hex(*moved.seal(as_bytes("Count-1"), hex(kText))), v.ct_1);
        EXPECT_EQ(shown(*receiver->open(as_bytes("Count-0"), hex(v.ct_0))), kText);
        ReceiverContext moved_receiver = std::move(*receiver);
        EXPECT_EQ(shown(*moved_receiver.open(as_bytes("Count-1"), hex(v.ct_1))), kText);
        EXPECT_EQ(shown(moved.export_secret({}, 32)), v.exported_empty);
        EXPECT_EQ(shown(moved_receiver.export_secret(hex("00"), 32)), v.exported_00);
    }
}

TEST(Hpke, EverySuiteOpensWhatItSeals) {
    crypto::SystemRandom random;
    for (const Kem kem : kems())
        for (const Kdf kdf : {Kdf::kHkdfSha256, Kdf::kHkdfSha384, Kdf::kHkdfSha512})
            for (const Aead aead : {Aead::kAes128Gcm, Aead::kAes256Gcm, Aead::kChaCha20Poly1305}) {
                const Suite suite{kem, kdf, aead};
                PrivateKey made = *PrivateKey::generate(kem, random);
                const PrivateKey own = std::move(made);
                auto sender = *setup_sender(suite, own.public_key(), as_bytes("info"), random);
                EXPECT_EQ(sender.enc.size(), enc_size(kem));
                auto receiver = *setup_receiver(suite, own, sender.enc, as_bytes("info"));
                EXPECT_EQ(shown(*receiver.open(as_bytes("a"), *sender.context.seal(as_bytes("a"), as_bytes("b")))),
                          "62");
                EXPECT_TRUE(
                    sender.context.export_secret(as_bytes("c"), 7).ct_equal(receiver.export_secret(as_bytes("c"), 7)));
                auto other_info = *setup_receiver(suite, own, sender.enc, as_bytes("ofni"));
                EXPECT_FALSE(other_info.open({}, *sender.context.seal({}, {})));
            }
}

TEST(Hpke, AWrongTagDoesNotAdvanceTheSequence) {
    crypto::SystemRandom random;
    const Suite suite;
    const PrivateKey own = *PrivateKey::generate(suite.kem, random);
    auto sender = *setup_sender(suite, own.public_key(), {}, random);
    auto receiver = *setup_receiver(suite, own, sender.enc, {});
    const Bytes first = *sender.context.seal({}, as_bytes("first"));
    const Bytes second = *sender.context.seal({}, as_bytes("second"));
    Bytes broken = first;
    broken[0] ^= 1;
    EXPECT_EQ(receiver.open({}, broken).error(), crypto::kBadTag);
    EXPECT_EQ(receiver.open({}, second).error(), crypto::kBadTag) << "not its turn";
    EXPECT_EQ(receiver.open({}, first.view().first(3)).error(), crypto::kBadTag);
    EXPECT_TRUE(receiver.open({}, first));
    EXPECT_EQ(receiver.open({}, first).error(), crypto::kBadTag) << "a repetition";
    EXPECT_TRUE(receiver.open({}, second));
}

TEST(Hpke, KeysMadeBeforehandAreUsedUp) {
    crypto::SystemRandom random;
    const PrivateKey own = *PrivateKey::generate(Kem::kX25519, random);
    PrivateKey ephemeral = *PrivateKey::generate(Kem::kX25519, random);
    const Bytes expected(ephemeral.public_key().bytes());
    auto sender = setup_sender_with(Suite{}, own.public_key(), {}, std::move(ephemeral));
    ASSERT_TRUE(sender);
    EXPECT_EQ(sender->enc, expected);
    EXPECT_EQ(setup_sender_with(Suite{}, own.public_key(), {}, *PrivateKey::generate(Kem::kP256, random)).error(),
              crypto::kUnsupported);
}

TEST(Hpke, RefusesBadPublicKeys) {
    const Bytes good = hex(kVectors[1].pk_r);
    EXPECT_TRUE(PublicKey::parse(Kem::kP256, good));
    for (std::size_t bit = 8; bit < good.size() * 8; bit += 7) {
        Bytes off_curve = good;
        off_curve[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_EQ(PublicKey::parse(Kem::kP256, off_curve).error(), crypto::kBadKey);
    }
    Bytes compressed(good.view().first(33));
    compressed[0] = 0x02;
    EXPECT_EQ(PublicKey::parse(Kem::kP256, compressed).error(), crypto::kBadKey);
    Bytes hybrid = good;
    hybrid[0] = 0x06 | (good[64] & 1);
    EXPECT_EQ(PublicKey::parse(Kem::kP256, hybrid).error(), crypto::kBadKey);
    EXPECT_EQ(PublicKey::parse(Kem::kP256, Bytes{0x00}).error(), crypto::kBadKey) << "infinity";
    EXPECT_EQ(PublicKey::parse(Kem::kP256, Bytes(65)).error(), crypto::kBadKey);
    EXPECT_EQ(PublicKey::parse(Kem::kX25519, Bytes(31)).error(), crypto::kBadKey);
    EXPECT_EQ(PublicKey::parse(static_cast<Kem>(0x0012), Bytes(133)).error(), crypto::kUnsupported);
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Hpke, RefusesBadPrivateKeys) {
    for (const std::string_view scalar : {"0000000000000000000000000000000000000000000000000000000000000000",
                                          "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
                                          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "01"})
        EXPECT_EQ(PrivateKey::parse(Kem::kP256, hex(scalar)).error(), crypto::kBadKey);
    EXPECT_TRUE(PrivateKey::parse(Kem::kP256, hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550")));
    EXPECT_EQ(PrivateKey::parse(Kem::kX25519, Bytes(33)).error(), crypto::kBadKey);
    EXPECT_EQ(PrivateKey::parse(static_cast<Kem>(0x0021), Bytes(56)).error(), crypto::kUnsupported);
}

TEST(Hpke, RefusesBadEncapsulations) {
    crypto::SystemRandom random;
    for (const Kem kem : kems()) {
        const Suite suite{kem, Kdf::kHkdfSha256, Aead::kAes256Gcm};
        const PrivateKey own = *PrivateKey::generate(kem, random);
        for (const std::size_t size : {std::size_t{0}, enc_size(kem) - 1, enc_size(kem) + 1})
            EXPECT_EQ(setup_receiver(suite, own, Bytes(size), {}).error(), crypto::kBadKey);
    }
    // Points of small order give the all-zero secret (RFC 9180 section 7.1.4), on both sides.
    const PrivateKey own = *PrivateKey::generate(Kem::kX25519, random);
    for (const std::string_view point : {"0000000000000000000000000000000000000000000000000000000000000000",
                                         "0100000000000000000000000000000000000000000000000000000000000000",
                                         "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                                         "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
        EXPECT_EQ(setup_receiver(Suite{}, own, hex(point), {}).error(), crypto::kBadKey);
        EXPECT_EQ(setup_sender(Suite{}, *PublicKey::parse(Kem::kX25519, hex(point)), {}, random).error(),
                  crypto::kBadKey);
    }
    EXPECT_EQ(setup_receiver({Kem::kP256}, *PrivateKey::generate(Kem::kP256, random), Bytes(65), {}).error(),
              crypto::kBadKey);
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Hpke, SuitesMustFitTheKey) {
    crypto::SystemRandom random;
    const PrivateKey own = *PrivateKey::generate(Kem::kX25519, random);
    for (const Suite& suite : {Suite{Kem::kP256}, Suite{Kem::kX25519, static_cast<Kdf>(0x0010)},
                               Suite{Kem::kX25519, Kdf::kHkdfSha256, static_cast<Aead>(0xffff)}}) {
        EXPECT_EQ(setup_sender(suite, own.public_key(), {}, random).error(), crypto::kUnsupported);
        EXPECT_EQ(setup_sender_with(suite, own.public_key(), {}, Bytes(32)).error(), crypto::kUnsupported);
        EXPECT_EQ(setup_receiver(suite, own, Bytes(32), {}).error(), crypto::kUnsupported);
    }
}

TEST(Hpke, XWingNeedsMlKem) {
    crypto::SystemRandom random;
    EXPECT_EQ(is_supported(Kem::kXWing), have_ml_kem());
    EXPECT_EQ(public_key_size(Kem::kXWing), 1216U);
    EXPECT_EQ(enc_size(Kem::kXWing), 1120U);
    EXPECT_EQ(public_key_size(static_cast<Kem>(0x0041)), 0U);
    if (!have_ml_kem()) {
        EXPECT_EQ(PrivateKey::generate(Kem::kXWing, random).error(), crypto::kUnsupported);
        EXPECT_EQ(PrivateKey::parse(Kem::kXWing, Bytes(32)).error(), crypto::kUnsupported);
        EXPECT_EQ(PrivateKey::derive(Kem::kXWing, Bytes(32)).error(), crypto::kUnsupported);
        // A key that others use can be read and named, and is of no use here.
        EXPECT_EQ(PublicKey::parse(Kem::kXWing, Bytes(1215)).error(), crypto::kBadKey);
        const auto known = PublicKey::parse(Kem::kXWing, Bytes(1216));
        ASSERT_TRUE(known);
        const Suite suite{Kem::kXWing, Kdf::kHkdfSha256, Aead::kAes256Gcm};
        EXPECT_EQ(setup_sender(suite, *known, {}, random).error(), crypto::kUnsupported);
        return;
    }
    const PrivateKey own = *PrivateKey::generate(Kem::kXWing, random);
    Bytes unreduced(own.public_key().bytes());
    unreduced[0] = 0xff;  // first coefficient 4095
    unreduced[1] |= 0x0f;
    EXPECT_EQ(PublicKey::parse(Kem::kXWing, unreduced).error(), crypto::kBadKey);
    const Suite suite{Kem::kXWing};
    EXPECT_EQ(setup_sender_with(suite, own.public_key(), {}, Bytes(63)).error(), crypto::kBadKey);
    EXPECT_EQ(setup_sender_with(suite, own.public_key(), {}, *PrivateKey::generate(Kem::kXWing, random)).error(),
              crypto::kUnsupported);
    // Implicit rejection: a changed ML-KEM half gives another secret, and the tag fails.
    auto sender = *setup_sender(suite, own.public_key(), {}, random);
    const Bytes sealed = *sender.context.seal({}, as_bytes("x"));
    sender.enc[5] ^= 1;
    auto receiver = setup_receiver(suite, own, sender.enc, {});
    ASSERT_TRUE(receiver);
    EXPECT_EQ(receiver->open({}, sealed).error(), crypto::kBadTag);
}

// RFC 7748 section 6.1.
TEST(Dh, X25519) {
    const auto alice = x25519_private(hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
    const auto bob = x25519_private(hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
    EXPECT_EQ(to_hex(x25519_public_bytes(alice.get())),
              "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
    const Bytes bob_public = x25519_public_bytes(bob.get());
    EXPECT_EQ(to_hex(bob_public), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
    EXPECT_EQ(shown(*x25519(alice.get(), x25519_public(bob_public).get())),
              "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

// A secret's memory is wiped when it goes; the cell stays mapped, so it can be looked at.
TEST(Secrets, AreWiped) {
    const std::uint8_t* where = nullptr;
    {
        const SecretBytes secret = crypto::hkdf_extract(crypto::Hash::kSha512, as_bytes("salt"), as_bytes("ikm"));
        secret.with([&](ByteView view) { where = view.data(); });
        EXPECT_NE(where[32], 0);
    }
    // The first bytes of a free cell link it to the next.
    EXPECT_TRUE(std::all_of(where + sizeof(void*), where + 64, [](auto byte) { return byte == 0; }));
}

}  // namespace
}  // namespace openpcc::hpke

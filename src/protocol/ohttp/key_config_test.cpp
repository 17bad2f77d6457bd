// SPDX-License-Identifier: Apache-2.0
#include "protocol/ohttp/key_config.hpp"

#include <gtest/gtest.h>

#include "crypto/random.hpp"
#include "protocol/ohttp/test_keys.hpp"

namespace openpcc::ohttp {
namespace {

using hpke::Aead;
using hpke::Kdf;
using hpke::Kem;

// RFC 9458 appendix A.
constexpr std::string_view kExample =
    "01002031e1f05a740102115220e9af918f738674aec95f54db6e04eb705aae8e79815500080001000100010003";

TEST(KeyConfig, ExampleOfTheRfc) {
    const auto config = KeyConfig::parse(unhex(kExample));
    ASSERT_TRUE(config);
    EXPECT_EQ(config->key_id, 1);
    EXPECT_EQ(config->key.kem(), Kem::kX25519);
    EXPECT_EQ(config->suites, (std::vector<SymmetricSuite>{{Kdf::kHkdfSha256, Aead::kAes128Gcm},
                                                           {Kdf::kHkdfSha256, Aead::kChaCha20Poly1305}}));
    EXPECT_EQ(to_hex(config->encode()), kExample);
    EXPECT_EQ(to_hex(encode_key_configs({*config})), "002d" + std::string(kExample));
}

TEST(KeyConfig, EveryCutOfACollectionIsRefused) {
    const std::string one = "002d" + std::string(kExample);
    std::string two = one + one;
    two[(45 + 2) * 2 + 5] = '2';  // another key id
    const Bytes body = unhex(two);
    ASSERT_EQ(parse_key_configs(body)->size(), 2U);
    for (std::size_t size = 0; size < body.size(); ++size) {
        const auto configs = parse_key_configs(body.view().first(size));
        if (size == 47) {
            EXPECT_EQ(configs->size(), 1U);
        } else {
            EXPECT_EQ(configs.error(), kBadKeyConfig) << size;
        }
    }
}

TEST(KeyConfig, Refusals) {
    const std::string key = "1a8f0766f5abdbed9b7bb5776c3aca7849e0aeaf59a48b2afc79ed7621dce24e";
    EXPECT_EQ(parse_key_configs({}).error(), kBadKeyConfig);
    EXPECT_EQ(parse_key_configs(unhex(kExample)).error(), kBadKeyConfig);                               // no prefix
    EXPECT_EQ(parse_key_configs(unhex("0025010020" + key + "0000")).error(), kBadKeyConfig);            // no suite
    EXPECT_EQ(parse_key_configs(unhex("0027010020" + key + "00020001")).error(), kBadKeyConfig);        // half a suite
    EXPECT_EQ(parse_key_configs(unhex("0029010020" + key + "000800010001")).error(), kBadKeyConfig);    // beyond
    EXPECT_EQ(parse_key_configs(unhex("002a010020" + key + "00040001000100")).error(), kBadKeyConfig);  // trailing
    EXPECT_EQ(parse_key_configs(unhex("00020100")).error(), kBadKeyConfig);
    EXPECT_EQ(parse_key_configs(unhex("0000")).error(), kBadKeyConfig);
    const std::string good = "0029010020" + key + "000400010001";
    EXPECT_TRUE(parse_key_configs(unhex(good)));
    EXPECT_EQ(parse_key_configs(unhex(good + good)).error(), kBadKeyConfig);
    EXPECT_EQ(parse_key_configs(unhex(good + "000401beefff")).error(), kBadKeyConfig);  // an unknown KEM with that id
    // A point that is not on the curve.
    EXPECT_EQ(parse_key_configs(unhex("004a010010" + ("04" + std::string(126, '0') + "01") + "000400010001")).error(),
              kBadKeyConfig);
}

TEST(KeyConfig, UnknownKemsAreSkippedByTheirLength) {
    const std::string key = "1a8f0766f5abdbed9b7bb5776c3aca7849e0aeaf59a48b2afc79ed7621dce24e";
    const auto configs =
        parse_key_configs(unhex("000502beef0000"
                                "0029010020" +
                                key +
                                "000400010001"
                                "000303beef"));
    ASSERT_TRUE(configs);
    ASSERT_EQ(configs->size(), 1U);
    EXPECT_EQ((*configs)[0].key_id, 1);
    const auto none = parse_key_configs(unhex("000303beef"));
    ASSERT_TRUE(none);
    EXPECT_EQ(choose(*none).error(), kNoUsableKey);
    EXPECT_EQ(KeyConfig::parse(unhex("03beef")).error(), kNoUsableKey);
}

TEST(KeyConfig, UnknownAlgorithmsStayInTheList) {
    const auto config = KeyConfig::parse(
        unhex("0400201a8f0766f5abdbed9b7bb5776c3aca7849e0aeaf59a48b2afc79ed7621dce24e00080001beef00010002"));
    ASSERT_TRUE(config);
    ASSERT_EQ(config->suites.size(), 2U);
    EXPECT_FALSE(config->offers(config->suites[0]));
    EXPECT_TRUE(config->offers({Kdf::kHkdfSha256, Aead::kAes256Gcm}));
    EXPECT_EQ(choose({*config})->suite, (SymmetricSuite{Kdf::kHkdfSha256, Aead::kAes256Gcm}));
}

TEST(KeyConfig, Choice) {
    crypto::SystemRandom random;
    const auto config = [&](Kem kem, std::uint8_t id, std::vector<SymmetricSuite> suites) {
        return config_of(hpke::PrivateKey::generate(kem, random).value(), id, std::move(suites));
    };
    const SymmetricSuite aes128{Kdf::kHkdfSha256, Aead::kAes128Gcm};
    const SymmetricSuite aes256{Kdf::kHkdfSha256, Aead::kAes256Gcm};
    const SymmetricSuite chacha{Kdf::kHkdfSha256, Aead::kChaCha20Poly1305};
    const SymmetricSuite sha512{Kdf::kHkdfSha512, Aead::kAes256Gcm};
    const SymmetricSuite sha384{Kdf::kHkdfSha384, Aead::kAes256Gcm};
    const SymmetricSuite unknown{Kdf::kHkdfSha256, static_cast<Aead>(0xbeef)};

    const auto x = config(Kem::kX25519, 1, {aes128, chacha, sha512, sha384, aes256});
    EXPECT_EQ(choose({x})->suite, aes256);
    EXPECT_EQ(choose({config(Kem::kX25519, 1, {aes128, chacha})})->suite, chacha);
    EXPECT_EQ(choose({config(Kem::kX25519, 1, {aes128, sha512, sha384})})->suite, sha512);  // the list breaks ties
    const auto p = config(Kem::kP256, 2, {aes256});
    EXPECT_EQ(choose({p, x})->config.key_id, 1);
    EXPECT_EQ(choose({p, config(Kem::kX25519, 3, {unknown})})->config.key_id, 2);
    EXPECT_EQ(choose({config(Kem::kX25519, 5, {aes256}), config(Kem::kX25519, 4, {aes256})})->config.key_id, 5);
    EXPECT_EQ(choose({config(Kem::kX25519, 3, {unknown})}).error(), kNoUsableKey);
    EXPECT_EQ(choose({}).error(), kNoUsableKey);
    if (!hpke::have_ml_kem()) return;
    EXPECT_EQ(choose({x, config(Kem::kXWing, 6, {aes128})})->config.key_id, 6);
}

}  // namespace
}  // namespace openpcc::ohttp

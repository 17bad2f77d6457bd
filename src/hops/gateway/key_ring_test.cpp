// SPDX-License-Identifier: Apache-2.0
#include "hops/gateway/key_ring.hpp"

#include <gtest/gtest.h>

#include "crypto/random.hpp"
#include "hops/gateway/errors.hpp"

namespace openpcc::gateway {
namespace {

constexpr TimePoint kNow{Seconds(1'800'000'000)};
crypto::SystemRandom g_random;

struct Ring {
    explicit Ring(std::size_t replay_capacity, KeyTimes times = {}) {
        auto service = crypto::SigningKey::generate_ed25519();
        service_key.emplace(service.verifying_key());
        ring = *KeyRing::make({hpke::Kem::kX25519, hpke::Kem::kP256}, std::move(service), times, replay_capacity, g_random, kNow);
    }
    service::GatewayKeys document(TimePoint now) const { return *service::GatewayKeys::verify(ring->document(), *service_key, now); }
    std::optional<crypto::VerifyingKey> service_key;
    std::unique_ptr<KeyRing> ring;
};

TEST(KeyRing, PublishesWhatItOpens) {
    const Ring keys(100);
    const auto document = keys.document(kNow);
    ASSERT_EQ(document.configs.size(), 2U);
    EXPECT_NE(document.configs[0].key_id, document.configs[1].key_id);
    for (const auto& config : document.configs) {
        const ohttp::GatewayKey* key = keys.ring->find(config.key_id);
        ASSERT_NE(key, nullptr);
        EXPECT_TRUE(equal(key->config.key.bytes(), config.key.bytes()));
    }
}

TEST(KeyRing, DocumentIsRefusedUnderAnotherKeyOrTime) {
    const Ring keys(100);
    const auto other = crypto::SigningKey::generate_ed25519().verifying_key();
    EXPECT_EQ(service::GatewayKeys::verify(keys.ring->document(), other, kNow).error(), service::kBadSignature);
    EXPECT_EQ(service::GatewayKeys::verify(keys.ring->document(), *keys.service_key, kNow - Seconds(3600)).error(), service::kNotInForce);
    EXPECT_EQ(service::GatewayKeys::verify(keys.ring->document(), *keys.service_key, kNow + Seconds(7200)).error(), service::kNotInForce);
    Bytes altered = keys.ring->document();
    for (std::size_t at = 0; at < altered.size(); ++at) {
        altered[at] ^= 1;
        EXPECT_FALSE(service::GatewayKeys::verify(altered, *keys.service_key, kNow)) << at;
        altered[at] ^= 1;
    }
    altered.push_back(0);
    EXPECT_EQ(service::GatewayKeys::verify(altered, *keys.service_key, kNow).error(), service::kBadDocument);
}

TEST(KeyRing, OldKeysOpenForTheOverlapAndAreErasedThen) {
    const Ring keys(100);
    const std::uint8_t old_id = keys.document(kNow).configs[0].key_id;
    ASSERT_TRUE(keys.ring->rotate(kNow + Seconds(3599)));
    EXPECT_EQ(keys.document(kNow).configs[0].key_id, old_id);
    ASSERT_TRUE(keys.ring->rotate(kNow + Seconds(3600)));
    EXPECT_NE(keys.document(kNow + Seconds(3600)).configs[0].key_id, old_id);
    EXPECT_NE(keys.ring->find(old_id), nullptr);
    ASSERT_TRUE(keys.ring->rotate(kNow + Seconds(3600 + 599)));
    EXPECT_NE(keys.ring->find(old_id), nullptr);
    ASSERT_TRUE(keys.ring->rotate(kNow + Seconds(3600 + 600)));
    EXPECT_EQ(keys.ring->find(old_id), nullptr);
}

TEST(KeyRing, AFloodCostsARotationAndNotTheService) {
    const Ring keys(4);
    const std::uint8_t id = keys.document(kNow).configs[0].key_id;
    EXPECT_TRUE(keys.ring->admit(id, as_bytes("1")));
    EXPECT_FALSE(keys.ring->admit(id, as_bytes("1")));
    ASSERT_TRUE(keys.ring->rotate(kNow + Seconds(1)));
    EXPECT_EQ(keys.document(kNow).configs[0].key_id, id);
    EXPECT_TRUE(keys.ring->admit(id, as_bytes("2")));
    ASSERT_TRUE(keys.ring->rotate(kNow + Seconds(2)));  // half full
    EXPECT_NE(keys.document(kNow + Seconds(2)).configs[0].key_id, id);
    EXPECT_TRUE(keys.ring->admit(id, as_bytes("3")));
    EXPECT_TRUE(keys.ring->admit(id, as_bytes("4")));
    EXPECT_FALSE(keys.ring->admit(id, as_bytes("5")));
    EXPECT_EQ(keys.ring->find(id), nullptr);  // full: gone, so that clients ask for the newer one
}

TEST(KeyRing, KeysThatLiveTooLongAreAnErrorAndNotALoop) {
    const Ring keys(100, {Seconds(1), Seconds(86400)});
    Result<void> result;
    for (int i = 0; i < 300 && result; ++i) result = keys.ring->renew(kNow + Seconds(i));
    EXPECT_EQ(result.error(), kTooManyKeys);
}

}  // namespace
}  // namespace openpcc::gateway

// SPDX-License-Identifier: Apache-2.0
#include "hops/gateway/key_ring.hpp"

#include <algorithm>

namespace openpcc::gateway {

namespace {

// Every AEAD that clients may choose from, best first.
const std::vector<ohttp::SymmetricSuite>& offered_suites() {
    static const std::vector<ohttp::SymmetricSuite> suites = {
        {hpke::Kdf::kHkdfSha256, hpke::Aead::kAes256Gcm},
        {hpke::Kdf::kHkdfSha256, hpke::Aead::kChaCha20Poly1305},
        {hpke::Kdf::kHkdfSha256, hpke::Aead::kAes128Gcm},
    };
    return suites;
}

}  // namespace

Result<std::unique_ptr<KeyRing>> KeyRing::make(std::vector<hpke::Kem> kems, crypto::SigningKey service_key, KeyTimes times,
                                               std::size_t replay_capacity, Random& random, TimePoint now) {
    std::unique_ptr<KeyRing> ring(
        new KeyRing(std::move(kems), std::move(service_key), times, replay_capacity, random));
    OPENPCC_CHECK(ring->renew(now));
    return ring;
}

const ohttp::GatewayKey* KeyRing::find(std::uint8_t key_id) const {
    const auto found = std::ranges::find_if(live_, [&](const auto& live) { return live->key.config.key_id == key_id; });
    return found == live_.end() ? nullptr : &(*found)->key;
}

bool KeyRing::admit(std::uint8_t key_id, ByteView enc) {
    const auto found = std::ranges::find_if(live_, [&](const auto& live) { return live->key.config.key_id == key_id; });
    return found != live_.end() && (*found)->seen.admit(enc) == replay::ReplaySet::Answer::kFresh;
}

std::uint8_t KeyRing::next_id() {
    do ++last_id_;
    while (find(last_id_) != nullptr);
    return last_id_;
}

Result<void> KeyRing::rotate(TimePoint now) {
    std::erase_if(live_, [&](const auto& live) { return now >= live->erased_at; });
    return now >= renew_at_ ? renew(now) : Result<void>{};
}

Result<void> KeyRing::renew(TimePoint now) {
    service::GatewayKeys keys{now, now + times_.rotation + times_.overlap, {}};
    std::vector<std::unique_ptr<Live>> fresh;
    for (hpke::Kem kem : kems_) {
        OPENPCC_TRY(auto private_key, hpke::PrivateKey::generate(kem, random_));
        ohttp::KeyConfig config{next_id(), private_key.public_key(), offered_suites()};
        keys.configs.push_back(config);
        fresh.push_back(std::make_unique<Live>(ohttp::GatewayKey{std::move(config), std::move(private_key)},
                                               replay::ReplaySet(replay_capacity_), keys.not_after));
    }
    OPENPCC_TRY(document_, keys.sign(service_key_));
    // Older generations keep opening for the overlap.
    for (auto& live : live_) live->erased_at = std::min(live->erased_at, now + times_.overlap);
    std::ranges::move(fresh, std::back_inserter(live_));
    renew_at_ = now + times_.rotation;
    return {};
}

}  // namespace openpcc::gateway

// SPDX-License-Identifier: Apache-2.0
#include "hops/gateway/key_ring.hpp"

#include <algorithm>

#include "hops/gateway/errors.hpp"

namespace openpcc::gateway {

namespace {

constexpr std::size_t kMostLive = 200;

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

// A key whose replay set is full can admit nothing more: to clients it is gone, and they ask for the newer one.
const ohttp::GatewayKey* KeyRing::find(std::uint8_t key_id) const {
    const auto found = std::ranges::find_if(live_, [&](const auto& live) { return live->key.config.key_id == key_id; });
    return found == live_.end() || (*found)->seen.full() ? nullptr : &(*found)->key;
}

bool KeyRing::admit(std::uint8_t key_id, ByteView enc) {
    const auto found = std::ranges::find_if(live_, [&](const auto& live) { return live->key.config.key_id == key_id; });
    return found != live_.end() && (*found)->seen.admit(enc) == replay::ReplaySet::Answer::kFresh;
}

std::uint8_t KeyRing::next_id() {
    const auto used = [this](const auto& live) { return live->key.config.key_id == last_id_; };
    do ++last_id_;
    while (std::ranges::any_of(live_, used));
    return last_id_;
}

Result<void> KeyRing::rotate(TimePoint now) {
    std::erase_if(live_, [&](const auto& live) { return now >= live->erased_at; });
    const bool filling = std::ranges::any_of(live_, [&](const auto& live) {
        return live->generation == generation_ && live->seen.filling();
    });
    return now >= renew_at_ || filling ? renew(now) : Result<void>{};
}

Result<void> KeyRing::renew(TimePoint now) {
    // Ids are one byte, and each is one key at a time.
    if (live_.size() + kems_.size() > kMostLive) return fail(kTooManyKeys, "keys live for too long to rotate this often");
    service::GatewayKeys keys{now, now + times_.rotation + times_.overlap, {}};
    std::vector<std::unique_ptr<Live>> fresh;
    for (hpke::Kem kem : kems_) {
        OPENPCC_TRY(auto private_key, hpke::PrivateKey::generate(kem, random_));
        ohttp::KeyConfig config{next_id(), private_key.public_key(), offered_suites()};
        keys.configs.push_back(config);
        fresh.push_back(std::make_unique<Live>(ohttp::GatewayKey{std::move(config), std::move(private_key)},
                                               replay::ReplaySet(replay_capacity_), keys.not_after,
                                               generation_ + 1));
    }
    OPENPCC_TRY(document_, keys.sign(service_key_));
    // Older generations keep opening for the overlap.
    for (auto& live : live_) live->erased_at = std::min(live->erased_at, now + times_.overlap);
    std::ranges::move(fresh, std::back_inserter(live_));
    ++generation_;
    renew_at_ = now + times_.rotation;
    return {};
}

}  // namespace openpcc::gateway

// SPDX-License-Identifier: Apache-2.0
#include "hops/node/keeper.hpp"

#include <algorithm>

#include "hops/node/errors.hpp"
#include "protocol/seal/errors.hpp"

namespace openpcc::node {

namespace {

std::vector<seal::SymmetricSuite> offered_suites() {
    return {{hpke::Kdf::kHkdfSha256, hpke::Aead::kAes256Gcm}, {hpke::Kdf::kHkdfSha256, hpke::Aead::kChaCha20Poly1305}};
}

bool offers(hpke::Kem kem, const hpke::Suite& suite) {
    const auto suites = offered_suites();
    return kem == suite.kem && std::ranges::find(suites, seal::SymmetricSuite{suite.kdf, suite.aead}) != suites.end();
}

Result<void> admit(replay::ReplaySet& seen, ByteView enc) {
    switch (seen.admit(enc)) {
        case replay::ReplaySet::Answer::kFresh: return {};
        case replay::ReplaySet::Answer::kRepeated: return fail(seal::kReplayed);
        case replay::ReplaySet::Answer::kFull: return fail(seal::kReplaySetFull);
    }
    return fail(seal::kReplaySetFull);
}

}  // namespace

LocalKeeper::LocalKeeper(Identity identity, std::vector<hpke::Kem> kems, KeyTimes times, std::size_t replay_capacity,
                         std::unique_ptr<Attester> attester, Random& random)
    : identity_(std::move(identity)),
      kems_(std::move(kems)),
      times_(times),
      replay_capacity_(replay_capacity),
      attester_(std::move(attester)),
      random_(random) {}

Result<std::unique_ptr<LocalKeeper>> LocalKeeper::make(Identity identity, std::vector<hpke::Kem> kems, KeyTimes times,
                                                       std::size_t replay_capacity, std::unique_ptr<Attester> attester,
                                                       Random& random, TimePoint now) {
    if (attester == nullptr) return fail(kNoHardware);
    std::unique_ptr<LocalKeeper> keeper(
        new LocalKeeper(std::move(identity), std::move(kems), times, replay_capacity, std::move(attester), random));
    OPENPCC_CHECK(keeper->renew(now));
    if (!SecretMemory::all_locked())
        return fail(kUnlockedMemory, "secrets cannot be locked in memory; raise RLIMIT_MEMLOCK (systemd: LimitMEMLOCK=)");
    return keeper;
}

Result<void> LocalKeeper::rotate(TimePoint now, Awake awake) {
    // The newest stays until there is a newer one, even past its end (a machine that slept): nobody accepts it then.
    const auto* newest = generations_.back().get();
    std::erase_if(generations_, [&](const auto& generation) { return generation.get() != newest && generation->past(now, awake); });
    const bool filling = std::ranges::any_of(generations_.back()->keys, [](const Live& live) { return live.seen.filling(); });
    return now >= renew_at_ || awake >= renew_by_ || filling ? renew(now, awake) : Result<void>{};
}

Result<void> LocalKeeper::renew(TimePoint now, Awake awake) {
    auto next = std::make_unique<Generation>();
    next->core.release = identity_.release;
    next->core.model = identity_.model;
    next->core.engine_profile = identity_.engine_profile;
    next->core.isolation = identity_.isolation;
    next->core.not_before = now;
    next->core.not_after = now + times_.rotation + times_.overlap;
    next->erased_at = next->core.not_after;
    next->erased_by = awake + times_.rotation + times_.overlap;
    for (hpke::Kem kem : kems_) {
        OPENPCC_TRY(auto key, hpke::PrivateKey::generate(kem, random_));
        seal::KeyConfig config{key.public_key(), offered_suites()};
        const seal::KeyId id = config.id();
        next->core.keys.push_back(std::move(config));
        next->keys.push_back({std::move(key), id, replay::ReplaySet(replay_capacity_)});
    }
    next->name = next->core.name();
    for (auto& generation : generations_) {
        generation->erased_at = std::min(generation->erased_at, now + times_.overlap);
        generation->erased_by = std::min<Awake>(generation->erased_by, awake + times_.overlap);
    }
    generations_.push_back(std::move(next));
    renew_at_ = now + times_.rotation;
    renew_by_ = awake + times_.rotation;
    return {};
}

Result<seal::Unwrapped> LocalKeeper::unwrap(const seal::ReducedHeader& header) {
    // Asked each time: under load the secrets of requests may need more memory than can be locked.
    if (!SecretMemory::all_locked()) return fail(kUnlockedMemory);
    // No log is configured yet, so no snapshot can have been seen cosigned: only its explicit absence is accepted.
    if (header.common.snapshot != seal::SnapshotHash{}) return fail(seal::kUnknownSnapshot);
    for (auto& generation : generations_) {
        for (Live& live : generation->keys) {
            if (live.id != header.entry.key_id) continue;
            if (!offers(live.key.public_key().kem(), header.common.suite)) return fail(seal::kBadSuite);
            // Before the public-key work: a repeat costs a look-up.
            OPENPCC_CHECK(admit(live.seen, header.entry.enc));
            return seal::unwrap(header, live.key, generation->name);
        }
    }
    return fail(seal::kUnknownKey);
}

net::Task<Result<Bytes>> LocalKeeper::attest(seal::StatementName name, statement::Challenge challenge) {
    const auto generation = std::ranges::find_if(generations_, [&](const auto& live) { return live->name == name; });
    if (generation == generations_.end()) co_return fail(kUnknownStatement);
    // A copy: the generation may be erased while the device is asked.
    statement::Bundle bundle;
    bundle.statement.core = (*generation)->core;
    bundle.statement.core.freshness.kind = statement::Freshness::Kind::kChallenge;
    bundle.statement.core.freshness.challenge = challenge;
    bundle.statement.devices = statement::devices_digest(bundle.devices);
    bundle.tee = attester_->tee();
    OPENPCC_CO_TRY(auto evidence, co_await attester_->evidence(bundle.statement.report_data(bundle.tee)));
    bundle.cpu_evidence = std::move(evidence.report);
    bundle.certificates = std::move(evidence.certificates);
    co_return bundle.encode();
}

Keeper::Status LocalKeeper::status() const {
    Status status;
    status.model = identity_.model;
    status.statement = generations_.back()->name;
    for (const Live& live : generations_.back()->keys) status.current.push_back(live.id);
    for (const auto& generation : generations_)
        for (const Live& live : generation->keys) status.live.push_back(live.id);
    return status;
}

}  // namespace openpcc::node

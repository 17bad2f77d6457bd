// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/verdict_cache.hpp"

#include <algorithm>
#include <utility>

#include "crypto/hash.hpp"
#include "wire/writer.hpp"

namespace openpcc::verify {

namespace {

// Every part has its length or its number before it, and every choice a byte: inputs that differ are written apart.
Digest256 name_of(ByteView bundle, const Expectation& expectation) {
    wire::Writer asked;
    asked.u8(static_cast<std::uint8_t>(expectation.role));
    asked.u8(expectation.challenge ? 1 : 0);
    if (expectation.challenge) {
        asked.raw(expectation.challenge->challenge);
        asked.u64(static_cast<std::uint64_t>(expectation.challenge->sent.time_since_epoch().count()));
    }
    asked.u64(expectation.other_platforms.size());
    for (const Digest256& platform : expectation.other_platforms) asked.raw(platform);
    asked.u8(expectation.event_log ? 1 : 0);
    if (expectation.event_log) asked.raw(crypto::sha256(*expectation.event_log));
    return crypto::sha256({asked.view(), bundle});
}

bool still_holds(const Verification& verification, TimePoint now) {
    const TimePoint until = verification.verdict.valid_until().value_or(verification.at);
    return verification.at <= now && now < until && now < verification.at + VerdictCache::kLongest;
}

}  // namespace

VerdictCache::VerdictCache(policy::Policy policy, Roots roots, SignedCollateral collateral)
    : policy_(std::move(policy)), roots_(std::move(roots)), collateral_(std::move(collateral)) {}

void VerdictCache::renew(SignedCollateral collateral) {
    collateral_ = std::move(collateral);
    known_.clear();
}

std::shared_ptr<const Verification> VerdictCache::verify(ByteView bundle, const Expectation& expectation,
                                                         TimePoint now) {
    const Digest256 name = name_of(bundle, expectation);
    if (const auto known = known_.find(name); known != known_.end()) {
        if (still_holds(*known->second, now)) return known->second;
        known_.erase(known);
    }
    auto judged =
        std::make_shared<const Verification>(verify_bundle(bundle, collateral_, policy_, roots_, expectation, now));
    if (std::holds_alternative<std::monostate>(judged->key)) return judged;
    if (known_.size() == kMost)
        known_.erase(std::ranges::min_element(known_, {}, [](const auto& entry) { return entry.second->at; }));
    known_.emplace(name, judged);
    return judged;
}

}  // namespace openpcc::verify

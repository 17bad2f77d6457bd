// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/judge.hpp"

#include <algorithm>
#include <iterator>

#include "core/secret.hpp"
#include "core/text.hpp"

namespace openpcc::verify {

namespace {

std::string seconds(Seconds value) { return std::to_string(value.count()) + " s"; }

template <class T>
bool contains(const std::vector<T>& list, const T& value) {
    return std::ranges::find(list, value) != list.end();
}

}  // namespace

std::vector<seal::KeyConfig> post_quantum_keys(const statement::Core& core) {
    std::vector<seal::KeyConfig> out;
    std::ranges::copy_if(core.keys, std::back_inserter(out),
                         [](const seal::KeyConfig& key) { return key.key.kem() == hpke::Kem::kXWing; });
    return out;
}

void Judge::run() {
    if (!bindings()) return;
    validity();
    freshness();
    measurement();
    policy_in_force();
    contents();
    platform();
    root();
}

// All 64 bytes are recomputed from the bundle's own statement: a digest that the evidence brings along is never
// trusted.
bool Judge::bindings() {
    const statement::ReportData wanted = bundle.statement.report_data(bundle.tee);
    const statement::ReportData found = attested.report_data();
    const bool bound = ct_equal(wanted, found);
    list.require("binding.report_data", bound, to_hex(wanted), to_hex(found));
    if (!bound) return false;
    const Digest256 devices = statement::devices_digest(bundle.devices);
    if (!list.require("binding.devices", devices == bundle.statement.devices, to_hex(bundle.statement.devices),
                      to_hex(devices)))
        return false;
    if (bundle.devices.empty())
        list.require("devices.evidence", true, "the statement claims no device");
    else
        list.not_run("devices.evidence", "this version does not evaluate device evidence yet");
    return true;
}

void Judge::validity() {
    const statement::Core& core = bundle.statement.core;
    list.require("statement.role", core.role == expectation.role, to_string(expectation.role), to_string(core.role));
    const std::string window = "from " + to_rfc3339(core.not_before) + " until " + to_rfc3339(core.not_after);
    list.require("statement.validity", now + kClockSkew >= core.not_before && now < core.not_after,
                 "in force at " + to_rfc3339(now), window);
    verdict.holds_until(core.not_after);
    const Seconds lifetime = core.not_after - core.not_before;
    list.require("statement.lifetime", lifetime <= kMaxLifetime, "at most " + seconds(kMaxLifetime), seconds(lifetime));
}

// Without a challenge of our own, nothing shows that the evidence is new: a note under the development policy, a
// failure otherwise. A challenge that somebody else sent is as good as none.
void Judge::freshness() {
    using Kind = statement::Freshness::Kind;
    const statement::Freshness& found = bundle.statement.core.freshness;
    if (found.kind == Kind::kBeacon) {
        list.require("freshness.challenge", false, "a beacon, and no log is configured to judge it by");
    } else if (expectation.challenge) {
        challenge(*expectation.challenge);
    } else {
        const std::string_view what =
            found.kind == Kind::kNone ? "none" : "a challenge that this verifier did not send";
        if (policy.preset == policy::Preset::kDevelopment)
            list.note("freshness.challenge", what);
        else
            list.require("freshness.challenge", false, what);
    }
}

void Judge::challenge(const Expectation::SentChallenge& sent) {
    const statement::Freshness& found = bundle.statement.core.freshness;
    const std::string wanted =
        "challenge " + to_hex(sent.challenge) + ", at most " + seconds(policy.max_evidence_age) + " ago";
    if (found.kind != statement::Freshness::Kind::kChallenge) {
        list.require("freshness.challenge", false, wanted, "none");
        return;
    }
    const Seconds age = now - sent.sent;
    const bool fresh = age >= Seconds(0) && age <= policy.max_evidence_age;
    list.require("freshness.challenge", ct_equal(found.challenge, sent.challenge) && fresh, wanted,
                 to_hex(found.challenge) + ", " + seconds(age) + " ago");
    verdict.holds_until(sent.sent + policy.max_evidence_age);
}

// A policy that has ended would go on accepting what has become known as broken since.
void Judge::policy_in_force() {
    const std::string window = "from " + to_rfc3339(policy.issued) + " until " + to_rfc3339(policy.expires);
    list.require("policy.expiry", now + kClockSkew >= policy.issued && now < policy.expires,
                 "in force at " + to_rfc3339(now), window);
    verdict.holds_until(policy.expires);
    const std::string& release = bundle.statement.core.release;
    list.require("policy.revoked_release", !contains(policy.revoked_releases, release), release);
}

void Judge::contents() {
    const statement::Core& core = bundle.statement.core;
    const auto one_of = [](std::size_t count) {
        return "one of the " + std::to_string(count) + " that the policy names";
    };
    list.require("policy.model", contains(policy.models, core.model), one_of(policy.models.size()), to_hex(core.model));
    list.require("policy.engine_profile", contains(policy.engine_profiles, core.engine_profile),
                 one_of(policy.engine_profiles.size()), to_hex(core.engine_profile));
    const std::size_t strong = post_quantum_keys(core).size();
    list.require("policy.isolation", contains(policy.isolation, core.isolation), one_of(policy.isolation.size()),
                 to_string(core.isolation));
    list.require("policy.pq", !policy.require_pq || strong > 0, policy.require_pq ? "at least one" : "not demanded",
                 std::to_string(strong) + " of " + std::to_string(core.keys.size()) + " keys post-quantum");
}

void Judge::platform() {
    const auto id = attested.platform();
    const std::string found = id ? to_hex(*id) : "not told: a key of the provider signed";
    const bool any = policy.hardware.rule == policy::Hardware::Rule::kAny;
    list.require(
        "policy.hardware", any || (id && contains(policy.hardware.ids, *id)),
        any ? "any machine" : "one of the " + std::to_string(policy.hardware.ids.size()) + " that the policy names",
        found);
    // Without an identity nothing tells two machines apart: the hardware list decides whether that is good enough.
    const bool twice = id && contains(expectation.other_platforms, *id);
    list.require("policy.platform_unique", !twice, twice ? found + ", which is another node's too" : found);
}

void Judge::root() {
    const bool genuine = attested.genuine();
    const std::vector<policy::VendorRoot> vendors{attested.vendor()};  // and those of devices, once they are judged
    const auto counted =
        std::ranges::count_if(vendors, [&](policy::VendorRoot vendor) { return contains(policy.roots.of, vendor); });
    list.require("policy.roots", static_cast<std::size_t>(counted) >= policy.roots.required,
                 std::to_string(policy.roots.required) + " of those that the policy names",
                 std::to_string(counted) + ": " + std::string(to_string(vendors.front())));
    const bool development = policy.preset == policy::Preset::kDevelopment;
    list.require("policy.simulated", genuine || development,
                 genuine ? "genuine" : "simulated, policy " + std::string(to_string(policy.preset)));
    const x509::Certificate& root = attested.root();
    const std::string name =
        Checklist::clean(root.subject_common_name()).substr(0, 64) + ", SHA-256 " + to_hex(root.fingerprint());
    if (genuine)
        list.require("root.trust", true, name);
    else
        list.note("root.trust", "simulated: " + name);
}

}  // namespace openpcc::verify

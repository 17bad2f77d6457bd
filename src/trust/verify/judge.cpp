// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/judge.hpp"

#include <algorithm>
#include <iterator>

#include "core/secret.hpp"
#include "core/text.hpp"

namespace openpcc::verify {

namespace {

std::string seconds(Seconds value) { return std::to_string(value.count()) + " s"; }

bool is_zero(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

template <class T>
bool contains(const std::vector<T>& list, const T& value) {
    return std::ranges::find(list, value) != list.end();
}

constexpr std::string_view kRegisterChecks[] = {"policy.measurement.mrtd", "policy.measurement.rtmr0",
                                                "policy.measurement.rtmr1", "policy.measurement.rtmr2",
                                                "policy.measurement.rtmr3"};
constexpr std::size_t kRegisters = std::size(kRegisterChecks);

ByteView expected_register(const policy::TdxMeasurement& measurement, std::size_t i) {
    return i == 0 ? measurement.mrtd.view() : measurement.rtmr[i - 1].view();
}
ByteView found_register(const tdx::TdReport& report, std::size_t i) {
    return i == 0 ? report.mrtd.view() : report.rtmr[i - 1].view();
}
std::size_t matches(const policy::TdxMeasurement& measurement, const tdx::TdReport& report) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < kRegisters; ++i)
        if (equal(expected_register(measurement, i), found_register(report, i))) ++count;
    return count;
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
    contents();
    root();
}

// All 64 bytes are recomputed from the bundle's own statement: a digest that the evidence brings along is never
// trusted.
bool Judge::bindings() {
    const statement::ReportData wanted = bundle.statement.report_data(bundle.tee);
    const bool bound = ct_equal(wanted, quote.quote.report.report_data);
    list.require("binding.report_data", bound, to_hex(wanted), to_hex(quote.quote.report.report_data));
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

// Of the measurements that belong to the statement's release, the one with most registers right is compared; all five
// checks pass only when one measurement fits as a whole. No measurement: nothing is acceptable.
void Judge::measurement() {
    const tdx::TdReport& report = quote.quote.report;
    const std::string& release = bundle.statement.core.release;
    const policy::TdxMeasurement* best = nullptr;
    for (const policy::TdxMeasurement& candidate : policy.tdx_measurements)
        if (candidate.release == release && (best == nullptr || matches(candidate, report) > matches(*best, report)))
            best = &candidate;
    list.require("statement.release", best != nullptr,
                 best != nullptr
                     ? release
                     : "one of the " + std::to_string(policy.tdx_measurements.size()) + " that the policy names",
                 release);
    for (std::size_t i = 0; best != nullptr && i < kRegisters; ++i) {
        const ByteView wanted = expected_register(*best, i);
        const ByteView found = found_register(report, i);
        list.require(kRegisterChecks[i], equal(wanted, found), to_hex(wanted), to_hex(found));
    }
    const bool zero = is_zero(report.mr_config_id) && is_zero(report.mr_owner) && is_zero(report.mr_owner_config);
    list.require("policy.host_registers", zero, zero ? "zero" : "not zero");
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
    list.require("policy.pq", !policy.require_pq || strong > 0, policy.require_pq ? "at least one" : "not demanded",
                 std::to_string(strong) + " of " + std::to_string(core.keys.size()) + " keys post-quantum");
}

void Judge::root() {
    const bool genuine = quote.root_kind == tdx::RootKind::kGenuine;
    const bool development = policy.preset == policy::Preset::kDevelopment;
    list.require("policy.simulated", genuine || development,
                 genuine ? "genuine" : "simulated, policy " + std::string(to_string(policy.preset)));
    const std::string root = Checklist::clean(quote.root.subject_common_name()).substr(0, 64) + ", SHA-256 " +
                             to_hex(quote.root.fingerprint());
    if (genuine)
        list.require("root.trust", true, root);
    else
        list.note("root.trust", "simulated: " + root);
}

}  // namespace openpcc::verify

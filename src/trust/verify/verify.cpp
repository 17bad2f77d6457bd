// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/verify.hpp"

#include "core/assert.hpp"
#include "evidence/eventlog/judge.hpp"
#include "trust/verify/attested.hpp"
#include "trust/verify/checks.hpp"
#include "trust/verify/exceptions.hpp"
#include "trust/verify/judge.hpp"

namespace openpcc::verify {

namespace {

using statement::TeeType;

constexpr std::size_t kSnpCertificates = 2;  // leaf and its issuer; the ARK is pinned

bool accepts(const policy::Policy& policy, TeeType tee) {
    return tee == TeeType::kTdx ? policy.tdx.has_value() : policy.snp.has_value();
}

// open_bundle reads the bundle and says whether its CPU evidence is of a kind that the policy accepts.
bool open_bundle(ByteView bytes, const policy::Policy& policy, Verification& out, Verdict& verdict) {
    auto parsed = statement::Bundle::parse(bytes);
    const TeeType tee = parsed ? parsed->claimed().tee : TeeType::kTdx;
    const auto specs = bundle_checks(tee);
    Checklist list{specs};
    bool usable = list.require("bundle.parse", parsed.has_value(),
                               parsed ? std::to_string(bytes.size()) + " bytes" : parsed.error().describe());
    if (usable) {
        out.bundle = std::move(*parsed).claimed();
        const std::size_t certificates = out.bundle->certificates.size();
        usable = list.require("bundle.tee", accepts(policy, tee), to_string(tee)) &&
                 list.require("bundle.certificates", certificates == (tee == TeeType::kTdx ? 0 : kSnpCertificates),
                              std::to_string(certificates));
    }
    list.into(verdict);
    return usable;
}

void judge_log(const std::optional<Bytes>& log, const Attested* attested, Verdict& verdict) {
    if (!log) return;
    const tdx::TdReport* report = attested != nullptr ? attested->td_report() : nullptr;
    if (report == nullptr) {
        Checklist{eventlog::checks()}.into(verdict);
        return;
    }
    const std::array<ByteArray<48>, 4> registers{
        ByteArray<48>::from_view(report->rtmr[0]), ByteArray<48>::from_view(report->rtmr[1]),
        ByteArray<48>::from_view(report->rtmr[2]), ByteArray<48>::from_view(report->rtmr[3])};
    (void)eventlog::judge_tdx_log(*log, registers, verdict);
}

}  // namespace

void JudgedVerdict::add(Check check) {
    OPENPCC_ASSERT(check.outcome == Outcome::kFail || check.outcome == Outcome::kNotRun);
    verdict_.add(std::move(check));
}

void JudgedVerdict::refuse(std::string id, std::string paragraph, std::string expected, std::string found) {
    add({std::move(id), std::move(paragraph), Outcome::kFail, std::move(expected), std::move(found)});
}

// Verifier is the only maker of verdicts that are shown, and of node keys: by the state of a finished verdict, and of
// nothing else.
struct NodeKey::Verifier {
    static void finish(Verification& verification, Verdict verdict) {
        verification.verdict = JudgedVerdict(std::move(verdict));
    }
    static void give_key(Verification& verification, const policy::Policy& policy) {
        const JudgedVerdict& verdict = verification.verdict;
        const bool simulated = verdict.state() == State::kSimulated;
        if (!verdict.good() && !simulated) return;
        // policy.simulated has failed otherwise; this is the second lock on the same door.
        OPENPCC_ASSERT(!simulated || policy.preset == policy::Preset::kDevelopment);
        const statement::Core& core = verification.bundle->statement.core;
        if (core.role != statement::Role::kNode) return;
        NodeKey key{core.name(), policy.require_pq ? post_quantum_keys(core) : core.keys, core.model,
                    verdict.valid_until().value_or(core.not_before)};
        if (simulated)
            verification.key = Simulated<NodeKey>(std::move(key));
        else
            verification.key = Verified<NodeKey>(std::move(key));
    }
};

Verification verify_bundle(ByteView bundle, const SignedCollateral& collateral, const policy::Policy& policy,
                           const Roots& roots, const Expectation& expectation, TimePoint now) {
    Verification out;
    out.at = now;
    Verdict verdict;
    const bool usable = open_bundle(bundle, policy, out, verdict);
    const TeeType tee = out.bundle ? out.bundle->tee : TeeType::kTdx;
    std::optional<Attested> attested;
    if (usable)
        attested = judge_cpu({tee, out.bundle->cpu_evidence, out.bundle->certificates}, collateral, policy, roots, now,
                             verdict);
    else
        Checklist{cpu_checks(tee)}.into(verdict);
    judge_log(expectation.event_log, attested ? &*attested : nullptr, verdict);
    const auto specs = statement_checks(tee);
    Checklist list{specs};
    if (attested) Judge{*out.bundle, *attested, policy, expectation, now, verdict, list}.run();
    list.into(verdict);
    if (attested) out.platform = attested->platform();
    if (attested && !attested->beyond_excuse(policy))
        verdict = excuse(verdict, policy, out.platform, out.bundle->statement.core.release, now);
    NodeKey::Verifier::finish(out, std::move(verdict));
    NodeKey::Verifier::give_key(out, policy);
    return out;
}

Verification verify_evidence(const CpuEvidence& evidence, const SignedCollateral& collateral,
                             const policy::Policy& policy, const Roots& roots, TimePoint now) {
    Verification out;
    out.at = now;
    Verdict verdict;
    const auto attested = judge_cpu(evidence, collateral, policy, roots, now, verdict);
    if (attested) out.platform = attested->platform();
    const auto specs = statement_checks(evidence.tee);
    Checklist list{specs};
    for (const CheckSpec& spec : specs) list.not_run(spec.id, "this is CPU evidence alone: there is no statement");
    list.into(verdict);
    NodeKey::Verifier::finish(out, std::move(verdict));
    return out;
}

}  // namespace openpcc::verify

// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/verify.hpp"

#include "core/assert.hpp"
#include "trust/verify/checks.hpp"
#include "trust/verify/judge.hpp"

namespace openpcc::verify {

namespace {

tdx::Anchors anchors_of(const Roots& roots) {
    tdx::Anchors out;
    out.genuine = roots.tdx;
#if OPENPCC_SIMULATED_HARDWARE
    out.simulated = roots.simulated.tdx;
#endif
    return out;
}

// open_bundle reads the bundle and says whether its CPU evidence is of a kind that this version verifies.
bool open_bundle(ByteView bytes, Verification& out) {
    Checklist list{bundle_checks()};
    auto parsed = statement::Bundle::parse(bytes);
    bool usable = list.require("bundle.parse", parsed.has_value(),
                               parsed ? std::to_string(bytes.size()) + " bytes" : parsed.error().describe());
    if (usable) {
        out.bundle = std::move(*parsed).claimed();
        usable = list.require("bundle.tee", out.bundle->tee == statement::TeeType::kTdx, to_string(out.bundle->tee)) &&
                 list.require("bundle.certificates", out.bundle->certificates.empty(),
                              std::to_string(out.bundle->certificates.size()));
    }
    list.into(out.verdict);
    return usable;
}

}  // namespace

Roots genuine_roots() {
    Roots out;
    out.tdx.push_back(tdx::intel_root());
    return out;
}

// Verifier is the only maker of node keys: by the state of a finished verdict, and of nothing else.
struct NodeKey::Verifier {
    static void give_key(Verification& verification, const policy::Policy& policy) {
        const Verdict& verdict = verification.verdict;
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

Verification verify_bundle(ByteView bundle, const policy::Policy& policy, const Roots& roots,
                           const Expectation& expectation, TimePoint now) {
    Verification out;
    out.at = now;
    std::optional<Verified<tdx::SignedQuote>> quote;
    if (open_bundle(bundle, out))
        quote = tdx::verify_quote(out.bundle->cpu_evidence, anchors_of(roots), now, out.verdict);
    else
        Checklist{tdx::checks()}.into(out.verdict);
    Checklist list{statement_checks()};
    if (quote) Judge{*out.bundle, **quote, policy, expectation, now, out.verdict, list}.run();
    list.into(out.verdict);
    NodeKey::Verifier::give_key(out, policy);
    return out;
}

}  // namespace openpcc::verify

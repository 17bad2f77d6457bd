// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "crypto/random.hpp"
#include "evidence/simulated/collateral.hpp"
#include "evidence/simulated/platform.hpp"
#include "evidence/tdx/verify.hpp"

// For tests and corpora: one good TDX machine with its collateral and rules; a case changes one thing.
namespace openpcc::simulated {

struct TdxJudged {
    std::optional<Verified<tdx::SignedQuote>> quote;
    Verdict verdict;

    std::vector<std::string> with(Outcome outcome) const {
        std::vector<std::string> out;
        for (const Check& check : verdict.checks())
            if (check.outcome == outcome) out.push_back(check.id);
        return out;
    }
    std::vector<std::string> failing() const { return with(Outcome::kFail); }
    const Check& check(std::string_view id) const { return *std::ranges::find(verdict.checks(), id, &Check::id); }
};

struct TdxWorld {
    crypto::SystemRandom random;
    TimePoint now = parse_rfc3339("2026-11-25T07:00:00Z").value();
    RootAuthority root = RootAuthority::create(now).value();
    PlatformSpec platform = PlatformSpec::good(random, now);
    CollateralDraft collateral = CollateralDraft::good(platform.platform, now);
    tdx::Rules rules = good_rules();
    std::function<void(Draft&)> change_draft = [](Draft&) {};
    std::function<void(tdx::Collateral&)> change_collateral = [](tdx::Collateral&) {};

    static tdx::Rules good_rules() {
        tdx::Rules out;
        out.least_tcb_evaluation = 20;
        out.least_qe_evaluation = 19;
        out.modules = {{1, 0x0b}, {3, 0x0b}};
        out.collateral_age = {Seconds(std::chrono::days(14)), Seconds(std::chrono::days(31))};
        out.xfam.fill(evidence::Must::kAny);
        for (std::size_t i = 0; i < tdx::kAttributeBits.size(); ++i)
            if (tdx::kAttributeBits[i].name == "sept_ve_disable") out.attributes[i] = evidence::Must::kOne;
        return out;
    }

    tdx::Anchors anchors() const {
        tdx::Anchors out;
        out.genuine = {tdx::intel_root()};
        out.simulated = {root.certificate()};
        return out;
    }
    Platform machine() { return Platform::from_root(root, platform, random).value(); }
    Bytes quote(const Platform& machine) const {
        Draft draft = machine.draft(Platform::report(ByteArray<64>{{1, 2, 3}}));
        change_draft(draft);
        return machine.sign(draft).value();
    }
    tdx::Collateral published() const {
        tdx::Collateral out = publish(root, collateral).value();
        change_collateral(out);
        return out;
    }
    TdxJudged judge(ByteView quote, const tdx::SignedCollateral& with) const {
        TdxJudged out;
        out.quote = tdx::verify_quote(quote, anchors(), with, rules, now, out.verdict);
        return out;
    }
    TdxJudged judge() { return judge(quote(machine()), tdx::SignedCollateral(published(), anchors())); }
};

}  // namespace openpcc::simulated

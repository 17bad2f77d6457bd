// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "crypto/random.hpp"
#include "evidence/simulated/snp_platform.hpp"
#include "evidence/snp/verify.hpp"

// What tests of SEV-SNP share: one simulated AMD, a machine of it, and rules that it meets. A test changes one thing
// and says which checks must turn red.
namespace openpcc::simulated {

inline const TimePoint kSnpNow = parse_rfc3339("2026-11-25T07:00:00Z").value();

// Keys of AMD's size take seconds; what is tested does not depend on it.
inline std::shared_ptr<const SnpCaKeys> test_ca_keys() {
    static const auto keys = SnpCaKeys::generate(2048);
    return keys;
}

struct SnpJudged {
    std::optional<Verified<snp::SignedReport>> report;
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

struct SnpWorld {
    crypto::SystemRandom random;
    snp::Product product;
    snp::KeyKind kind;
    SnpAuthority authority;
    SnpPlatform platform;
    snp::Rules rules;
    std::vector<Bytes> crls;
    TimePoint now = kSnpNow;
    snp::Anchors anchors;
    std::optional<snp::SignedCollateral> kept;  // in place of one made from `crls` each time

    explicit SnpWorld(snp::Product p = snp::Product::kGenoa, snp::KeyKind k = snp::KeyKind::kVcek)
        : product(p),
          kind(k),
          authority(SnpAuthority::create(SnpAuthoritySpec::good(p, kSnpNow), test_ca_keys()).value()),
          platform(SnpPlatform::create(authority, k, random, kSnpNow).value()),
          rules(good_rules(p)) {
        crls = {authority.crl(kSnpNow - std::chrono::hours(1), kSnpNow + std::chrono::days(5), {}).value()};
        anchors.genuine = snp::amd_roots();
        anchors.simulated = {authority.ark()};
    }

    // Every bit is decided: what the good report has must be one, everything else zero.
    static snp::Rules good_rules(snp::Product product) {
        snp::ProductRule rule;
        rule.product = product;
        rule.green = good_tcb(product);
        rule.least_firmware = {1, 55, 40};
        rule.policy.fill(evidence::Must::kZero);
        rule.policy[0] = evidence::Must::kOne;  // SMT
        rule.platform.fill(evidence::Must::kZero);
        rule.platform[0] = rule.platform[2] = rule.platform[5] = evidence::Must::kOne;  // SMT, ECC, alias check
        snp::Rules out;
        out.products = {rule};
        out.vlek_providers = {std::string(kSnpProvider)};
        out.collateral_age = {std::chrono::days(10), std::chrono::days(30)};
        return out;
    }
    snp::ProductRule& rule() { return rules.products[0]; }

    snp::Report report() const { return platform.report(ByteArray<64>{{1, 2, 3}}); }
    Bytes good() const { return platform.sign(report()).value(); }

    snp::SignedCollateral signed_collateral() const { return {snp::Collateral{crls}, anchors}; }
    SnpJudged judge(ByteView evidence, const std::vector<Bytes>& certificates) const {
        const snp::SignedCollateral collateral = kept ? *kept : signed_collateral();
        SnpJudged out;
        out.report = snp::verify_report(evidence, certificates, anchors, collateral, rules, now, out.verdict);
        return out;
    }
    SnpJudged judge(ByteView evidence) const { return judge(evidence, platform.certificates()); }
    SnpJudged judge() const { return judge(good()); }
    // judge_with signs the good report with one thing changed.
    SnpJudged judge_with(const std::function<void(snp::Report&)>& change) const {
        snp::Report changed = report();
        change(changed);
        return judge(platform.sign(changed).value());
    }
    // judge_leaf puts a machine with another leaf in the place of this one.
    SnpJudged judge_leaf(const std::function<void(SnpLeafSpec&)>& change) {
        SnpLeafSpec spec = SnpLeafSpec::good(product, kind, random, now);
        change(spec);
        const auto other = SnpPlatform::create(authority, spec, random).value();
        return judge(other.sign(other.report(ByteArray<64>{})).value(), other.certificates());
    }
};

inline constexpr snp::Product kSnpProducts[] = {snp::Product::kMilan, snp::Product::kGenoa, snp::Product::kTurin};
inline constexpr snp::KeyKind kSnpKinds[] = {snp::KeyKind::kVcek, snp::KeyKind::kVlek};

}  // namespace openpcc::simulated

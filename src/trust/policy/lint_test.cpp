// SPDX-License-Identifier: Apache-2.0
#include "trust/policy/lint.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "trust/policy/sample.hpp"

namespace openpcc::policy {
namespace {

using evidence::Must;
using ::testing::IsEmpty;

// quiet is a policy that lint has nothing to say about.
Policy quiet() {
    Policy out = sample_policy(Preset::kStrict);
    out.tdx->service_tds.clear();
    out.snp->vlek_providers.clear();
    out.snp->provisional_tcb = false;
    out.exceptions.clear();
    out.require_pq = true;
    return out;
}

std::vector<std::string> members(const std::vector<Finding>& findings, Finding::Severity severity) {
    std::vector<std::string> out;
    for (const Finding& finding : findings)
        if (finding.severity == severity) out.push_back(finding.member);
    return out;
}

template <class Table, class Bits>
void set(const Table& table, Bits& bits, std::string_view name, Must must) {
    bits[static_cast<std::size_t>(std::ranges::find(table, name, &Table::value_type::name) - table.begin())] = must;
}

struct Case {
    std::string member;
    Finding::Severity severity;
    std::function<void(Policy&)> change;
};

void expect(const Case& one) {
    Policy policy = quiet();
    one.change(policy);
    const auto findings = lint(policy, sample_time());
    EXPECT_THAT(members(findings, one.severity), ::testing::Contains(one.member)) << one.member;
    // A warning is no error, and the other way round.
    const auto other =
        one.severity == Finding::Severity::kError ? Finding::Severity::kWarning : Finding::Severity::kError;
    EXPECT_THAT(members(findings, other), ::testing::Not(::testing::Contains(one.member))) << one.member;
}

TEST(Lint, HasNothingToSayAboutAGoodPolicy) { EXPECT_THAT(lint(quiet(), sample_time()), IsEmpty()); }

// systems.md GW-5: TCB rules were commented out under pressure. Every member is required, so that what is left is a
// floor that lets everything pass; such a policy is not signed.
TEST(Lint, GW_5_APolicyWithoutATcbRuleIsAnError) {
    const auto error = Finding::Severity::kError;
    const Case cases[] = {
        {"tdx.least_tcb_evaluation", error, [](Policy& p) { p.tdx->least_tcb_evaluation = 0; }},
        {"tdx.least_qe_evaluation", error, [](Policy& p) { p.tdx->least_qe_evaluation = 0; }},
        {"tdx.modules[1].least", error, [](Policy& p) { p.tdx->modules[1].least = 0; }},
        {"tdx.grace_days", error,
         [](Policy& p) {
             p.tdx->amber = {tdx::TcbStatus::kOutOfDate};
             p.tdx->grace = std::chrono::days(3650);
         }},
        {"snp.products[0].green", error, [](Policy& p) { p.snp->products[0].green = {}; }},
        {"snp.products[1].green", error, [](Policy& p) { p.snp->products[1].green.microcode = 0; }},
        {"snp.products[0].amber.least", error,
         [](Policy& p) { p.snp->products[0].amber = {{}, {"AMD-SB-3020"}, sample_time() + std::chrono::days(1)}; }},
    };
    for (const Case& one : cases) expect(one);
}

TEST(Lint, WhatMustNotBeSigned) {
    const auto error = Finding::Severity::kError;
    expect({"expires", error, [](Policy& p) { p.expires = sample_time(); }});
    for (Must must : {Must::kAny, Must::kOne})
        expect({"snp.products[0].policy.debug", error,
                [&](Policy& p) { set(snp::kPolicyBits, p.snp->products[0].policy, "debug", must); }});
}

TEST(Lint, WhatAcceptsNothing) {
    const auto warning = Finding::Severity::kWarning;
    const Case cases[] = {
        {"measurements", warning, [](Policy& p) { p.tdx_measurements.clear(), p.snp_measurements.clear(); }},
        {"measurements", warning, [](Policy& p) { p.tdx.reset(); }},
        {"measurements", warning, [](Policy& p) { p.snp.reset(); }},
        {"measurements", warning, [](Policy& p) { p.revoked_releases = {"demo-1.0.0"}; }},
        {"models", warning, [](Policy& p) { p.models.clear(); }},
        {"engine_profiles", warning, [](Policy& p) { p.engine_profiles.clear(); }},
        {"isolation", warning, [](Policy& p) { p.isolation.clear(); }},
        {"hardware.ids", warning, [](Policy& p) { p.hardware.ids.clear(); }},
        {"roots.required", warning, [](Policy& p) { p.roots.required = 3; }},
        {"tdx", warning, [](Policy& p) { p.tdx.reset(), p.snp.reset(); }},
        {"tdx.modules", warning, [](Policy& p) { p.tdx->modules.clear(); }},
        {"snp.products", warning, [](Policy& p) { p.snp->products.clear(); }},
    };
    for (const Case& one : cases) expect(one);
}

TEST(Lint, WhatAPresetWouldNotAccept) {
    const auto warning = Finding::Severity::kWarning;
    const auto attribute = [](std::string_view name, Must must) {
        return [=](Policy& p) { set(tdx::kAttributeBits, p.tdx->attributes, name, must); };
    };
    const auto later = [](int days) { return sample_time() + std::chrono::days(days); };
    const Case cases[] = {
        {"expires", warning, [&](Policy& p) { p.expires = later(14); }},
        {"issued", warning, [&](Policy& p) { p.issued = later(1); }},
        {"tdx.grace_days", warning,
         [](Policy& p) {
             p.tdx->amber = {tdx::TcbStatus::kOutOfDate};
             p.tdx->grace = std::chrono::days(91);
         }},
        {"tdx.collateral_age.red_days", warning, [](Policy& p) { p.tdx->collateral_age.red = std::chrono::days(367); }},
        {"tdx.attributes.sept_ve_disable", warning, attribute("sept_ve_disable", Must::kAny)},
        {"tdx.attributes.migratable", warning, attribute("migratable", Must::kAny)},
        {"tdx.attributes.perfmon", warning, attribute("perfmon", Must::kAny)},
        {"tdx.service_tds", warning, [](Policy& p) { p.tdx->service_tds = {{}}; }},
        {"snp.products[0].product", warning, [](Policy& p) { p.snp->products[0].product = snp::Product::kMilan; }},
        {"snp.products[0].amber.until", warning,
         [&](Policy& p) { p.snp->products[0].amber = {p.snp->products[0].green, {"AMD-SB-3020"}, later(0)}; }},
        {"snp.products[0].amber.until", warning,
         [&](Policy& p) { p.snp->products[0].amber = {p.snp->products[0].green, {"AMD-SB-3020"}, later(367)}; }},
        {"snp.products[0].policy.migrate_ma", warning,
         [](Policy& p) { set(snp::kPolicyBits, p.snp->products[0].policy, "migrate_ma", Must::kAny); }},
        {"snp.products[0].policy.cxl", warning,
         [](Policy& p) { set(snp::kPolicyBits, p.snp->products[0].policy, "cxl", Must::kAny); }},
        {"snp.products[0].platform.alias_check", warning,
         [](Policy& p) { set(snp::kPlatformBits, p.snp->products[0].platform, "alias_check", Must::kAny); }},
        {"snp.vlek_providers", warning, [](Policy& p) { p.snp->vlek_providers = {"cloud"}; }},
        {"snp.vmpl", warning, [](Policy& p) { p.snp->vmpl = 1; }},
        {"snp.provisional_tcb", warning, [](Policy& p) { p.snp->provisional_tcb = true; }},
        {"exceptions[0]", warning, [](Policy& p) { p.exceptions = sample_policy().exceptions; }},
        {"exceptions[0].until", warning,
         [&](Policy& p) {
             p.exceptions = sample_policy().exceptions;
             p.exceptions[0].until = later(91);
         }},
        {"preset", warning, [](Policy& p) { p.preset = Preset::kDevelopment; }},
        {"hardware", warning, [](Policy& p) { p.hardware = {Hardware::Rule::kAny, {}}; }},
        {"max_evidence_age", warning, [](Policy& p) { p.max_evidence_age = Seconds(3601); }},
        {"require_pq", warning, [](Policy& p) { p.require_pq = false; }},
    };
    for (const Case& one : cases) expect(one);
}

// systems.md GW-6: an exception never goes unmentioned, and one that has ended is said to do nothing.
TEST(Lint, GW_6_ExceptionsAreAlwaysShown) {
    Policy policy = quiet();
    policy.exceptions = sample_policy().exceptions;
    policy.exceptions[1].until = sample_time();
    const auto findings = lint(policy, sample_time());
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_THAT(findings[0].text, ::testing::HasSubstr(policy.exceptions[0].reason));
    EXPECT_THAT(findings[1].text, ::testing::HasSubstr("does nothing"));
}

TEST(Lint, PresetsHaveNoErrors) {
    for (Preset preset : kPresets)
        EXPECT_THAT(members(lint(Policy::of(preset, sample_time()), sample_time()), Finding::Severity::kError),
                    IsEmpty());
}

}  // namespace
}  // namespace openpcc::policy

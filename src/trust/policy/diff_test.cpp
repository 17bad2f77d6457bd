// SPDX-License-Identifier: Apache-2.0
#include "trust/policy/diff.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "trust/policy/sample.hpp"

namespace openpcc::policy {
namespace {

using evidence::Must;
using ::testing::IsEmpty;

// looser changes one member of the sample so that it accepts more; the way back is tighter.
struct Looser {
    std::string member;
    std::function<void(Policy&)> change;
};

const Looser kLooser[] = {
    {"expires", [](Policy& p) { p.expires += Seconds(1); }},
    {"preset", [](Policy& p) { p.preset = Preset::kDevelopment; }},
    {"roots.required", [](Policy& p) { p.roots.required -= 1; }},
    {"roots.of", [](Policy& p) { p.roots.of.push_back(VendorRoot::kNvidia); }},
    {"tdx.least_tcb_evaluation", [](Policy& p) { p.tdx->least_tcb_evaluation -= 1; }},
    {"tdx.least_qe_evaluation", [](Policy& p) { p.tdx->least_qe_evaluation -= 1; }},
    {"tdx.modules[1].least", [](Policy& p) { p.tdx->modules[0].least -= 1; }},
    {"tdx.modules[7]", [](Policy& p) { p.tdx->modules.push_back({7, 1}); }},
    {"tdx.amber", [](Policy& p) { p.tdx->amber.push_back(tdx::TcbStatus::kConfigurationNeeded); }},
    {"tdx.accepted_advisories", [](Policy& p) { p.tdx->accepted_advisories.emplace_back("INTEL-SA-01036"); }},
    {"tdx.denied_advisories", [](Policy& p) { p.tdx->denied_advisories.clear(); }},
    {"tdx.grace_days", [](Policy& p) { p.tdx->grace += std::chrono::days(1); }},
    {"tdx.collateral_age.amber_days", [](Policy& p) { p.tdx->collateral_age.amber += std::chrono::days(1); }},
    {"tdx.collateral_age.red_days", [](Policy& p) { p.tdx->collateral_age.red += std::chrono::days(1); }},
    {"tdx.attributes.migratable", [](Policy& p) { p.tdx->attributes[3] = Must::kAny; }},
    {"tdx.xfam.x87", [](Policy& p) { p.tdx->xfam[0] = Must::kAny; }},
    {"tdx.service_tds", [](Policy& p) { p.tdx->service_tds.push_back({{1}}); }},
    {"snp.products[Milan]", [](Policy& p) { p.snp->products.emplace_back().product = snp::Product::kMilan; }},
    {"snp.products[Turin].green.fmc", [](Policy& p) { p.snp->products[1].green.fmc -= 1; }},
    {"snp.products[Genoa].green.boot_loader", [](Policy& p) { p.snp->products[0].green.boot_loader -= 1; }},
    {"snp.products[Genoa].green.tee", [](Policy& p) { p.snp->products[0].green.tee -= 1; }},
    {"snp.products[Genoa].green.snp", [](Policy& p) { p.snp->products[0].green.snp -= 1; }},
    {"snp.products[Genoa].green.microcode", [](Policy& p) { p.snp->products[0].green.microcode -= 1; }},
    {"snp.products[Genoa].least_firmware", [](Policy& p) { p.snp->products[0].least_firmware.build -= 1; }},
    {"snp.products[Genoa].amber.least.snp", [](Policy& p) { p.snp->products[0].amber->least.snp -= 1; }},
    {"snp.products[Genoa].amber.until", [](Policy& p) { p.snp->products[0].amber->until += Seconds(1); }},
    {"snp.products[Genoa].policy.debug", [](Policy& p) { p.snp->products[0].policy[2] = Must::kAny; }},
    {"snp.products[Genoa].platform.alias_check", [](Policy& p) { p.snp->products[0].platform[5] = Must::kAny; }},
    {"snp.products[Genoa].platform_unknown", [](Policy& p) { p.snp->products[0].platform_unknown = Must::kAny; }},
    {"snp.vlek_providers", [](Policy& p) { p.snp->vlek_providers.emplace_back("other"); }},
    {"snp.provisional_tcb", [](Policy& p) { p.snp->provisional_tcb = true; }},
    {"snp.collateral_age.red_days", [](Policy& p) { p.snp->collateral_age.red += std::chrono::days(1); }},
    {"measurements", [](Policy& p) { p.tdx_measurements.emplace_back(); }},
    {"measurements", [](Policy& p) { p.snp_measurements.emplace_back(); }},
    {"revoked_releases", [](Policy& p) { p.revoked_releases.clear(); }},
    {"models", [](Policy& p) { p.models.push_back({{1}}); }},
    {"engine_profiles", [](Policy& p) { p.engine_profiles.push_back({{1}}); }},
    {"hardware.rule", [](Policy& p) { p.hardware = {Hardware::Rule::kAny, {}}; }},
    {"hardware.ids", [](Policy& p) { p.hardware.ids.push_back({{1}}); }},
    {"isolation", [](Policy& p) { p.isolation.push_back(statement::Isolation::kVmPerTenant); }},
    {"exceptions[snp.firmware, release demo-1.0.0]",
     [](Policy& p) {
         p.exceptions.push_back(p.exceptions[1]);
         p.exceptions[2].check = "snp.firmware";
     }},
    {"exceptions[snp.tcb.reported, release demo-1.0.0].until", [](Policy& p) { p.exceptions[1].until += Seconds(1); }},
    {"max_evidence_age", [](Policy& p) { p.max_evidence_age += Seconds(1); }},
    {"candidates", [](Policy& p) { p.candidates += 1; }},
    {"require_pq", [](Policy& p) { p.require_pq = false; }},
};

Policy base() {
    Policy out = sample_policy(Preset::kStandard);
    out.roots.required = 2;
    out.isolation.pop_back();
    out.snp->provisional_tcb = false;
    out.snp->products[1].green.fmc = 1;
    out.snp->products[0].green.tee = 1;
    out.require_pq = true;
    return out;
}

TEST(Diff, OfEqualPoliciesIsEmpty) {
    EXPECT_THAT(diff(base(), base()), IsEmpty());
    Policy turned = base();
    std::ranges::reverse(turned.engine_profiles);
    std::ranges::reverse(turned.snp->products);
    std::ranges::reverse(turned.exceptions);
    EXPECT_THAT(diff(base(), turned), IsEmpty());
}

TEST(Diff, SaysWhichMemberAcceptsMore) {
    for (const Looser& one : kLooser) {
        Policy changed = base();
        one.change(changed);
        const auto there = diff(base(), changed);
        ASSERT_EQ(there.size(), 1U) << one.member;
        EXPECT_EQ(there[0].member, one.member);
        EXPECT_EQ(there[0].direction, Direction::kLooser) << one.member;
        const auto back = diff(changed, base());
        ASSERT_EQ(back.size(), 1U) << one.member;
        EXPECT_EQ(back[0].direction, Direction::kTighter) << one.member;
        EXPECT_EQ(back[0].from, there[0].to);
        EXPECT_EQ(back[0].to, there[0].from);
    }
}

TEST(Diff, SaysWhatIsNeither) {
    const Looser different[] = {
        {"name", [](Policy& p) { p.name = "other"; }},
        {"issued", [](Policy& p) { p.issued += Seconds(1); }},
        {"preset", [](Policy& p) { p.preset = Preset::kStrict; }},
        {"tdx.attributes.migratable", [](Policy& p) { p.tdx->attributes[3] = Must::kOne; }},
        {"snp.products[Genoa].amber.advisories", [](Policy& p) { p.snp->products[0].amber->advisories.pop_back(); }},
        {"snp.vmpl", [](Policy& p) { p.snp->vmpl = 1; }},
        {"exceptions[snp.tcb.reported, release demo-1.0.0].reason", [](Policy& p) { p.exceptions[1].reason = "x"; }},
        {"exceptions[snp.tcb.reported, release demo-1.0.0].advisory",
         [](Policy& p) { p.exceptions[1].advisory = "X"; }},
    };
    for (const Looser& one : different) {
        Policy changed = base();
        one.change(changed);
        const auto found = diff(base(), changed);
        ASSERT_EQ(found.size(), 1U) << one.member;
        EXPECT_EQ(found[0].member, one.member);
        EXPECT_EQ(found[0].direction, Direction::kDifferent) << one.member;
    }
}

TEST(Diff, ATeeThatIsRefusedIsTighter) {
    Policy changed = base();
    changed.tdx.reset();
    changed.snp->products[0].amber.reset();
    const auto found = diff(base(), changed);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0], (Change{"tdx", "present", "null", Direction::kTighter}));
    EXPECT_EQ(found[1], (Change{"snp.products[Genoa].amber", "present", "null", Direction::kTighter}));
}

// Whatever is different in the file is different here: no member is forgotten.
TEST(Diff, GW_23_SeesEveryMemberOfTheFile) {
    const auto text = base().to_json();
    for (const Looser& one : kLooser) {
        Policy changed = base();
        one.change(changed);
        EXPECT_NE(changed.to_json(), text) << one.member;
    }
    // And the table above names every member that a file has.
    auto value = sample_json(base());
    for (const auto& member : value.members()) {
        if (member.first == "version" || member.first == "name" || member.first == "issued") continue;
        EXPECT_TRUE(std::ranges::any_of(kLooser, [&](const Looser& one) {
            return one.member.starts_with(member.first);
        })) << member.first;
    }
}

}  // namespace
}  // namespace openpcc::policy

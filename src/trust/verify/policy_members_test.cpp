// SPDX-License-Identifier: Apache-2.0
// GW-23: members of a policy were read, shown, and enforced by nobody. Here each member has a machine that it alone
// keeps out, or makes a note of.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "trust/policy/sample.hpp"
#include "trust/verify/snp_scene.hpp"

namespace openpcc::verify {
namespace {

using evidence::Must;
using statement::TeeType;
using std::chrono::days;
using testing::IsEmpty;
using testing::Not;

// Rule is a scene that passes after `before`, and no longer (or with a note) after `change`, which touches the policy
// alone, in the member that is named as a file has it, without positions in lists.
struct Rule {
    std::string member;
    std::vector<std::string> checks;  // those that fail, or are notes; nothing else does
    TeeType tee = TeeType::kTdx;
    Outcome outcome = Outcome::kFail;
    std::function<void(SnpScene&)> before = [](SnpScene&) {};
    std::function<void(policy::Policy&)> change;
};

using Policy = policy::Policy;
using Change = std::function<void(Policy&)>;
using Before = std::function<void(SnpScene&)>;

Rule rule(std::string member, std::string check, Change change, Before before = [](SnpScene&) {}) {
    return {std::move(member), {std::move(check)}, TeeType::kTdx, Outcome::kFail, std::move(before), std::move(change)};
}
Rule note(Rule rule) { return rule.outcome = Outcome::kNote, rule; }
Rule snp(Rule rule) { return rule.tee = TeeType::kSnp, rule; }

const Rule kHead[] = {
    rule("issued", "policy.expiry", [](Policy& p) { p.issued = p.issued + Seconds(301); }),
    rule("expires", "policy.expiry", [](Policy& p) { p.expires = p.issued; }),
    rule("preset", "policy.simulated", [](Policy& p) { p.preset = policy::Preset::kStrict; }),
    rule("roots.required", "policy.roots", [](Policy& p) { p.roots.required = 2; }),
    rule("roots.of", "policy.roots", [](Policy& p) { p.roots.of = {policy::VendorRoot::kAmd}; }),
    rule("roots.of", "policy.roots", [](Policy& p) { p.roots.of.clear(); }),
    snp(rule("roots.of", "policy.roots", [](Policy& p) { p.roots.of = {policy::VendorRoot::kIntel}; })),
    rule("tdx", "bundle.tee", [](Policy& p) { p.tdx.reset(); }),
    snp(rule("snp", "bundle.tee", [](Policy& p) { p.snp.reset(); })),
    rule("revoked_releases", "policy.revoked_release", [](Policy& p) { p.revoked_releases = {"demo-1.0.0"}; }),
    rule("models", "policy.model", [](Policy& p) { p.models = {Digest256{{1}}}; }),
    rule("models", "policy.model", [](Policy& p) { p.models.clear(); }),
    rule("engine_profiles", "policy.engine_profile", [](Policy& p) { p.engine_profiles = {Digest256{{1}}}; }),
    rule("engine_profiles", "policy.engine_profile", [](Policy& p) { p.engine_profiles.clear(); }),
    rule("hardware.rule", "policy.hardware", [](Policy& p) { p.hardware.rule = policy::Hardware::Rule::kListed; }),
    rule(
        "hardware.ids", "policy.hardware", [](Policy& p) { p.hardware.ids = {Digest256{{1}}}; },
        [](SnpScene& s) { s.scene.policy.hardware = {policy::Hardware::Rule::kListed, {*s.scene.verify().platform}}; }),
    rule("isolation", "policy.isolation", [](Policy& p) { p.isolation.clear(); }),
    rule("isolation", "policy.isolation", [](Policy& p) { p.isolation = {statement::Isolation::kVmPerTenant}; }),
    rule("max_evidence_age", "freshness.challenge", [](Policy& p) { p.max_evidence_age = Seconds(4); }),
    rule("require_pq", "policy.pq", [](Policy& p) { p.require_pq = true; }),
};

// What is published says that the platform has this status, and that one above is up to date since ten days.
Before published(tdx::TcbStatus status, std::vector<std::string> advisories = {}) {
    return [=](SnpScene& s) {
        auto& levels = s.scene.published.tcb_info.levels;
        levels.insert(levels.begin(), levels.front());
        levels[0].sgx[0] += 1;
        levels[0].grade.date = s.scene.now - days(10);
        levels[1].grade.status = status;
        levels[1].grade.advisories = advisories;
        auto& rules = *s.scene.policy.tdx;
        rules.amber = {tdx::TcbStatus::kSwHardeningNeeded, tdx::TcbStatus::kOutOfDate};
        rules.grace = days(90);
        rules.accepted_advisories = {"INTEL-SA-00615"};
    };
}
Before excused(std::variant<Digest256, std::string> scope = std::string("demo-1.0.0")) {
    return [=](SnpScene& s) {
        published(tdx::TcbStatus::kOutOfDate)(s);
        s.scene.policy.tdx->amber.clear();
        s.scene.policy.exceptions = {{"tdx.tcb", scope, "parts are late", "INTEL-SA-00615", s.scene.now + days(1)}};
        if (std::holds_alternative<Digest256>(scope)) s.scene.policy.exceptions[0].scope = *s.scene.verify().platform;
    };
}

const Rule kTdx[] = {
    rule("tdx.least_tcb_evaluation", "tdx.tcb_evaluation", [](Policy& p) { p.tdx->least_tcb_evaluation = 100000; }),
    rule("tdx.least_qe_evaluation", "tdx.tcb_evaluation", [](Policy& p) { p.tdx->least_qe_evaluation = 100000; }),
    rule("tdx.modules", "tdx.module_floor", [](Policy& p) { p.tdx->modules.clear(); }),
    rule("tdx.modules.major", "tdx.module_floor", [](Policy& p) { p.tdx->modules = {{.major = 2, .least = 0}}; }),
    rule("tdx.modules.least", "tdx.module_floor", [](Policy& p) { p.tdx->modules = {{.major = 1, .least = 200}}; }),
    rule(
        "tdx.amber", "tdx.tcb", [](Policy& p) { p.tdx->amber.clear(); }, published(tdx::TcbStatus::kOutOfDate)),
    rule(
        "tdx.accepted_advisories", "tdx.tcb", [](Policy& p) { p.tdx->accepted_advisories.clear(); },
        published(tdx::TcbStatus::kSwHardeningNeeded, {"INTEL-SA-00615"})),
    rule(
        "tdx.denied_advisories", "tdx.tcb", [](Policy& p) { p.tdx->denied_advisories = {"INTEL-SA-00615"}; },
        published(tdx::TcbStatus::kSwHardeningNeeded, {"INTEL-SA-00615"})),
    rule(
        "tdx.grace_days", "tdx.tcb", [](Policy& p) { p.tdx->grace = days(9); }, published(tdx::TcbStatus::kOutOfDate)),
    note(rule("tdx.collateral_age.amber_days", "tdx.collateral_age",
              [](Policy& p) { p.tdx->collateral_age.amber = Seconds(60); })),
    rule("tdx.collateral_age.red_days", "tdx.collateral_age",
         [](Policy& p) { p.tdx->collateral_age = {Seconds(30), Seconds(60)}; }),
    rule(
        "tdx.service_tds", "tdx.service_td", [](Policy& p) { p.tdx->service_tds = {{{2}}}; },
        [](SnpScene& s) {
            s.scene.policy.tdx->service_tds = {{{1}}};
            s.scene.change_draft = [](auto& d) {
                d.header.version = 5, d.body_type = tdx::BodyType::kTd15;
                d.report.tee_tcb_svn2 = d.report.tee_tcb_svn, d.report.mr_service_td.bytes[0] = 1;
            };
        }),
    rule("measurements.tee", "statement.release", [](Policy& p) { p.tdx_measurements.clear(); }),
    rule("measurements.release", "statement.release", [](Policy& p) { p.tdx_measurements[0].release = "demo-2.0.0"; }),
    rule("measurements.mrtd", "policy.measurement.mrtd", [](Policy& p) { p.tdx_measurements[0].mrtd.bytes[47] ^= 1; }),
    rule(
        "exceptions.check", "tdx.tcb", [](Policy& p) { p.exceptions[0].check = "tdx.tcb_info"; }, excused()),
    rule(
        "exceptions.scope.release", "tdx.tcb", [](Policy& p) { p.exceptions[0].scope = "demo-2.0.0"; }, excused()),
    rule(
        "exceptions.scope.platform", "tdx.tcb", [](Policy& p) { p.exceptions[0].scope = Digest256{{1}}; },
        excused(Digest256{})),
    rule(
        "exceptions.until", "tdx.tcb", [](Policy& p) { p.exceptions[0].until = p.issued; }, excused()),
};

snp::ProductRule& product(Policy& p) { return p.snp->products[0]; }
void amber(SnpScene& s) {
    snp::ProductRule& rule = product(s.scene.policy);
    rule.amber = snp::ProductRule::Amber{rule.green, {"AMD-SB-3020"}, s.scene.now + days(2)};
    rule.green.microcode += 1;
}
const std::vector<std::string> kThree = {"snp.tcb.reported", "snp.tcb.committed", "snp.tcb.launch"};
Rule three(std::string member, Change change, Before before = [](SnpScene&) {}) {
    return {std::move(member), kThree, TeeType::kSnp, Outcome::kFail, std::move(before), std::move(change)};
}

const Rule kSnp[] = {
    snp(rule("snp.products", "snp.product", [](Policy& p) { p.snp->products.clear(); })),
    snp(rule("snp.products.product", "snp.product", [](Policy& p) { product(p).product = snp::Product::kTurin; })),
    three("snp.products.green.boot_loader", [](Policy& p) { product(p).green.boot_loader += 1; }),
    three("snp.products.green.tee", [](Policy& p) { product(p).green.tee += 1; }),
    three("snp.products.green.snp", [](Policy& p) { product(p).green.snp += 1; }),
    three("snp.products.green.microcode", [](Policy& p) { product(p).green.microcode += 1; }),
    three(
        "snp.products.amber", [](Policy& p) { product(p).amber.reset(); }, amber),
    three(
        "snp.products.amber.least.boot_loader", [](Policy& p) { product(p).amber->least.boot_loader += 1; }, amber),
    three(
        "snp.products.amber.least.tee", [](Policy& p) { product(p).amber->least.tee += 1; }, amber),
    three(
        "snp.products.amber.least.snp", [](Policy& p) { product(p).amber->least.snp += 1; }, amber),
    three(
        "snp.products.amber.least.microcode", [](Policy& p) { product(p).amber->least.microcode += 1; }, amber),
    three(
        "snp.products.amber.advisories", [](Policy& p) { product(p).amber->advisories.clear(); }, amber),
    three(
        "snp.products.amber.until", [](Policy& p) { product(p).amber->until = p.issued; }, amber),
    snp(rule("snp.products.least_firmware.major", "snp.firmware",
             [](Policy& p) { product(p).least_firmware.major = 2; })),
    snp(rule("snp.products.least_firmware.minor", "snp.firmware",
             [](Policy& p) { product(p).least_firmware.minor = 99; })),
    snp(rule("snp.products.least_firmware.build", "snp.firmware",
             [](Policy& p) { product(p).least_firmware.build = 255; })),
    snp(rule(
        "snp.products.platform_unknown", "snp.platform.unknown",
        [](Policy& p) { product(p).platform_unknown = Must::kZero; },
        [](SnpScene& s) {
            product(s.scene.policy).platform_unknown = Must::kAny;
            s.change_report = [](auto& r) { r.platform_info |= 1U << 6; };
        })),
    snp(rule("snp.vmpl", "snp.vmpl", [](Policy& p) { p.snp->vmpl = 1; })),
    snp(rule(
        "snp.provisional_tcb", "snp.tcb.current", [](Policy& p) { p.snp->provisional_tcb = false; },
        [](SnpScene& s) {
            s.scene.policy.snp->provisional_tcb = true;
            s.change_report = [](auto& r) {
                snp::Tcb tcb = simulated::good_tcb(snp::Product::kGenoa);
                tcb.microcode += 1;
                r.current_tcb = simulated::write_tcb(tcb, snp::Product::kGenoa);
            };
        })),
    note(snp(rule("snp.collateral_age.amber_days", "snp.crl",
                  [](Policy& p) { p.snp->collateral_age.amber = Seconds(60); }))),
    snp(rule("snp.collateral_age.red_days", "snp.crl",
             [](Policy& p) { p.snp->collateral_age = {Seconds(30), Seconds(60)}; })),
    snp(rule("measurements.tee", "statement.release", [](Policy& p) { p.snp_measurements.clear(); })),
    snp(rule("measurements.measurement", "policy.measurement.launch",
             [](Policy& p) { p.snp_measurements[0].measurement.bytes[47] ^= 1; })),
    snp(rule("measurements.host_data", "policy.measurement.host_data",
             [](Policy& p) { p.snp_measurements[0].host_data.bytes[31] ^= 1; })),
    snp(rule("measurements.id_key_digest", "policy.measurement.id_key",
             [](Policy& p) { p.snp_measurements[0].id_key_digest.bytes[47] ^= 1; })),
    snp(rule("measurements.author_key_digest", "policy.measurement.author_key",
             [](Policy& p) { p.snp_measurements[0].author_key_digest.bytes[47] ^= 1; })),
    snp(rule("measurements.guest_svn", "policy.measurement.guest_svn",
             [](Policy& p) { p.snp_measurements[0].guest_svn += 1; })),
};

Must turned(Must must) { return must == Must::kOne ? Must::kZero : Must::kOne; }

// Bits and registers, one rule each: a bit must be the other of what it is.
std::vector<Rule> rules() {
    std::vector<Rule> out(std::begin(kHead), std::end(kHead));
    out.insert(out.end(), std::begin(kTdx), std::end(kTdx));
    out.insert(out.end(), std::begin(kSnp), std::end(kSnp));
    for (std::size_t i = 0; i < 4; ++i)
        out.push_back(rule("measurements.rtmr" + std::to_string(i), "policy.measurement.rtmr" + std::to_string(i),
                           [i](Policy& p) { p.tdx_measurements[0].rtmr[i].bytes[47] ^= 1; }));
    for (std::size_t i = 0; i < tdx::kAttributeBits.size(); ++i) {
        const std::string name = "tdx.attributes." + std::string(tdx::kAttributeBits[i].name);
        const Must other = name.ends_with("sept_ve_disable") ? Must::kZero : Must::kOne;
        out.push_back(rule(name, name, [=](Policy& p) { p.tdx->attributes[i] = other; }));
    }
    for (std::size_t i = 0; i < tdx::kXfamBits.size(); ++i) {
        const bool set = (simulated::Platform::report(ByteArray<64>{}).xfam >> tdx::kXfamBits[i].bit & 1) != 0;
        out.push_back(rule("tdx.xfam." + std::string(tdx::kXfamBits[i].name), "tdx.xfam",
                           [=](Policy& p) { p.tdx->xfam[i] = set ? Must::kZero : Must::kOne; }));
    }
    for (std::size_t i = 0; i < snp::kPolicyBits.size(); ++i) {
        const std::string name(snp::kPolicyBits[i].name);
        out.push_back(snp(rule("snp.products.policy." + name, "snp.policy." + name,
                               [i](Policy& p) { product(p).policy[i] = turned(product(p).policy[i]); })));
    }
    for (std::size_t i = 0; i < snp::kPlatformBits.size(); ++i) {
        const std::string name(snp::kPlatformBits[i].name);
        out.push_back(snp(rule("snp.products.platform." + name, "snp.platform." + name,
                               [i](Policy& p) { product(p).platform[i] = turned(product(p).platform[i]); })));
    }
    return out;
}

std::vector<std::string> ids(const SnpScene& scene, TeeType tee, Outcome outcome) {
    return ids_with((tee == TeeType::kTdx ? scene.scene.verify() : scene.verify()).verdict, outcome);
}

TEST(PolicyRules, GW_23_EachMemberAloneDecides) {
    for (const Rule& rule : rules()) {
        SCOPED_TRACE(rule.member);
        SnpScene scene;
        rule.before(scene);
        ASSERT_THAT(ids(scene, rule.tee, Outcome::kFail), IsEmpty());
        for (const std::string& check : rule.checks)
            if (rule.outcome == Outcome::kNote)
                ASSERT_THAT(ids(scene, rule.tee, Outcome::kNote), Not(testing::Contains(check)));
        rule.change(scene.scene.policy);
        const auto found = ids(scene, rule.tee, rule.outcome);
        if (rule.outcome == Outcome::kFail)
            EXPECT_EQ(found, rule.checks);
        else
            EXPECT_THAT(found, testing::IsSupersetOf(rule.checks));
        const Verification result = rule.tee == TeeType::kTdx ? scene.scene.verify() : scene.verify();
        EXPECT_EQ(std::holds_alternative<std::monostate>(result.key), rule.outcome == Outcome::kFail);
    }
}

// Members that decide elsewhere, or are for people.
const std::set<std::string> kElsewhere = {
    "version",                       // Policy.VersionOneSaysWhatToDo
    "name",                          // for people
    "snp.products.green.fmc",        // Turin has one: SnpTcb.EachOfTheThreeIsGradedPartByPart
    "snp.products.amber.least.fmc",  // the same
    "snp.vlek_providers",            // a machine with a VLEK: Snp.TOB_10_AForeignChipIsRefusedAndEveryChipHasAName
    "exceptions.reason",             // shown: Exceptions.GW_6_TurnAFailureIntoANoteThatIsShown
    "exceptions.advisory",           // the same
    "candidates",                    // how many nodes a client draws
};

void members_of(const json::Value& value, const std::string& path, std::set<std::string>& out) {
    for (const json::Value& element : value.elements()) members_of(element, path, out);
    for (const json::Member& member : value.members())
        members_of(member.second, path.empty() ? member.first : path + "." + member.first, out);
    const bool leaf =
        !value.is_object() && !(value.is_array() && !value.elements().empty() && value.elements()[0].is_object());
    if (leaf && !path.empty()) out.insert(path);
}

TEST(PolicyRules, GW_23_EveryMemberOfTheFileHasItsRule) {
    std::set<std::string> of_file;
    members_of(policy::sample_json(), "", of_file);
    EXPECT_GT(of_file.size(), 90U);
    std::set<std::string> ruled = kElsewhere;
    for (const Rule& rule : rules()) ruled.insert(rule.member);
    for (const std::string& member : of_file) EXPECT_TRUE(ruled.contains(member)) << member << " has no rule here";
}

}  // namespace
}  // namespace openpcc::verify

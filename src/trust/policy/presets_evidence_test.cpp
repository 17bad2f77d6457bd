// SPDX-License-Identifier: Apache-2.0
// Presets against evidence: simulated machines, and genuine ones of the collection beside this tree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/simulated/snp_world.hpp"
#include "evidence/simulated/tdx_world.hpp"
#include "evidence/snp/samples.hpp"
#include "evidence/tdx/samples.hpp"
#include "trust/policy/sample.hpp"

namespace openpcc::policy {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

Policy preset_at(Preset preset, TimePoint now) { return Policy::of(preset, now - std::chrono::days(1)); }

TEST(Excusable, ChecksExist) {
    std::vector<std::string_view> known;
    for (const CheckSpec& spec : tdx::checks()) known.push_back(spec.id);
    for (const CheckSpec& spec : snp::checks()) known.push_back(spec.id);
    EXPECT_THAT(known, IsSupersetOf(std::vector(excusable_checks().begin(), excusable_checks().end())));
}

// Simulated TDX machines have genuine-format collateral of evaluation 20 and 19, and the module that is current there.
TEST(PresetsAndEvidence, ASimulatedTdxMachineMeetsEveryPreset) {
    for (Preset preset : kPresets) {
        simulated::TdxWorld world;
        world.rules = *preset_at(preset, world.now).tdx;
        EXPECT_THAT(world.judge().failing(), IsEmpty()) << to_string(preset);
    }
}

TEST(PresetsAndEvidence, SimulatedSnpMachinesMeetTheDevelopmentPreset) {
    for (snp::Product product : {snp::Product::kGenoa, snp::Product::kTurin}) {
        simulated::SnpWorld world(product);
        world.rules = *preset_at(Preset::kDevelopment, world.now).snp;
        EXPECT_THAT(world.judge().failing(), IsEmpty()) << to_string(product);
    }
}

TEST(PresetsAndEvidence, MilanIsRefusedByEveryPreset) {
    for (Preset preset : kPresets) {
        simulated::SnpWorld world(snp::Product::kMilan);
        world.rules = *preset_at(preset, world.now).snp;
        EXPECT_THAT(world.judge().failing(), Contains("snp.product")) << to_string(preset);
    }
}

// systems.md BL-2: the status was computed, and by default nobody enforced it. No preset takes for green what is not up
// to date: strict refuses it, the others say so and for how long. Revoked is refused by all.
TEST(PresetsAndEvidence, BL_2_NoPresetTakesOutOfDateForGreen) {
    using tdx::TcbStatus;
    for (Preset preset : kPresets) {
        for (const TcbStatus status : {TcbStatus::kSwHardeningNeeded, TcbStatus::kConfigurationNeeded,
                                       TcbStatus::kConfigurationAndSwHardeningNeeded, TcbStatus::kOutOfDate,
                                       TcbStatus::kOutOfDateConfigurationNeeded, TcbStatus::kRevoked}) {
            simulated::TdxWorld world;
            world.rules = *preset_at(preset, world.now).tdx;
            auto& levels = world.collateral.tcb_info.levels;
            levels.insert(levels.begin(), levels.front());
            levels[0].sgx[0] += 1;
            levels[0].grade.date = world.now - std::chrono::days(10);
            levels[1].grade = {status, world.now, {"INTEL-SA-09999"}};
            const auto judged = world.judge();
            const bool amber = std::ranges::find(world.rules.amber, status) != world.rules.amber.end() &&
                               status == TcbStatus::kOutOfDate;
            const std::string what = std::string(to_string(preset)) + " " + std::string(to_string(status));
            if (amber) {
                EXPECT_NE(preset, Preset::kStrict) << what;
                EXPECT_THAT(judged.with(Outcome::kNote), Contains("tdx.tcb")) << what;
                EXPECT_EQ(judged.verdict.valid_until().value() <= world.now + std::chrono::days(80), true) << what;
            } else {
                EXPECT_THAT(judged.failing(), ElementsAre("tdx.tcb")) << what;
            }
        }
        simulated::SnpWorld world;
        world.rules = *preset_at(preset, world.now).snp;
        snp::Tcb below = world.rule().amber ? world.rule().amber->least : world.rule().green;
        below.microcode -= 1;
        const auto raw = simulated::write_tcb(below, world.product);
        const auto judged = world.judge_with([&](snp::Report& r) { r.launch_tcb = r.committed_tcb = raw; });
        EXPECT_THAT(judged.failing(), IsSupersetOf({"snp.tcb.committed", "snp.tcb.launch"})) << to_string(preset);
    }
}

// systems.md TOB-10
TEST(PresetsAndEvidence, TOB_10_AProvidersKeyIsRefusedByEveryPreset) {
    for (Preset preset : kPresets) {
        simulated::SnpWorld world(snp::Product::kGenoa, snp::KeyKind::kVlek);
        world.rules = *preset_at(preset, world.now).snp;
        EXPECT_THAT(world.judge().failing(), Contains("snp.vlek_provider")) << to_string(preset);
    }
}

// Its microcode is above green and its SNP firmware below: amber in the standard preset, red in strict.
TEST(PresetsAndEvidence, PartsOfATcbAreGradedOneByOne) {
    simulated::SnpWorld world(snp::Product::kGenoa);
    world.rules = *preset_at(Preset::kStandard, world.now).snp;
    EXPECT_THAT(world.judge().failing(), IsEmpty());
    EXPECT_THAT(world.judge().with(Outcome::kNote), Contains("snp.tcb.reported"));
    world.rules = *preset_at(Preset::kStrict, world.now).snp;
    EXPECT_THAT(world.judge().failing(), Contains("snp.tcb.reported"));
}

// A machine that was up to date with collateral of August 2026. Its TCB info is of evaluation 20 and its QE identity of
// 19: higher floors would refuse every genuine machine of that time.
TEST(PresetsAndEvidence, AGenuineTdxMachineThatIsUpToDateMeetsEveryPreset) {
    const auto padded = tdx::load_quote("tdx/near-mpc/quote.json");
    if (!padded) GTEST_SKIP() << tdx::kEvidence << " is not there";
    const auto quote = tdx::without_padding(*padded);
    const TimePoint now = parse_rfc3339("2026-08-20T00:00:00Z").value();
    const tdx::SignedCollateral collateral(tdx::collateral_set("2026-08-13"), tdx::genuine());
    const auto failing = [&](const tdx::Rules& rules) {
        Verdict verdict;
        tdx::verify_quote(*quote, tdx::genuine(), collateral, rules, now, verdict);
        return tdx::ids_with(verdict, Outcome::kFail);
    };
    for (Preset preset : kPresets) {
        auto rules = *preset_at(preset, now).tdx;
        EXPECT_THAT(failing(rules), IsEmpty()) << to_string(preset);
        for (std::uint32_t* least : {&rules.least_tcb_evaluation, &rules.least_qe_evaluation}) {
            const std::uint32_t before = std::exchange(*least, least == &rules.least_qe_evaluation ? 20 : 21);
            EXPECT_THAT(failing(rules), ElementsAre("tdx.tcb_evaluation")) << to_string(preset);
            *least = before;
        }
    }
}

// Two genuine machines of October 2025, before the fixes that green asks for.
TEST(PresetsAndEvidence, GenuineSnpMachinesOfAutumn2025AreAmberInStandardAndRedInStrict) {
    if (!snp::samples::present()) GTEST_SKIP() << snp::samples::folder() << " is not there";
    const TimePoint now = parse_rfc3339("2025-10-10T00:00:00Z").value();
    for (const auto& [name, product] :
         {std::pair("genoa", snp::Product::kGenoa), std::pair("turin", snp::Product::kTurin)}) {
        const std::string base = std::string("snp/oak/") + name + "_oc_";
        const std::vector<Bytes> chain = {
            snp::samples::load(base + "vcek.der"),
            snp::samples::certificate(snp::samples::issuer_file(product, snp::KeyKind::kVcek))};
        const auto judge = [&](Preset preset) {
            Verdict verdict;
            const snp::SignedCollateral collateral(snp::samples::crls(), snp::samples::genuine());
            snp::verify_report(snp::samples::load(base + "report.bin"), chain, snp::samples::genuine(), collateral,
                               *preset_at(preset, now).snp, now, verdict);
            return verdict;
        };
        const Verdict standard = judge(Preset::kStandard);
        EXPECT_THAT(snp::samples::with_outcome(standard, Outcome::kNote), Contains("snp.tcb.reported")) << name;
        EXPECT_THAT(snp::samples::with_outcome(standard, Outcome::kFail), Not(Contains("snp.tcb.reported"))) << name;
        EXPECT_THAT(snp::samples::with_outcome(judge(Preset::kStrict), Outcome::kFail), Contains("snp.tcb.reported"))
            << name;
    }
}

}  // namespace
}  // namespace openpcc::policy

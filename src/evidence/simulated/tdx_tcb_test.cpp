// SPDX-License-Identifier: Apache-2.0
// Security versions and statuses: which level fits, what the worst of three is, and what a policy makes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "evidence/simulated/tdx_world.hpp"

namespace openpcc::simulated {
namespace {

using tdx::TcbStatus;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Seconds kDay = std::chrono::days(1);

std::optional<TcbStatus> status_of(TdxWorld& world) {
    const TdxJudged judged = world.judge();
    EXPECT_TRUE(judged.quote && (*judged.quote)->tcb);
    return (*judged.quote)->tcb->status;
}

void td15(Draft& draft) {
    draft.header.version = 5;
    draft.body_type = tdx::BodyType::kTd15;
}

// Every pair of a platform's status and a module's or an enclave's. go-tdx-guest let the module's status stand for the
// whole: a platform that is out of date stays so, whatever its module is.
TEST(TdxTcb, TheWorstOfThreeWins) {
    using enum TcbStatus;
    struct Row {
        TcbStatus platform, part_out_of_date;
    };
    const Row rows[] = {
        {kUpToDate, kOutOfDate},
        {kSwHardeningNeeded, kOutOfDate},
        {kConfigurationNeeded, kOutOfDateConfigurationNeeded},
        {kConfigurationAndSwHardeningNeeded, kOutOfDateConfigurationNeeded},
        {kOutOfDate, kOutOfDate},
        {kOutOfDateConfigurationNeeded, kOutOfDateConfigurationNeeded},
        {kRevoked, kRevoked},
    };
    for (const Row& row : rows)
        for (const bool module : {true, false}) {
            TdxWorld world;
            world.collateral.tcb_info.levels[0].grade.status = row.platform;
            TcbStatus& part = module ? world.collateral.tcb_info.modules[1].levels[0].grade.status
                                     : world.collateral.qe_identity.levels[0].grade.status;
            EXPECT_EQ(status_of(world), row.platform);
            part = kOutOfDate;
            EXPECT_EQ(status_of(world), row.part_out_of_date);
            part = kRevoked;
            EXPECT_EQ(status_of(world), kRevoked);
        }
}

// One below in any component that counts is another level; TDX components 0 and 1 are the module's own.
TEST(TdxTcb, EveryComponentCounts) {
    for (std::size_t i = 0; i < 16; ++i) {
        TdxWorld world;
        world.collateral.tcb_info.levels.pop_back();
        world.collateral.tcb_info.levels[0].sgx[i] =
            static_cast<std::uint8_t>(world.platform.platform.component_svn[i] + 1);
        EXPECT_EQ(status_of(world), std::nullopt) << "SGX " << i;
        TdxWorld other;
        other.collateral.tcb_info.levels.pop_back();
        other.collateral.tcb_info.levels[0].tdx[i] = 0xff;
        EXPECT_EQ(status_of(other), i < 2 ? std::optional(TcbStatus::kUpToDate) : std::nullopt) << "TDX " << i;
    }
    TdxWorld world;
    world.collateral.tcb_info.levels.pop_back();
    world.collateral.tcb_info.levels[0].pce_svn = 14;
    EXPECT_EQ(status_of(world), std::nullopt);
    const TdxJudged judged = world.judge();
    EXPECT_THAT(judged.failing(), ElementsAre("tdx.tcb"));
    EXPECT_THAT(judged.check("tdx.tcb").found, HasSubstr("not supported (platform no level"));
}

TEST(TdxTcb, TheFirstLevelThatFitsDecides) {
    TdxWorld world;
    world.platform.platform.component_svn[0] -= 1;
    EXPECT_EQ(status_of(world), TcbStatus::kOutOfDate);
    world.platform.platform.component_svn[0] -= 1;
    EXPECT_EQ(status_of(world), std::nullopt);
}

// The certificate's CPUSVN bytes and those of the QE report say nothing: versions come from the components.
TEST(TdxTcb, CpuSvnBytesDoNotCount) {
    TdxWorld world;
    world.platform.platform.cpu_svn = {};
    world.change_draft = [](Draft& d) { d.qe_report.cpu_svn = {}; };
    EXPECT_EQ(status_of(world), TcbStatus::kUpToDate);
}

TEST(TdxTcb, ModuleAndEnclaveHaveLevelsOfTheirOwn) {
    const auto with_svn = [](std::uint8_t module, std::uint16_t enclave) {
        TdxWorld world;
        world.change_draft = [=](Draft& d) {
            d.report.tee_tcb_svn.bytes[0] = module;
            d.qe_report.isv_svn = enclave;
        };
        return status_of(world);
    };
    EXPECT_EQ(with_svn(0x0b, 4), TcbStatus::kUpToDate);
    EXPECT_EQ(with_svn(0x0a, 4), TcbStatus::kOutOfDate);
    EXPECT_EQ(with_svn(0x01, 4), std::nullopt) << "no level of the module";
    EXPECT_EQ(with_svn(0x0b, 3), TcbStatus::kOutOfDate);
    EXPECT_EQ(with_svn(0x0b, 1), std::nullopt) << "no level of the enclave";
    EXPECT_EQ(with_svn(0x0b, 0x0104), TcbStatus::kUpToDate) << "both bytes of ISVSVN";
}

// Major version 0 has no identity of its own: all TDX components count, and tdxModule names the signer.
TEST(TdxTcb, MajorVersionZeroIsJudgedByThePlatformsLevels) {
    TdxWorld world;
    world.rules.modules = {{0, 3}};
    world.change_draft = [](Draft& d) { d.report.tee_tcb_svn.bytes[1] = 0, d.report.tee_tcb_svn.bytes[0] = 3; };
    EXPECT_EQ(status_of(world), TcbStatus::kUpToDate);
    EXPECT_FALSE((*world.judge().quote)->tcb->module.has_value());
    world.collateral.tcb_info.levels[0].tdx[0] = 4;
    EXPECT_EQ(status_of(world), TcbStatus::kOutOfDate);
    world.collateral.tcb_info.module.mr_signer.bytes[0] = 1;
    EXPECT_THAT(world.judge().failing(), ElementsAre("tdx.module_identity"));
}

// QVL 4.1.2.4.17.4.3: the module at launch is old, and the one that runs now is the latest.
TEST(TdxTcb, RelaunchIsAdvisedWhereOnlyTheModuleAtLaunchIsOld) {
    const auto relaunch = [](std::function<void(TdxWorld&, Draft&)> change) {
        TdxWorld world;
        world.rules.modules = {{1, 0}};
        Draft changes;
        changes.report = Platform::report({});
        changes.report.tee_tcb_svn.bytes[0] = 0x0a;
        change(world, changes);
        world.change_draft = [&](Draft& d) {
            td15(d);
            d.report.tee_tcb_svn = changes.report.tee_tcb_svn;
            d.report.tee_tcb_svn2 = changes.report.tee_tcb_svn2;
            d.qe_report.isv_svn = changes.qe_report.isv_svn == 0 ? 4 : changes.qe_report.isv_svn;
        };
        return status_of(world);
    };
    using enum TcbStatus;
    const auto status = [](TdxWorld& w) -> TcbStatus& { return w.collateral.tcb_info.levels[0].grade.status; };
    EXPECT_EQ(relaunch([](auto&, auto&) {}), kTdRelaunchAdvised);
    EXPECT_EQ(relaunch([&](auto& w, auto&) { status(w) = kConfigurationNeeded; }),
              kTdRelaunchAdvisedConfigurationNeeded);
    EXPECT_EQ(relaunch([&](auto& w, auto&) { status(w) = kOutOfDate; }), kOutOfDate);
    EXPECT_EQ(relaunch([&](auto& w, auto&) { status(w) = kRevoked; }), kRevoked);
    EXPECT_EQ(relaunch([](auto&, auto& d) { d.report.tee_tcb_svn2.bytes[0] = 0x0a; }), kOutOfDate);
    EXPECT_EQ(relaunch([](auto&, auto& d) { d.report.tee_tcb_svn2.bytes[2] = 3; }), kOutOfDate);
    EXPECT_EQ(relaunch([](auto&, auto& d) { d.qe_report.isv_svn = 3; }), kOutOfDate);
    EXPECT_EQ(relaunch([](auto&, auto& d) { d.report.tee_tcb_svn.bytes[0] = 0x0b; }), kUpToDate);
}

// What a policy makes of a status.
struct Graded {
    TcbStatus status;
    std::function<void(tdx::Rules&)> rules;
    Outcome outcome;
    std::string found;
};

TEST(TdxTcb, StatusesAreGradedByThePolicy) {
    using enum TcbStatus;
    const auto amber = [](TcbStatus status, std::vector<std::string> accepted = {}, Seconds grace = {}) {
        return [=](tdx::Rules& r) { r.amber = {status}, r.accepted_advisories = accepted, r.grace = grace; };
    };
    const std::vector<std::string> known = {"INTEL-SA-00009"};
    const std::vector<std::string> other = {"INTEL-SA-00008"};
    const Seconds year = 365 * kDay;
    const Graded rows[] = {
        {kUpToDate, [](auto&) {}, Outcome::kPass, "UpToDate (platform UpToDate of 2025-11-25, module UpToDate"},
        {kUpToDate, [](auto& r) { r.denied_advisories = {"INTEL-SA-00009"}; }, Outcome::kFail, "is denied"},
        {kSwHardeningNeeded, [](auto&) {}, Outcome::kFail, "not tolerated"},
        {kSwHardeningNeeded, amber(kSwHardeningNeeded, known), Outcome::kNote, "INTEL-SA-00009"},
        {kSwHardeningNeeded, amber(kSwHardeningNeeded, other), Outcome::kFail, "INTEL-SA-00009 is not accepted"},
        {kSwHardeningNeeded, amber(kConfigurationNeeded, known), Outcome::kFail, "not tolerated"},
        {kConfigurationNeeded, amber(kConfigurationNeeded, known), Outcome::kNote, "ConfigurationNeeded"},
        {kConfigurationAndSwHardeningNeeded, amber(kConfigurationAndSwHardeningNeeded), Outcome::kFail, "not accepted"},
        {kOutOfDate, amber(kOutOfDate, {}, year - kDay), Outcome::kFail, "until 2026-11-24T00:00:00Z only"},
        {kOutOfDate, amber(kOutOfDate, {}, year + kDay), Outcome::kNote, "tolerated until 2026-11-26T00:00:00Z"},
        {kOutOfDateConfigurationNeeded, amber(kOutOfDateConfigurationNeeded, {}, 2 * year), Outcome::kNote,
         "until 2027"},
        {kOutOfDate, amber(kOutOfDateConfigurationNeeded, {}, 2 * year), Outcome::kFail, "not tolerated"},
        {kRevoked, amber(kRevoked, known, 2 * year), Outcome::kFail, "not tolerated"},
    };
    for (const Graded& row : rows) {
        TdxWorld world;
        // The level above keeps a date; the machine is on the one that follows.
        world.platform.platform.component_svn[0] += row.status == kUpToDate ? 0 : -1;
        auto& level = world.collateral.tcb_info.levels[row.status == kUpToDate ? 0 : 1];
        level.grade.status = row.status;
        level.grade.advisories = known;
        row.rules(world.rules);
        const TdxJudged judged = world.judge();
        const Check& check = judged.check("tdx.tcb");
        EXPECT_EQ(check.outcome, row.outcome) << to_string(row.status) << ": " << check.found;
        EXPECT_THAT(check.found, HasSubstr(row.found));
    }
}

TEST(TdxTcb, AmberEndsTheVerdictAtItsDeadline) {
    TdxWorld world;
    world.platform.platform.component_svn[0] -= 1;
    world.rules.amber = {TcbStatus::kOutOfDate};
    world.rules.grace = 367 * kDay;
    const TdxJudged judged = world.judge();
    EXPECT_THAT(judged.with(Outcome::kNote), ElementsAre("tdx.tcb"));
    EXPECT_EQ(judged.verdict.valid_until(), parse_rfc3339("2026-11-27T00:00:00Z").value());
}

// Without a level that is UpToDate there is no day to count from.
TEST(TdxTcb, NoGraceWithoutASuccessor) {
    TdxWorld world;
    for (auto& level : world.collateral.tcb_info.levels) level.grade.status = TcbStatus::kOutOfDate;
    world.rules.amber = {TcbStatus::kOutOfDate};
    world.rules.grace = 3650 * kDay;
    const TdxJudged judged = world.judge();
    EXPECT_THAT(judged.failing(), ElementsAre("tdx.tcb"));
    EXPECT_THAT(judged.check("tdx.tcb").found, HasSubstr("no level is UpToDate"));
}

TEST(TdxTcb, AdvisoriesOfAllPartsAreNamedOnce) {
    TdxWorld world;
    world.platform.platform.component_svn[0] -= 1;
    world.change_draft = [](Draft& d) { d.report.tee_tcb_svn.bytes[0] = 0x0a, d.qe_report.isv_svn = 3; };
    world.collateral.qe_identity.levels[1].grade.advisories = {"INTEL-SA-00003", "INTEL-SA-00001"};
    const TdxJudged judged = world.judge();
    EXPECT_THAT((*judged.quote)->tcb->advisories, ElementsAre("INTEL-SA-00001", "INTEL-SA-00002", "INTEL-SA-00003"));
    EXPECT_THAT(judged.check("tdx.tcb").found, HasSubstr("; INTEL-SA-00001 INTEL-SA-00002"));
}

}  // namespace
}  // namespace openpcc::simulated

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "trust/verify/scene.hpp"

// Rules of policies that several members make together, and exceptions. policy_members_test.cpp has each by itself.
namespace openpcc::verify {
namespace {

using std::chrono::days;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(PolicyRules, AListedMachinePasses) {
    Scene scene;
    scene.policy.hardware = {policy::Hardware::Rule::kListed, {*scene.verify().platform}};
    EXPECT_EQ(scene.verify().verdict.state(), State::kSimulated);
}

// GW-3: a genuine quote of an unknown image.
TEST(PolicyRules, GW_3_AGenuineQuoteIsNotEnough) {
    Scene scene;
    scene.genuine();
    scene.policy.tdx_measurements.clear();
    EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kFail), ElementsAre("statement.release"));
}

// BL-2: a status is never data alone; the presets refuse what is not up to date.
TEST(PolicyRules, BL_2_StatusIsEnforced) {
    for (const tdx::TcbStatus status : {tdx::TcbStatus::kOutOfDate, tdx::TcbStatus::kSwHardeningNeeded,
                                        tdx::TcbStatus::kConfigurationNeeded, tdx::TcbStatus::kRevoked}) {
        Scene scene;
        scene.genuine();
        scene.policy.tdx->amber.clear();
        scene.published.tcb_info.levels[0].grade.status = status;
        EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kFail), ElementsAre("tdx.tcb")) << to_string(status);
    }
}

// GW-6: an exception is for one check, one platform or release, until a day, and it is shown.
struct Excused : Scene {
    Excused() {
        genuine();
        policy.tdx->amber.clear();
        published.tcb_info.levels[0].grade.status = tdx::TcbStatus::kOutOfDate;
        policy.exceptions = {{"tdx.tcb", core.release, "spare parts are late", "INTEL-SA-00001", now + days(1)}};
    }
};

TEST(Exceptions, GW_6_TurnAFailureIntoANoteThatIsShown) {
    Excused scene;
    const Verification result = scene.verify();
    EXPECT_EQ(result.verdict.state(), State::kVerifiedWithNotes);
    const auto check = std::ranges::find(result.verdict.checks(), "tdx.tcb", &Check::id);
    EXPECT_EQ(check->outcome, Outcome::kNote);
    EXPECT_THAT(check->found, HasSubstr("excused until 2026-11-26T07:00:00Z (INTEL-SA-00001): OutOfDate"));
    EXPECT_LE(result.verdict.valid_until(), scene.now + days(1));

    Excused by_platform;
    by_platform.policy.exceptions[0].scope = *by_platform.verify().platform;
    EXPECT_EQ(by_platform.verify().verdict.state(), State::kVerifiedWithNotes);
}

TEST(Exceptions, NeverExcuseWhatTheVendorRevoked) {
    Excused scene;
    scene.published.tcb_info.levels[0].grade.status = tdx::TcbStatus::kRevoked;
    EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kFail), ElementsAre("tdx.tcb"));
    Excused denied;
    denied.policy.tdx->denied_advisories = {"INTEL-SA-06666"};
    denied.published.tcb_info.levels[0].grade.advisories = {"INTEL-SA-06666"};
    EXPECT_THAT(ids_with(denied.verify().verdict, Outcome::kFail), ElementsAre("tdx.tcb"));
    Excused unknown;
    for (auto& level : unknown.published.tcb_info.levels) level.sgx[0] = 255;
    EXPECT_THAT(ids_with(unknown.verify().verdict, Outcome::kFail), ElementsAre("tdx.tcb"));
}

TEST(Exceptions, GW_6_DoNothingBeyondTheirScope) {
    const std::function<void(Excused&)> changes[] = {
        [](Excused& s) { s.policy.exceptions[0].until = s.now; },
        [](Excused& s) { s.policy.exceptions[0].scope = std::string("another-release"); },
        [](Excused& s) { s.policy.exceptions[0].scope = Digest256{{1}}; },
        [](Excused& s) { s.policy.exceptions[0].check = "tdx.tcb_info"; },
    };
    for (const auto& change : changes) {
        Excused scene;
        change(scene);
        EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kFail), ElementsAre("tdx.tcb"));
    }
}

// Even a policy made in code cannot excuse what no exception may touch.
TEST(Exceptions, NeverExcuseSignaturesBindingsDebugOrFreshness) {
    struct Harm {
        std::string check;
        std::function<void(Scene&)> change;
    };
    const Harm harms[] = {
        {"tdx.debug", [](Scene& s) { s.change_draft = [](auto& d) { d.report.td_attributes |= 1; }; }},
        {"tdx.qe_identity", [](Scene& s) { s.change_draft = [](auto& d) { d.qe_report.mr_signer.bytes[0] ^= 1; }; }},
        {"binding.report_data",
         [](Scene& s) { s.change_bundle = [](auto& b) { b.statement.core.keys[0] = test_key(2); }; }},
        {"freshness.challenge", [](Scene& s) { s.core.freshness.challenge.bytes[0] ^= 1; }},
        {"policy.measurement.mrtd", [](Scene& s) { s.change_draft = [](auto& d) { d.report.mrtd.bytes[0] ^= 1; }; }},
    };
    for (const Harm& harm : harms) {
        Scene scene;
        harm.change(scene);
        scene.policy.exceptions = {{harm.check, scene.core.release, "please", "", scene.now + days(1)}};
        EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kFail), ElementsAre(harm.check));
    }
}

// A worse part never makes a better verdict: advisories that nobody reviewed stay open beside what is out of date.
TEST(PolicyRules, OutOfDateBesidesDoesNotExcuseFromReview) {
    Scene scene;
    scene.genuine();
    scene.policy.tdx->amber = {tdx::TcbStatus::kSwHardeningNeeded, tdx::TcbStatus::kOutOfDate};
    scene.policy.tdx->grace = days(90);
    scene.published.tcb_info.levels[0].grade.status = tdx::TcbStatus::kSwHardeningNeeded;
    scene.published.tcb_info.levels[0].grade.advisories = {"INTEL-SA-06666"};
    EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kFail), ElementsAre("tdx.tcb"));

    auto& enclaves = scene.published.qe_identity.levels;
    enclaves.insert(enclaves.begin(), enclaves.front());
    enclaves[0].isv_svn += 1;
    enclaves[0].grade.date = scene.now - days(10);
    enclaves[1].grade.status = tdx::TcbStatus::kOutOfDate;
    EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kFail), ElementsAre("tdx.tcb"));
    scene.policy.tdx->accepted_advisories = {"INTEL-SA-06666"};
    EXPECT_EQ(scene.verify().verdict.state(), State::kVerifiedWithNotes);
    scene.policy.tdx->amber = {tdx::TcbStatus::kOutOfDate};
    EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kFail), ElementsAre("tdx.tcb"));
}

// The host chooses the quote's version: a body that cannot show a service TD shows nothing of a guest that can move.
TEST(PolicyRules, ABodyThatDoesNotSayIsNoProof) {
    Scene scene;
    scene.genuine();
    scene.policy.tdx->attributes[3] = evidence::Must::kAny;
    scene.change_draft = [](auto& d) { d.report.td_attributes |= 1ULL << 29; };
    EXPECT_EQ(scene.verify().verdict.state(), State::kIncomplete);
    EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kNotRun), ElementsAre("tdx.service_td"));
}

// The recovery-day drill: new collateral turns a green node amber, with advisories and a deadline, and then red.
TEST(PolicyRules, RecoveryDay) {
    Scene scene;
    scene.genuine();
    scene.policy.tdx->amber = {tdx::TcbStatus::kOutOfDate};
    scene.policy.tdx->grace = days(90);
    EXPECT_EQ(scene.verify().verdict.state(), State::kVerified);

    auto& levels = scene.published.tcb_info.levels;
    levels.insert(levels.begin(), levels.front());
    levels[0].sgx[0] += 1;
    levels[0].grade.date = scene.now - days(10);
    levels[1].grade.status = tdx::TcbStatus::kOutOfDate;
    levels[1].grade.advisories = {"INTEL-SA-09999"};
    const Verification amber = scene.verify();
    EXPECT_EQ(amber.verdict.state(), State::kVerifiedWithNotes);
    const auto check = std::ranges::find(amber.verdict.checks(), "tdx.tcb", &Check::id);
    EXPECT_EQ(check->outcome, Outcome::kNote);
    EXPECT_THAT(check->found, HasSubstr("INTEL-SA-09999"));
    EXPECT_THAT(check->found, HasSubstr(to_rfc3339(scene.now + days(80))));

    levels[0].grade.date = scene.now - days(91);
    EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kFail), ElementsAre("tdx.tcb"));
}

}  // namespace
}  // namespace openpcc::verify

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "core/text.hpp"
#include "evidence/tdx/verify.hpp"
#include "trust/verify/scene.hpp"

namespace openpcc::verify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Nothing but the verifier makes a key that may be used (of verdicts: Render.BL_3_NobodyElseMakesAVerdict).
static_assert(!std::is_constructible_v<Verified<NodeKey>, NodeKey>);
static_assert(!std::is_constructible_v<Simulated<NodeKey>, NodeKey>);
static_assert(!std::is_default_constructible_v<Verified<NodeKey>>);
static_assert(!std::is_default_constructible_v<Simulated<NodeKey>>);
static_assert(!std::is_convertible_v<Simulated<NodeKey>, Verified<NodeKey>>);
static_assert(!std::is_constructible_v<Verified<NodeKey>, Simulated<NodeKey>>);
static_assert(!std::is_convertible_v<NodeKey, Verified<NodeKey>> &&
              !std::is_convertible_v<NodeKey, Simulated<NodeKey>>);
static_assert(!std::is_constructible_v<Verified<tdx::SignedQuote>, tdx::SignedQuote>);

std::vector<std::string> documented_ids() {
    std::vector<std::string> out;
    for (const CheckSpec& spec : checks(statement::TeeType::kTdx)) out.emplace_back(spec.id);
    return out;
}

TEST(VerifyBundle, SimulatedHardwareIsSimulatedAtBest) {
    const Scene scene;
    const Verification result = scene.verify();
    EXPECT_EQ(result.verdict.state(), State::kSimulated)
        << (result.verdict.first_problem() ? result.verdict.first_problem()->id : "");
    EXPECT_FALSE(result.verdict.good());
    EXPECT_EQ(all_ids(result.verdict), documented_ids());
    EXPECT_THAT(ids_with(result.verdict, Outcome::kNote), ElementsAre("root.trust"));

    const auto* key = std::get_if<Simulated<NodeKey>>(&result.key);
    ASSERT_NE(key, nullptr);
    EXPECT_EQ((*key)->statement, scene.core.name());
    ASSERT_EQ((*key)->keys.size(), 1U);
    EXPECT_EQ((*key)->keys[0].id(), scene.core.keys[0].id());
    EXPECT_EQ((*key)->model, scene.core.model);
    EXPECT_EQ((*key)->valid_until, scene.now - Seconds(5) + Seconds(300));
    EXPECT_TRUE(result.bundle.has_value());
}

TEST(VerifyBundle, GenuineHardwareIsVerified) {
    for (auto preset : {policy::Preset::kStrict, policy::Preset::kDevelopment}) {
        Scene scene;
        scene.genuine();
        scene.policy.preset = preset;
        const Verification result = scene.verify();
        EXPECT_EQ(result.verdict.state(), State::kVerified);
        EXPECT_EQ(all_ids(result.verdict), documented_ids());
        EXPECT_TRUE(std::holds_alternative<Verified<NodeKey>>(result.key));
        EXPECT_TRUE(result.platform.has_value());
    }
}

// GW-1: without collateral nothing failed, and it is not enough.
TEST(VerifyBundle, GW_1_WithoutCollateralGenuineHardwareIsIncomplete) {
    Scene scene;
    scene.genuine();
    scene.change_collection = [](auto& collection) { collection.tdx = {}; };
    const Verification result = scene.verify();
    EXPECT_EQ(result.verdict.state(), State::kIncomplete);
    EXPECT_EQ(all_ids(result.verdict), documented_ids());
    EXPECT_THAT(ids_with(result.verdict, Outcome::kNotRun),
                ElementsAre("tdx.root_crl", "tdx.pck_crl", "tdx.revocation", "tdx.tcb_info", "tdx.tcb_evaluation",
                            "tdx.collateral_age", "tdx.qe_identity", "tdx.module_identity", "tdx.tcb"));
    EXPECT_THAT(ids_with(result.verdict, Outcome::kFail), IsEmpty());
    EXPECT_TRUE(std::holds_alternative<std::monostate>(result.key));
}

// One machine that poses as two nodes.
TEST(VerifyBundle, OnePlatformTwiceIsRefused) {
    Scene scene;
    const Verification first = scene.verify();
    ASSERT_TRUE(first.platform.has_value());
    scene.expectation.other_platforms = {Digest256{{1}}, *first.platform};
    EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kFail), ElementsAre("policy.platform_unique"));
    scene.expectation.other_platforms = {Digest256{{1}}};
    EXPECT_EQ(scene.verify().verdict.state(), State::kSimulated);
}

// CPU evidence without a statement says nothing of keys, however good it is.
TEST(VerifyEvidence, AloneIsNeverMoreThanIncomplete) {
    Scene scene;
    scene.genuine();
    const CpuEvidence evidence{statement::TeeType::kTdx, scene.bundle().cpu_evidence, {}};
    const auto result =
        verify_evidence(evidence, sign_checked(scene.collection(), scene.roots), scene.policy, scene.roots, scene.now);
    EXPECT_EQ(result.verdict.state(), State::kIncomplete);
    EXPECT_THAT(ids_with(result.verdict, Outcome::kFail), IsEmpty());
    EXPECT_TRUE(std::holds_alternative<std::monostate>(result.key));
    EXPECT_TRUE(result.platform.has_value());
}

// A vendor's root that somebody lists as simulated stays what it is: nothing about it gets weaker.
TEST(VerifyBundle, ListingAGenuineRootAsSimulatedChangesNothing) {
    Scene scene;
    scene.genuine();
    scene.roots.simulated.tdx = {scene.root.certificate()};
    const Verification result = scene.verify();
    EXPECT_EQ(result.verdict.state(), State::kVerified);
    EXPECT_TRUE(std::holds_alternative<Verified<NodeKey>>(result.key));
}

TEST(VerifyBundle, ReadsBothVersionsAndBodies) {
    for (std::uint16_t version : {std::uint16_t{4}, std::uint16_t{5}})
        for (auto body : {tdx::BodyType::kTd10, tdx::BodyType::kTd15}) {
            Scene scene;
            scene.change_draft = [&](Scene::Draft& draft) {
                draft.header.version = version;
                draft.body_type = body;
                draft.report.tee_tcb_svn2 = draft.report.tee_tcb_svn;
            };
            const auto state = scene.verify().verdict.state();
            const bool exists = version == 5 || body == tdx::BodyType::kTd10;
            EXPECT_EQ(state, exists ? State::kSimulated : State::kNotVerified) << version;
        }
}

// GW-12: keys were announced for longer than they were served.
TEST(VerifyBundle, GW_12_ValidityEndsWithTheFirstWindow) {
    Scene scene;
    scene.core.not_after = scene.now + Seconds(100);
    EXPECT_EQ(scene.verify().verdict.valid_until(), scene.now + Seconds(100));

    Scene chain;
    auto spec = simulated::PlatformSpec::good(chain.random, chain.now);
    spec.not_after = chain.now + Seconds(50);
    chain.platform = simulated::Platform::from_root(chain.root, spec, chain.random).value();
    EXPECT_EQ(chain.verify().verdict.valid_until(), chain.now + Seconds(50));
    EXPECT_EQ(chain.verify().verdict.state(), State::kSimulated);
}

TEST(VerifyBundle, TimesHoldToTheSecond) {
    const auto state_at = [](Seconds begin, Seconds end, Seconds sent) {
        Scene scene;
        scene.core.not_before = scene.now + begin;
        scene.core.not_after = scene.now + end;
        scene.expectation.challenge->sent = scene.now + sent;
        return scene.verify().verdict.state();
    };
    EXPECT_EQ(state_at(Seconds(0), Seconds(1), Seconds(0)), State::kSimulated);
    EXPECT_EQ(state_at(Seconds(-10), Seconds(0), Seconds(0)), State::kNotVerified);
    EXPECT_EQ(state_at(Seconds(300), Seconds(301), Seconds(0)), State::kSimulated);
    EXPECT_EQ(state_at(Seconds(301), Seconds(302), Seconds(0)), State::kNotVerified);
    EXPECT_EQ(state_at(Seconds(0), Seconds(4200), Seconds(0)), State::kSimulated);
    EXPECT_EQ(state_at(Seconds(0), Seconds(4201), Seconds(0)), State::kNotVerified);
    EXPECT_EQ(state_at(Seconds(0), Seconds(60), Seconds(-300)), State::kSimulated);
    EXPECT_EQ(state_at(Seconds(0), Seconds(60), Seconds(-301)), State::kNotVerified);
    EXPECT_EQ(state_at(Seconds(0), Seconds(60), Seconds(1)), State::kNotVerified);
}

TEST(VerifyBundle, WithoutAChallengeOnlyTheDevelopmentPolicyTakesANote) {
    for (auto kind : {statement::Freshness::Kind::kNone, statement::Freshness::Kind::kChallenge}) {
        Scene scene;
        scene.core.freshness.kind = kind;
        scene.expectation.challenge.reset();
        EXPECT_EQ(scene.verify().verdict.state(), State::kSimulated);
        EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kNote), testing::Contains("freshness.challenge"));
        scene.genuine();
        scene.policy.preset = policy::Preset::kStrict;
        EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kFail), ElementsAre("freshness.challenge"));
    }
}

TEST(VerifyBundle, TheRightMeasurementOfARelease) {
    Scene scene;
    auto older = scene.policy.tdx_measurements[0];
    older.mrtd.bytes.fill(1);
    scene.policy.tdx_measurements.insert(scene.policy.tdx_measurements.begin(), older);
    EXPECT_EQ(scene.verify().verdict.state(), State::kSimulated);
    // Registers of two measurements do not mix.
    scene.policy.tdx_measurements[1].rtmr[3].bytes.fill(1);
    EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kFail), ElementsAre("policy.measurement.mrtd"));
}

TEST(VerifyBundle, AGatewayIsNotANode) {
    Scene scene;
    scene.core.role = statement::Role::kGateway;
    scene.expectation.role = statement::Role::kGateway;
    const Verification result = scene.verify();
    EXPECT_EQ(result.verdict.state(), State::kSimulated);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(result.key)) << "no prompt may be sealed to a gateway";
}

TEST(VerifyBundle, TOB_12_APolicyThatDemandsPostQuantumGetsOnlySuchKeys) {
    if (!hpke::have_ml_kem()) GTEST_SKIP() << "this OpenSSL has no ML-KEM";
    Scene scene;
    const auto strong = hpke::PrivateKey::generate(hpke::Kem::kXWing, scene.random).value();
    scene.core.keys.push_back({strong.public_key(), {seal::SymmetricSuite{}}});
    scene.policy.require_pq = true;
    const Verification result = scene.verify();
    const auto* key = std::get_if<Simulated<NodeKey>>(&result.key);
    ASSERT_NE(key, nullptr);
    ASSERT_EQ((*key)->keys.size(), 1U);
    EXPECT_EQ((*key)->keys[0].key.kem(), hpke::Kem::kXWing);
}

}  // namespace
}  // namespace openpcc::verify

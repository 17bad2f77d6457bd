// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trust/verify/snp_scene.hpp"

// The whole verification on SEV-SNP: the same statement, the other kind of CPU.
namespace openpcc::verify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SnpBundle, IsVerifiedOnGenuineAndSimulatedOnSimulatedHardware) {
    SnpScene scene;
    EXPECT_EQ(scene.verify().verdict.state(), State::kSimulated);
    EXPECT_TRUE(std::holds_alternative<Simulated<NodeKey>>(scene.verify().key));
    scene.genuine();
    const Verification result = scene.verify();
    EXPECT_EQ(result.verdict.state(), State::kVerified);
    EXPECT_TRUE(std::holds_alternative<Verified<NodeKey>>(result.key));
    EXPECT_TRUE(result.platform.has_value());
    std::vector<std::string> documented;
    for (const CheckSpec& spec : checks(statement::TeeType::kSnp)) documented.emplace_back(spec.id);
    EXPECT_EQ(all_ids(result.verdict), documented);
}

TEST(SnpBundle, EveryMeasuredValueDecides) {
    const auto only = [](const std::function<void(SnpScene&)>& change) {
        SnpScene scene;
        change(scene);
        return scene.failing();
    };
    EXPECT_THAT(only([](auto& s) { s.measurement().measurement.bytes[0] ^= 1; }),
                ElementsAre("policy.measurement.launch"));
    EXPECT_THAT(only([](auto& s) { s.measurement().host_data.bytes[31] ^= 1; }),
                ElementsAre("policy.measurement.host_data"));
    EXPECT_THAT(only([](auto& s) { s.measurement().id_key_digest.bytes[0] ^= 1; }),
                ElementsAre("policy.measurement.id_key"));
    EXPECT_THAT(only([](auto& s) { s.measurement().author_key_digest.bytes[0] ^= 1; }),
                ElementsAre("policy.measurement.author_key"));
    EXPECT_THAT(only([](auto& s) { s.measurement().guest_svn += 1; }), ElementsAre("policy.measurement.guest_svn"));
    EXPECT_THAT(only([](auto& s) { s.scene.policy.snp_measurements.clear(); }), ElementsAre("statement.release"));
}

// Of two measurements that differ in GUEST_SVN alone, the one that fits is compared.
TEST(SnpBundle, TheRightMeasurementOfARelease) {
    SnpScene scene;
    auto other = scene.measurement();
    other.guest_svn += 1;
    scene.scene.policy.snp_measurements.insert(scene.scene.policy.snp_measurements.begin(), other);
    EXPECT_THAT(scene.failing(), IsEmpty());
}

TEST(SnpBundle, IsBoundAsItsOwnKind) {
    SnpScene scene;
    scene.bound_as = statement::TeeType::kTdx;
    EXPECT_THAT(scene.failing(), ElementsAre("binding.report_data"));
}

TEST(SnpBundle, TheOtherKindDoesNotPassForIt) {
    SnpScene scene;
    scene.change_bundle = [&](auto& bundle) { bundle.cpu_evidence = scene.scene.bundle().cpu_evidence; };
    EXPECT_THAT(scene.failing(), ElementsAre("snp.format"));
    SnpScene called;
    called.change_bundle = [](auto& bundle) { bundle.tee = statement::TeeType::kTdx; };
    EXPECT_THAT(called.failing(), ElementsAre("bundle.certificates"));
}

TEST(SnpBundle, APolicyWithoutSnpRefusesIt) {
    SnpScene scene;
    scene.scene.policy.snp.reset();
    EXPECT_THAT(scene.failing(), ElementsAre("bundle.tee"));
}

TEST(SnpBundle, DebugAndForeignChipsAreRefused) {
    SnpScene debug;
    debug.change_report = [](snp::Report& report) { report.policy |= 1ULL << 19; };
    EXPECT_THAT(debug.failing(), ElementsAre("snp.policy.debug"));
    SnpScene chip;
    chip.change_report = [](snp::Report& report) { report.chip_id.bytes[0] ^= 1; };
    EXPECT_THAT(chip.failing(), ElementsAre("snp.chip_id"));
}

}  // namespace
}  // namespace openpcc::verify

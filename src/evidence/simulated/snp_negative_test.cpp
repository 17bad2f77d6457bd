// SPDX-License-Identifier: Apache-2.0
// One field of a report that is otherwise good and properly signed: exactly the check of that field turns red.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/simulated/snp_world.hpp"

namespace openpcc::simulated {
namespace {

using evidence::Must;
using snp::KeyKind;
using snp::Product;
using snp::Report;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

struct Case {
    std::string_view what;
    void (*change)(Report&);
    std::vector<std::string> failing;
};

const Case kCases[] = {
    {"algorithm 0", [](Report& r) { r.signature_algo = 0; }, {"snp.signature_algo"}},
    {"algorithm 2", [](Report& r) { r.signature_algo = 2; }, {"snp.signature_algo"}},
    {"version 1", [](Report& r) { r.version = 1; }, {"snp.format"}},
    {"version 6", [](Report& r) { r.version = 6; }, {"snp.format"}},
    {"said to be of a VLEK", [](Report& r) { r.key_info = 1U << 2; }, {"snp.signing_key"}},
    {"said to be unsigned", [](Report& r) { r.key_info = 7U << 2; }, {"snp.signing_key"}},
    {"a reserved kind of key", [](Report& r) { r.key_info = 2U << 2; }, {"snp.signing_key"}},
    {"Milan's CPUID", [](Report& r) { r.cpuid = {0x19, 1, 1}; }, {"snp.product"}},
    {"nobody's CPUID", [](Report& r) { r.cpuid = {0x1b, 1, 1}; }, {"snp.product"}},
    {"no CPUID", [](Report& r) { r.cpuid = {}; }, {"snp.product"}},
    {"version 2 with a CPUID",
     [](Report& r) { r.version = 2, r.launch_mitigations = r.current_mitigations = 0; },
     {"snp.reserved"}},
    {"version 4 with a mitigation vector",
     [](Report& r) { r.version = 4, r.launch_mitigations = 0; },
     {"snp.reserved"}},
    {"reserved bits of the key", [](Report& r) { r.key_info = 1U << 5; }, {"snp.reserved"}},
    {"reserved at 0x4c", [](Report& r) { r.reserved_4c.bytes[3] = 1; }, {"snp.reserved"}},
    {"reserved at 0x18b", [](Report& r) { r.reserved_18b.bytes[20] = 1; }, {"snp.reserved"}},
    {"reserved at 0x1eb", [](Report& r) { r.reserved_1eb = 1; }, {"snp.reserved"}},
    {"reserved at 0x1ef", [](Report& r) { r.reserved_1ef = 1; }, {"snp.reserved"}},
    {"reserved at 0x29f", [](Report& r) { r.reserved_208.bytes[151] = 1; }, {"snp.reserved"}},
    {"reserved part of the reported TCB", [](Report& r) { r.reported_tcb.bytes[2] = 1; }, {"snp.reserved"}},
    {"reserved part of the current TCB", [](Report& r) { r.current_tcb.bytes[3] = 1; }, {"snp.reserved"}},
    {"reserved part of the committed TCB", [](Report& r) { r.committed_tcb.bytes[4] = 1; }, {"snp.reserved"}},
    {"reserved part of the launch TCB", [](Report& r) { r.launch_tcb.bytes[5] = 1; }, {"snp.reserved"}},
    {"another chip", [](Report& r) { r.chip_id.bytes[63] ^= 1; }, {"snp.chip_id"}},
    {"a masked chip", [](Report& r) { r.chip_id = {}; }, {"snp.chip_id"}},
    {"a masked key", [](Report& r) { r.key_info |= 2U; }, {"snp.chip_id"}},
    {"bit 17 of the policy zero", [](Report& r) { r.policy &= ~(1ULL << 17); }, {"snp.policy.reserved"}},
    {"ABI above the firmware's", [](Report& r) { r.policy |= 0x0138; }, {"snp.policy.abi"}},
    {"ABI of another major version", [](Report& r) { r.policy |= 0x0200; }, {"snp.policy.abi"}},
    {"VMPL 1", [](Report& r) { r.vmpl = 1; }, {"snp.vmpl"}},
    {"VMPL of the host", [](Report& r) { r.vmpl = 0xffffffff; }, {"snp.vmpl"}},
    {"a migration agent", [](Report& r) { r.report_id_ma.bytes[31] = 0xfe; }, {"snp.migration_agent"}},
    {"a migration agent of zeros", [](Report& r) { r.report_id_ma = {}; }, {"snp.migration_agent"}},
    {"old current firmware", [](Report& r) { r.current = {1, 54, 255}; }, {"snp.firmware"}},
    {"old committed firmware", [](Report& r) { r.committed.build = 39; }, {"snp.firmware"}},
    {"firmware of an old major version",
     [](Report& r) { r.current = r.committed = {0, 255, 255}; },
     {"snp.firmware", "snp.policy.abi"}},
};

TEST(SnpNegative, OneFieldTurnsItsCheckRed) {
    SnpWorld world;
    world.kept = world.signed_collateral();
    for (const Case& one : kCases) {
        SCOPED_TRACE(one.what);
        const auto judged = world.judge_with([&](Report& report) {
            report.policy |= 0x0100;  // ABI 1.0
            one.change(report);
        });
        EXPECT_THAT(judged.failing(), ElementsAreArray(one.failing));
        EXPECT_EQ(judged.verdict.state(), State::kNotVerified);
    }
}

// What a verifier has no rule for may have any value; it is signed, and others compare it (trust/verify).
TEST(SnpNegative, WhatOthersCompareIsNotJudgedHere) {
    SnpWorld world;
    world.kept = world.signed_collateral();
    const std::pair<std::string_view, void (*)(Report&)> fields[] = {
        {"guest_svn", [](Report& r) { r.guest_svn = 7; }},
        {"family_id", [](Report& r) { r.family_id.bytes.fill(7); }},
        {"image_id", [](Report& r) { r.image_id.bytes.fill(7); }},
        {"report_data", [](Report& r) { r.report_data.bytes.fill(7); }},
        {"measurement", [](Report& r) { r.measurement.bytes.fill(7); }},
        {"host_data", [](Report& r) { r.host_data.bytes.fill(7); }},
        {"id_key_digest", [](Report& r) { r.id_key_digest.bytes.fill(7); }},
        {"author_key_digest", [](Report& r) { r.author_key_digest.bytes.fill(7), r.key_info |= 1U; }},
        {"report_id", [](Report& r) { r.report_id.bytes.fill(7); }},
        {"mitigations", [](Report& r) { r.launch_mitigations = 3, r.current_mitigations = 5; }},
        {"stepping", [](Report& r) { r.cpuid.stepping = 2; }},
    };
    for (const auto& [name, change] : fields) {
        SCOPED_TRACE(name);
        const auto judged = world.judge_with(change);
        EXPECT_THAT(judged.failing(), IsEmpty());
        ASSERT_TRUE(judged.report);
        Report expected = world.report();
        change(expected);
        EXPECT_EQ(SnpPlatform::write((*judged.report)->report), SnpPlatform::write(expected));
        EXPECT_EQ((*judged.report)->report.author_key_enabled(), name == "author_key_digest");
    }
}

// Each bit of both words against each rule; only its own check changes.
template <std::size_t N>
void each_bit(const std::array<snp::Bit, N>& bits, std::string_view prefix, std::uint64_t Report::* word,
              std::array<Must, N> snp::ProductRule::* rules) {
    SnpWorld world;
    world.kept = world.signed_collateral();
    for (std::size_t i = 0; i < N; ++i) {
        for (const bool set : {false, true}) {
            for (const Must must : {Must::kZero, Must::kOne, Must::kAny}) {
                SCOPED_TRACE(std::string(bits[i].name) + (set ? " one, must be " : " zero, must be ") +
                             std::string(evidence::to_string(must)));
                const snp::ProductRule before = world.rule();
                (world.rule().*rules)[i] = must;
                const auto judged = world.judge_with([&](Report& report) {
                    report.*word &= ~(std::uint64_t{1} << bits[i].bit);
                    if (set) report.*word |= std::uint64_t{1} << bits[i].bit;
                });
                world.rule() = before;
                const std::vector<std::string> failing = {std::string(prefix).append(bits[i].name)};
                EXPECT_THAT(judged.failing(),
                            ElementsAreArray(evidence::holds(must, set) ? std::vector<std::string>{} : failing));
            }
        }
    }
}

TEST(SnpNegative, EveryBitOfThePolicyIsDecidedByItsRule) {
    each_bit(snp::kPolicyBits, "snp.policy.", &Report::policy, &snp::ProductRule::policy);
}

TEST(SnpNegative, EveryBitOfThePlatformIsDecidedByItsRule) {
    each_bit(snp::kPlatformBits, "snp.platform.", &Report::platform_info, &snp::ProductRule::platform);
}

TEST(SnpNegative, UnknownBitsOfThePolicyFail) {
    SnpWorld world;
    world.kept = world.signed_collateral();
    world.rule().policy.fill(Must::kAny);
    for (unsigned bit = 26; bit < 64; ++bit)
        EXPECT_THAT(world.judge_with([&](Report& r) { r.policy |= std::uint64_t{1} << bit; }).failing(),
                    ElementsAre("snp.policy.reserved"));
}

TEST(SnpNegative, UnknownBitsOfThePlatformAreForThePolicy) {
    SnpWorld world;
    world.kept = world.signed_collateral();
    for (unsigned bit = 0; bit < 64; ++bit) {
        if (std::ranges::find(snp::kPlatformBits, bit, &snp::Bit::bit) != snp::kPlatformBits.end()) continue;
        const auto judged = [&](Must must) {
            world.rule().platform_unknown = must;
            return world.judge_with([&](Report& r) { r.platform_info |= std::uint64_t{1} << bit; });
        };
        EXPECT_THAT(judged(Must::kZero).failing(), ElementsAre("snp.platform.unknown"));
        EXPECT_THAT(judged(Must::kOne).failing(), ElementsAre("snp.platform.unknown"));
        EXPECT_THAT(judged(Must::kAny).failing(), IsEmpty());
        EXPECT_THAT(judged(Must::kAny).with(Outcome::kNote), ElementsAre("snp.platform.unknown"));
    }
    // "One" makes no sense for bits that nobody knows: it accepts nothing.
    world.rule().platform_unknown = Must::kOne;
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.platform.unknown"));
}

TEST(SnpNegative, VmplIsExact) {
    SnpWorld world;
    for (std::uint32_t wanted = 0; wanted < 4; ++wanted) {
        world.rules.vmpl = wanted;
        for (std::uint32_t found = 0; found < 4; ++found)
            EXPECT_EQ(world.judge_with([&](Report& r) { r.vmpl = found; }).failing().empty(), wanted == found);
    }
}

TEST(SnpNegative, AVlekIsAcceptedOfNamedProvidersOnly) {
    SnpWorld world(Product::kTurin, KeyKind::kVlek);
    EXPECT_THAT(world.judge().failing(), IsEmpty());
    // The provider may show a chip, and no certificate vouches for it: it is no platform's name.
    const auto shown = world.judge_with([](Report& r) { r.chip_id.bytes[0] = 1; });
    EXPECT_THAT(shown.failing(), IsEmpty());
    EXPECT_FALSE((*shown.report)->platform);
    EXPECT_THAT(world.judge_with([](Report& r) { r.key_info = 0; }).failing(), ElementsAre("snp.signing_key"));
    for (const std::vector<std::string>& providers :
         {std::vector<std::string>{}, {""}, {"cc-simulated.openpcc.example"}, {std::string(kSnpProvider) + "x"}}) {
        world.rules.vlek_providers = providers;
        EXPECT_THAT(world.judge().failing(), ElementsAre("snp.vlek_provider"));
    }
    // With VCEKs the list is not asked.
    SnpWorld other;
    other.rules.vlek_providers = {};
    EXPECT_THAT(other.judge().failing(), IsEmpty());
}

TEST(SnpNegative, PlatformsAreToldApartByChipAndProduct) {
    const auto platform = [](const SnpWorld& world) { return (*world.judge().report)->platform.value(); };
    const SnpWorld one;
    const SnpWorld two;
    EXPECT_EQ(platform(one), platform(one));
    EXPECT_NE(platform(one), platform(two));
}

// Rules without more accept nothing.
TEST(SnpNegative, NoRulesAcceptNothing) {
    SnpWorld world;
    world.rules = {};
    const auto judged = world.judge();
    EXPECT_THAT(judged.failing(), testing::Contains("snp.product"));
    EXPECT_THAT(judged.with(Outcome::kNotRun), testing::Contains("snp.tcb.reported"));
    EXPECT_THAT(judged.with(Outcome::kNotRun), testing::Contains("snp.policy.debug"));
    EXPECT_THAT(judged.with(Outcome::kNotRun), testing::Contains("snp.platform.unknown"));
    ASSERT_TRUE(judged.report);
    EXPECT_EQ((*judged.report)->tcb.outcome, Outcome::kNotRun);
    EXPECT_EQ(judged.verdict.state(), State::kNotVerified);
}

}  // namespace
}  // namespace openpcc::simulated

// SPDX-License-Identifier: Apache-2.0
// Whole reports of every version, product and kind of key; and what becomes of each of their bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "evidence/simulated/snp_world.hpp"

namespace openpcc::simulated {
namespace {

using snp::KeyKind;
using snp::Product;
using snp::Report;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(SnpReports, GoodOnesOfEveryVersionProductAndKeyAreSimulatedAndNothingElse) {
    for (const Product product : kSnpProducts) {
        for (const KeyKind kind : kSnpKinds) {
            const SnpWorld world(product, kind);
            for (std::uint32_t version = 2; version <= 5; ++version) {
                SCOPED_TRACE(std::string(to_string(product)) + " " + std::to_string(version));
                const Bytes bytes = world.platform.sign(SnpPlatform::as_version(world.report(), version)).value();
                const auto judged = world.judge(bytes);
                EXPECT_THAT(judged.failing(), IsEmpty());
                EXPECT_THAT(judged.with(Outcome::kNotRun), IsEmpty());
                EXPECT_THAT(judged.with(Outcome::kNote), IsEmpty());
                EXPECT_EQ(judged.verdict.state(), State::kSimulated);
                ASSERT_TRUE(judged.report);
                const snp::SignedReport& report = **judged.report;
                EXPECT_EQ(report.root_kind, snp::RootKind::kSimulated);
                EXPECT_EQ(report.product, product);
                EXPECT_EQ(report.endorsement.kind, kind);
                EXPECT_EQ(report.tcb.outcome, Outcome::kPass);
                EXPECT_EQ(report.platform.has_value(), kind == KeyKind::kVcek);
                EXPECT_EQ(report.root.der(), world.authority.ark().der());
                EXPECT_EQ(report.report.report_data, (snp::ReportData{{1, 2, 3}}));
                EXPECT_EQ(report.endorsement.provider, kind == KeyKind::kVlek ? kSnpProvider : "");
            }
        }
    }
}

TEST(SnpReports, TheListOfChecksIsWhatAVerdictHas) {
    const SnpWorld world;
    for (const Bytes& bytes : {world.good(), Bytes{}}) {
        const auto judged = world.judge(bytes);
        ASSERT_EQ(judged.verdict.checks().size(), snp::checks().size());
        for (std::size_t i = 0; i < snp::checks().size(); ++i) {
            EXPECT_EQ(judged.verdict.checks()[i].id, snp::checks()[i].id);
            EXPECT_EQ(judged.verdict.checks()[i].paragraph, snp::checks()[i].paragraph);
        }
    }
    for (const snp::Bit& bit : snp::kPolicyBits)
        EXPECT_NE(std::ranges::find(snp::checks(), "snp.policy." + std::string(bit.name), &CheckSpec::id),
                  snp::checks().end());
    for (const snp::Bit& bit : snp::kPlatformBits)
        EXPECT_NE(std::ranges::find(snp::checks(), "snp.platform." + std::string(bit.name), &CheckSpec::id),
                  snp::checks().end());
}

// docs/reference/verdict.md names every check with its paragraph and what is expected, in order.
TEST(SnpReports, TheDocumentListsEveryCheck) {
    std::ifstream file(std::string(OPENPCC_SOURCE_DIR) + "/docs/reference/verdict.md");
    const std::string document((std::istreambuf_iterator<char>(file)), {});
    std::size_t at = 0;
    for (const CheckSpec& spec : snp::checks()) {
        std::string row = "| `" + std::string(spec.id) + "` | " + std::string(spec.paragraph) + " | ";
        row += std::string(spec.expected) + " |\n";
        at = document.find(row, at);
        ASSERT_NE(at, std::string::npos) << row;
    }
}

// All fields of the format are security relevant: this list is empty, and stays so. What is behind the signature is
// zero, and R and S are judged by the signature.
TEST(SnpReports, NoByteMayChange) {
    for (const Product product : {Product::kGenoa, Product::kTurin}) {
        SnpWorld world(product);
        world.kept = world.signed_collateral();
        const Bytes good = world.good();
        for (std::size_t i = 0; i < good.size(); ++i) {
            Bytes bad = good;
            bad[i] = static_cast<std::uint8_t>(bad[i] ^ (1U << i * 5 % 8));
            const auto judged = world.judge(bad);
            EXPECT_FALSE(judged.report) << i;
            EXPECT_EQ(judged.verdict.state(), State::kNotVerified) << i;
            ASSERT_EQ(judged.failing().size(), 1U) << i;
        }
    }
}

TEST(SnpReports, EveryCutAndEveryExtensionIsRefused) {
    const SnpWorld world;
    const Bytes good = world.good();
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_THAT(world.judge(good.view().first(size)).failing(), ElementsAre("snp.format")) << size;
    for (std::size_t more = 1; more < 40; ++more) {
        Bytes longer = good;
        longer.resize(good.size() + more);
        EXPECT_THAT(world.judge(longer).failing(), ElementsAre("snp.format"));
    }
    EXPECT_THAT(world.judge(concat(good, good)).failing(), ElementsAre("snp.format"));
}

// R and S are numbers of 1 to n - 1: zero, n, and what is n above a good one are refused.
TEST(SnpReports, SignatureHalvesAreInRange) {
    const SnpWorld world;
    const Bytes good = world.good();
    const std::array<std::uint8_t, 48> order = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                                0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
                                                0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73};
    for (const std::size_t at : {std::size_t{0x2a0}, std::size_t{0x2e8}}) {
        Bytes zero = good;
        std::fill_n(zero.data() + at, 48, std::uint8_t{0});
        EXPECT_THAT(world.judge(zero).failing(), ElementsAre("snp.signature"));
        Bytes whole = good;
        std::reverse_copy(order.begin(), order.end(), whole.data() + at);
        EXPECT_THAT(world.judge(whole).failing(), ElementsAre("snp.signature"));
        // The number plus n needs a bit more than 384, and those are refused as such.
        Bytes more = good;
        unsigned carry = 0;
        for (std::size_t i = 0; i < 48; ++i) {
            carry += more[at + i] + order[47 - i];
            more[at + i] = static_cast<std::uint8_t>(carry);
            carry >>= 8;
        }
        more[at + 48] = static_cast<std::uint8_t>(carry);
        EXPECT_FALSE(world.judge(more).report);
    }
    // The halves exchanged, and big-endian as others have them.
    Bytes swapped = good;
    std::swap_ranges(swapped.data() + 0x2a0, swapped.data() + 0x2e8, swapped.data() + 0x2e8);
    EXPECT_THAT(world.judge(swapped).failing(), ElementsAre("snp.signature"));
    Bytes reversed = good;
    std::reverse(reversed.data() + 0x2a0, reversed.data() + 0x2a0 + 48);
    std::reverse(reversed.data() + 0x2e8, reversed.data() + 0x2e8 + 48);
    EXPECT_THAT(world.judge(reversed).failing(), ElementsAre("snp.signature"));
}

// One key signs two reports: parts of one do not go with the other's signature.
TEST(SnpReports, PartsOfTwoReportsDoNotMix) {
    const SnpWorld world;
    const Bytes one = world.good();
    const Bytes two = world.platform.sign(world.platform.report(ByteArray<64>{{9}})).value();
    const auto mixed = concat(one.view().first(snp::kSignedSize), two.view().subspan(snp::kSignedSize));
    EXPECT_THAT(world.judge(mixed).failing(), ElementsAre("snp.signature"));
    // Two machines of one authority: the leaf of the other.
    SnpWorld other;
    EXPECT_THAT(world.judge(one, other.platform.certificates()).failing(), ElementsAre("snp.signature"));
}

}  // namespace
}  // namespace openpcc::simulated

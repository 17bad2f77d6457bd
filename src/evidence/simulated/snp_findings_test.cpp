// SPDX-License-Identifier: Apache-2.0
// Mistakes that others made in verifying SEV-SNP, each with a test of its name: findings of audits (TOB: Trail of Bits
// on WhatsApp; ZK: zkSecurity; BL: Bluethroat; GW: gateways) and defects of other verifiers, by project.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/simulated/snp_world.hpp"

namespace openpcc::simulated {
namespace {

using evidence::Must;
using snp::KeyKind;
using snp::Product;
using snp::Report;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

snp::RawTcb microcode(const SnpWorld& world, int by) {
    snp::Tcb tcb = good_tcb(world.product);
    tcb.microcode = static_cast<std::uint8_t>(tcb.microcode + by);
    return write_tcb(tcb, world.product);
}

// A report claims a newer TCB than the certificate was made for.
TEST(Snp, TOB_8_ReportedTcbIsTheCertificates) {
    const SnpWorld world;
    const auto judged = world.judge_with(
        [&](Report& r) { r.reported_tcb = r.current_tcb = r.committed_tcb = r.launch_tcb = microcode(world, 1); });
    EXPECT_THAT(judged.failing(), ElementsAre("snp.tcb_certificate"));
}

// Every bit that the audit lists decides alone.
TEST(Snp, TOB_9_EveryNamedBitDecides) {
    SnpWorld world;
    const auto lists = [](const auto& bits, std::string_view name) {
        return std::ranges::find(bits, name, &snp::Bit::name) != bits.end();
    };
    for (std::string_view name : {"ciphertext_hiding", "rapl_dis", "aes_256_xts", "cxl", "single_socket", "smt"})
        EXPECT_TRUE(lists(snp::kPolicyBits, name)) << name;
    EXPECT_TRUE(lists(snp::kPlatformBits, "alias_check"));
    for (std::size_t i = 0; i < snp::kPolicyBits.size(); ++i) {
        const auto failing =
            world.judge_with([&](Report& r) { r.policy ^= std::uint64_t{1} << snp::kPolicyBits[i].bit; }).failing();
        EXPECT_THAT(failing, ElementsAre("snp.policy." + std::string(snp::kPolicyBits[i].name)));
    }
    EXPECT_THAT(world.judge_with([](Report& r) { r.policy |= 1ULL << 26; }).failing(),
                ElementsAre("snp.policy.reserved"));
}

// A VCEK that leaked somewhere signs for another chip; and each chip has a name that a list of hardware can hold.
TEST(Snp, TOB_10_AForeignChipIsRefusedAndEveryChipHasAName) {
    const SnpWorld world;
    const SnpWorld other;
    const auto foreign = world.judge_with([&](Report& r) { r.chip_id = other.report().chip_id; });
    EXPECT_THAT(foreign.failing(), ElementsAre("snp.chip_id"));
    EXPECT_NE((*world.judge().report)->platform, (*other.judge().report)->platform);
    // A VLEK names no chip: it is accepted only where the policy names its provider.
    SnpWorld vlek(Product::kGenoa, KeyKind::kVlek);
    EXPECT_FALSE((*vlek.judge().report)->platform);
    vlek.rules.vlek_providers.clear();
    EXPECT_THAT(vlek.judge().failing(), ElementsAre("snp.vlek_provider"));
}

// GW-22: a list that had ended was taken for two days more, and so was a key that it revokes.
TEST(Snp, GW_22_WhatHasEndedOrIsRevokedGetsNoGrace) {
    SnpWorld world;
    world.rules.collateral_age = {std::chrono::days(3650), std::chrono::days(3650)};
    world.crls = {world.authority.crl(kSnpNow - std::chrono::hours(1), kSnpNow, {}).value()};
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.crl"));
    const Bytes ask_serial = x509::Certificate::parse_der(world.platform.certificates()[1])->serial();
    world.crls = {world.authority.crl(kSnpNow - Seconds(1), kSnpNow + std::chrono::days(1), {ask_serial}).value()};
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.revocation"));
}

// ZK-11; attestation-rs and Microsoft's verifier had no lists either.
TEST(Snp, ZK_11_RevocationUnknownIsNeverGood) {
    SnpWorld world;
    world.crls.clear();
    world.anchors.genuine.push_back(world.authority.ark());
    EXPECT_EQ(world.judge().verdict.state(), State::kIncomplete);
}

TEST(Snp, ZK_6_DebugIsRefused) {
    const SnpWorld world;
    EXPECT_THAT(world.judge_with([](Report& r) { r.policy |= 1ULL << 19; }).failing(), ElementsAre("snp.policy.debug"));
}

TEST(Snp, BL_2_TheTcbIsEnforcedByDefault) {
    SnpWorld world;
    world.rule().green.microcode += 1;
    EXPECT_EQ(world.judge().verdict.state(), State::kNotVerified);
}

TEST(Snp, GW_4_EmptyListsDeny) {
    SnpWorld world(Product::kMilan, KeyKind::kVlek);
    world.rules.vlek_providers.clear();
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.vlek_provider"));
    world.rules.products.clear();
    EXPECT_THAT(world.judge().failing(), Contains("snp.product"));
}

// With no roots configured it took ASK and ARK from the evidence.
TEST(Snp, GoSevGuest_RootsAreNeverTakenFromEvidence) {
    SnpWorld world;
    world.anchors = {};
    auto certificates = world.platform.certificates();
    EXPECT_THAT(world.judge(world.good(), certificates).failing(), ElementsAre("snp.chain"));
    certificates.push_back(world.authority.ark().der());
    EXPECT_THAT(world.judge(world.good(), certificates).failing(), ElementsAre("snp.chain"));
    certificates = {certificates[0], certificates[2]};
    EXPECT_THAT(world.judge(world.good(), certificates).failing(), ElementsAre("snp.chain"));
}

// It took a report without product for Milan.
TEST(Snp, GoSevGuest_AProductIsNeverAssumed) {
    for (const Product product : kSnpProducts) {
        SnpWorld world(product);
        const Bytes old = world.platform.sign(SnpPlatform::as_version(world.report(), 2)).value();
        EXPECT_EQ((*world.judge(old).report)->product, product);
        world.rules = SnpWorld::good_rules(product == Product::kTurin ? Product::kGenoa : Product::kTurin);
        EXPECT_THAT(world.judge(old).failing(), ElementsAre("snp.product"));
    }
}

// It knew neither Turin's layout of the TCB nor its ids of eight bytes.
TEST(Snp, GoSevGuest_TurinHasItsOwnLayout) {
    const SnpWorld world(Product::kTurin);
    EXPECT_THAT(world.judge().failing(), IsEmpty());
    EXPECT_THAT(world.judge_with([](Report& r) { r.chip_id.bytes[7] ^= 1; }).failing(), ElementsAre("snp.chip_id"));
    EXPECT_THAT(world.judge_with([](Report& r) { r.chip_id.bytes[8] = 1; }).failing(), ElementsAre("snp.chip_id"));
    // The same eight bytes in Milan's layout are another TCB.
    const auto elsewhere = world.judge_with([](Report& r) {
        r.reported_tcb = r.current_tcb = r.committed_tcb = r.launch_tcb =
            write_tcb(good_tcb(Product::kTurin), Product::kMilan);
    });
    EXPECT_THAT(elsewhere.failing(), Contains("snp.tcb_certificate"));
}

// It refused a bit of PLATFORM_INFO that genuine Turin machines set.
TEST(Snp, GoSevGuest_UnknownPlatformBitsAreNotMalformed) {
    SnpWorld world(Product::kTurin);
    world.rule().platform_unknown = Must::kAny;
    const auto judged = world.judge_with([](Report& r) { r.platform_info |= 1U << 6; });
    EXPECT_THAT(judged.failing(), IsEmpty());
    EXPECT_THAT(judged.with(Outcome::kNote), ElementsAre("snp.platform.unknown"));
}

TEST(Snp, GoSevGuest_AListThatHasEndedIsRefused) {
    SnpWorld world;
    world.now = kSnpNow + std::chrono::days(5);
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.crl"));
}

// It asked AMD for the certificate of CURRENT_TCB: that is another key's.
TEST(Snp, GoSevGuest_TheCertificateOfTheCurrentTcbIsNotTheReports) {
    SnpWorld world;
    world.rules.provisional_tcb = true;
    const auto judged = world.judge_with([&](Report& r) { r.reported_tcb = microcode(world, -1); });
    EXPECT_THAT(judged.failing(), Contains("snp.tcb_certificate"));
}

// It compared the common name with "VCEK", which no certificate has, so that it never looked at the chip.
TEST(Snp, Trustee_ChipIdIsJudgedUnderAmdsName) {
    SnpWorld world;
    EXPECT_THAT(world.judge_leaf([](SnpLeafSpec& leaf) { leaf.name = "VCEK"; }).failing(),
                ElementsAre("snp.certificate"));
    EXPECT_THAT(world.judge_with([](Report& r) { r.chip_id.bytes[0] ^= 1; }).failing(), ElementsAre("snp.chip_id"));
}

// Its status went to a policy, and nothing failed.
TEST(Snp, Trustee_ABadSignatureFails) {
    const SnpWorld world;
    Bytes bad = world.good();
    bad[0x2a0] ^= 1;
    const auto judged = world.judge(bad);
    EXPECT_FALSE(judged.report);
    EXPECT_EQ(judged.verdict.state(), State::kNotVerified);
}

TEST(Snp, Trustee_ShortDataDoesNotCrash) {
    const SnpWorld world;
    for (std::size_t size : {0UL, 1UL, 4UL, 671UL, 672UL, 1183UL})
        EXPECT_THAT(world.judge(world.good().view().first(size)).failing(), ElementsAre("snp.format"));
}

TEST(Snp, MicrosoftVerifier_ADownloadedArkIsNoRoot) {
    SnpWorld world;
    const auto impostor =
        SnpAuthority::create(SnpAuthoritySpec::good(world.product, kSnpNow), SnpCaKeys::generate(2048)).value();
    const auto machine = SnpPlatform::create(impostor, world.kind, world.random, kSnpNow).value();
    EXPECT_THAT(world.judge(machine.sign(machine.report({})).value(), machine.certificates()).failing(),
                ElementsAre("snp.chain"));
}

// PR-h: lengths that somebody announces in a certificate, and tables without an end.
TEST(Snp, PR_h_WhatIsAnnouncedIsBounded) {
    const SnpWorld world;
    const auto leaf = [&](const Bytes& der) {
        const auto judged = world.judge(world.good(), {der, world.platform.certificates()[1]});
        EXPECT_THAT(judged.failing(), ElementsAre("snp.chain"));
        return judged.check("snp.chain").found;
    };
    EXPECT_THAT(leaf({0x30, 0x84, 0xff, 0xff, 0xff, 0xff}), Not(IsEmpty()));
    EXPECT_THAT(leaf(Bytes((16 << 10) + 1)), HasSubstr("longer than 16 KiB"));
    auto many = world.platform.certificates();
    many.push_back(many[1]);
    EXPECT_THAT(world.judge(world.good(), many).failing(), ElementsAre("snp.chain"));
    Bytes longer = world.good();
    longer.push_back(0);
    EXPECT_THAT(world.judge(longer).failing(), ElementsAre("snp.format"));
}

TEST(Snp, AttestationRs_DatesAreJudged) {
    SnpWorld world;
    world.now = kSnpNow + std::chrono::days(8);
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.chain"));
    world.now = kSnpNow - std::chrono::hours(2);
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.chain"));
}

// Root seed of Milan extracted in May 2026: refused unless the policy names it, and the reason is said.
TEST(Snp, BadFuse_MilanIsRefusedUnlessThePolicyNamesIt) {
    SnpWorld world(Product::kMilan);
    EXPECT_THAT(world.judge().failing(), IsEmpty());
    world.rules = SnpWorld::good_rules(Product::kGenoa);
    const auto judged = world.judge();
    EXPECT_THAT(judged.failing(), ElementsAre("snp.product"));
    EXPECT_EQ(judged.check("snp.product").found,
              "Milan: root seed extracted in May 2026, reports for any TCB can be forged");
}

// Messages of AMD's firmware carry no platform type: a report of one product is not taken for another's.
TEST(Snp, FormalAnalysis_ProductIsBoundByReportAndChain) {
    for (const Product product : kSnpProducts) {
        SnpWorld world(product);
        const snp::Cpuid other = product == Product::kTurin ? snp::Cpuid{0x19, 0x11, 1} : snp::Cpuid{0x1a, 0x02, 1};
        for (const Product named : kSnpProducts)
            if (named != product) world.rules.products.push_back(SnpWorld::good_rules(named).products[0]);
        EXPECT_THAT(world.judge_with([&](Report& r) { r.cpuid = other; }).failing(), ElementsAre("snp.product"));
    }
}

TEST(Snp, VmplConfusionIsRefused) {
    const SnpWorld world;
    EXPECT_THAT(world.judge_with([](Report& r) { r.vmpl = 2; }).failing(), ElementsAre("snp.vmpl"));
}

TEST(Snp, BadRam_AliasCheckDecidesWhereThePolicyAsksForIt) {
    const SnpWorld world;
    EXPECT_THAT(world.judge_with([](Report& r) { r.platform_info &= ~(1ULL << 5); }).failing(),
                ElementsAre("snp.platform.alias_check"));
}

// CipherLeaks and followers: the bits that bear on ciphertext side channels decide where the policy asks for them.
TEST(Snp, CipherLeaks_HidingDecidesWhereThePolicyAsksForIt) {
    SnpWorld world(Product::kTurin);
    world.rule().policy[7] = Must::kOne;
    world.rule().platform[4] = Must::kOne;
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.policy.ciphertext_hiding", "snp.platform.ciphertext_hiding"));
}

}  // namespace
}  // namespace openpcc::simulated

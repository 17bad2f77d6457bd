// SPDX-License-Identifier: Apache-2.0
// Certificates and revocation lists: each with one thing changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "evidence/simulated/pck_writer.hpp"
#include "evidence/simulated/snp_world.hpp"

namespace openpcc::simulated {
namespace {

using crypto::Scheme;
using snp::KeyKind;
using snp::Product;
using std::chrono::days;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

std::string oid(std::string_view arc) { return std::string(snp::kArcs).append(arc); }

std::vector<std::string> arcs(Product product, KeyKind kind) {
    std::vector<std::string> out = {"1", "2", "3.1", "3.2", "3.3", "3.8", kind == KeyKind::kVcek ? "4" : "5"};
    if (product == Product::kTurin) out.push_back("3.9");
    return out;
}

TEST(SnpLeaf, EveryExtensionOfItsKindIsNeeded) {
    for (const Product product : kSnpProducts) {
        for (const KeyKind kind : kSnpKinds) {
            SnpWorld world(product, kind);
            for (const std::string& arc : arcs(product, kind)) {
                SCOPED_TRACE(arc);
                EXPECT_THAT(world
                                .judge_leaf([&](SnpLeafSpec& leaf) {
                                    std::erase_if(leaf.extensions,
                                                  [&](const auto& e) { return e.dotted_oid == oid(arc); });
                                })
                                .failing(),
                            ElementsAre("snp.certificate"));
            }
            // The reserved parts may be left out, as AMD does with one of Turin's.
            EXPECT_THAT(world
                            .judge_leaf([&](SnpLeafSpec& leaf) {
                                std::erase_if(leaf.extensions, [&](const auto& e) {
                                    return e.dotted_oid == oid("3.4") || e.dotted_oid == oid("3.6");
                                });
                            })
                            .failing(),
                        IsEmpty());
        }
    }
}

std::vector<std::string> with_extension(SnpWorld& world, const x509::CertificateSpec::Extension& extension) {
    return world
        .judge_leaf([&](SnpLeafSpec& leaf) {
            const auto same =
                std::ranges::find(leaf.extensions, extension.dotted_oid, &x509::CertificateSpec::Extension::dotted_oid);
            if (same == leaf.extensions.end())
                leaf.extensions.push_back(extension);
            else
                *same = extension;
        })
        .failing();
}

TEST(SnpLeaf, ExtensionsAreWellFormed) {
    SnpWorld world;
    for (std::string_view arc : {"1", "3.1", "3.2", "3.3", "3.4", "3.8"}) {
        SCOPED_TRACE(arc);
        for (const auto& bad : {snp_number(arc, 256), snp_number(arc, 65536), snp_text(arc, "1"), snp_raw(arc, {}),
                                snp_raw(arc, Bytes{0x02, 0x01, 0xff}), snp_raw(arc, Bytes{0x02, 0x02, 0x00, 0x01}),
                                snp_raw(arc, Bytes{0x02, 0x01, 0x01, 0x00}), snp_raw(arc, Bytes{0x02, 0x00})})
            EXPECT_THAT(with_extension(world, bad), ElementsAre("snp.certificate"));
    }
    for (const auto& bad :
         {snp_number("1", 2), snp_number("3.4", 1), snp_number("3.7", 1), snp_number("3.9", 0), snp_number("2", 1),
          snp_text("2", ""), snp_text("2", "Gen\noa"), snp_text("2", "Milan"), snp_text("2", "Genoa2"),
          snp_text("2", "genoa"), snp_text("2", std::string(257, 'G')), snp_raw("4", Bytes(63)),
          snp_raw("4", Bytes(65)), snp_raw("4", Bytes(8)), snp_raw("4", {}), snp_text("5", kSnpProvider)})
        EXPECT_THAT(with_extension(world, bad), ElementsAre("snp.certificate")) << bad.dotted_oid;
    EXPECT_THAT(with_extension(world, snp_text("2", "Genoa-B1")), IsEmpty());
    SnpWorld vlek(Product::kMilan, KeyKind::kVlek);
    EXPECT_THAT(with_extension(vlek, snp_raw("4", Bytes(64))), ElementsAre("snp.certificate"));
    EXPECT_THAT(with_extension(vlek, snp_raw("5", as_bytes(kSnpProvider))), ElementsAre("snp.certificate"));
    SnpWorld turin(Product::kTurin);
    EXPECT_THAT(with_extension(turin, snp_raw("4", Bytes(64))), ElementsAre("snp.certificate"));
}

TEST(SnpLeaf, AnExtensionTwiceOrCriticalIsRefused) {
    SnpWorld world;
    EXPECT_FALSE(SnpPlatform::create(
        world.authority,
        [&] {
            auto leaf = SnpLeafSpec::good(world.product, world.kind, world.random, world.now);
            leaf.extensions.push_back(snp_number("3.8", 0xff));
            return leaf;
        }(),
        world.random))
        << "no certificate with an extension twice is ever read";
    auto critical = snp_number("3.8", 0xd4);
    critical.critical = true;
    EXPECT_THAT(with_extension(world, critical), ElementsAre("snp.chain"));
}

TEST(SnpLeaf, NameKindAndUseAreAmds) {
    SnpWorld world;
    for (std::string_view name : {"VCEK", "SEV-VLEK", "SEV-vcek", "SEV-VCEK ", "SEV-Genoa", ""})
        EXPECT_THAT(world.judge_leaf([&](SnpLeafSpec& leaf) { leaf.name = name; }).failing(),
                    ElementsAre("snp.certificate"));
    EXPECT_THAT(world.judge_leaf([](SnpLeafSpec& leaf) { leaf.is_ca = true; }).failing(),
                ElementsAre("snp.certificate"));
    for (const Scheme scheme : {Scheme::kRsaPkcs1Sha256, Scheme::kRsaPssSha256})
        EXPECT_THAT(world.judge_leaf([&](SnpLeafSpec& leaf) { leaf.scheme = scheme; }).failing(),
                    ElementsAre("snp.chain"));
    // A VLEK's words under the ASK, and a VCEK's under the ASVK.
    SnpWorld vlek(Product::kGenoa, KeyKind::kVlek);
    EXPECT_THAT(vlek.judge_leaf([&](SnpLeafSpec& leaf) {
                        leaf = SnpLeafSpec::good(Product::kGenoa, KeyKind::kVcek, vlek.random, kSnpNow);
                        leaf.kind = KeyKind::kVlek;
                    })
                    .failing(),
                ElementsAre("snp.certificate"));
    EXPECT_THAT(world
                    .judge_leaf([&](SnpLeafSpec& leaf) {
                        leaf = SnpLeafSpec::good(Product::kGenoa, KeyKind::kVlek, world.random, kSnpNow);
                        leaf.kind = KeyKind::kVcek;
                    })
                    .failing(),
                ElementsAre("snp.certificate"));
}

TEST(SnpLeaf, IsInDate) {
    SnpWorld world;
    EXPECT_THAT(world.judge_leaf([](SnpLeafSpec& leaf) { leaf.not_before = kSnpNow + Seconds(1); }).failing(),
                ElementsAre("snp.chain"));
    EXPECT_THAT(world.judge_leaf([](SnpLeafSpec& leaf) { leaf.not_before = kSnpNow; }).failing(), IsEmpty());
    EXPECT_THAT(world.judge_leaf([](SnpLeafSpec& leaf) { leaf.not_after = kSnpNow - Seconds(1); }).failing(),
                ElementsAre("snp.chain"));
    const auto last = world.judge_leaf([](SnpLeafSpec& leaf) { leaf.not_after = kSnpNow; });
    EXPECT_THAT(last.failing(), IsEmpty());
    EXPECT_EQ(last.verdict.valid_until(), kSnpNow);
}

// A world whose authority has one thing changed.
std::vector<std::string> with_authority(const std::function<void(SnpAuthoritySpec&)>& change,
                                        KeyKind kind = KeyKind::kVcek) {
    SnpWorld world(Product::kGenoa, kind);
    auto spec = SnpAuthoritySpec::good(Product::kGenoa, kSnpNow);
    change(spec);
    world.authority = SnpAuthority::create(spec, test_ca_keys()).value();
    world.platform = SnpPlatform::create(world.authority, kind, world.random, kSnpNow).value();
    world.anchors.simulated = {world.authority.ark()};
    world.crls = {world.authority.crl(kSnpNow - hours(1), kSnpNow + days(5), {}).value()};
    return world.judge().failing();
}

TEST(SnpCa, EachOfTheThreeIsNamedDatedAndMeantForIt) {
    EXPECT_THAT(with_authority([](SnpAuthoritySpec&) {}), IsEmpty());
    const std::pair<SnpAuthoritySpec::Ca SnpAuthoritySpec::*, KeyKind> cas[] = {
        {&SnpAuthoritySpec::ark, KeyKind::kVcek},
        {&SnpAuthoritySpec::ask, KeyKind::kVcek},
        {&SnpAuthoritySpec::asvk, KeyKind::kVlek}};
    for (const auto& [ca, kind] : cas) {
        const auto failing = [&](const std::function<void(SnpAuthoritySpec::Ca&)>& change) {
            return with_authority([&](SnpAuthoritySpec& spec) { change(spec.*ca); }, kind);
        };
        EXPECT_THAT(failing([](auto& c) { c.not_before = kSnpNow + Seconds(1); }), ElementsAre("snp.chain"));
        EXPECT_THAT(failing([](auto& c) { c.not_before = kSnpNow; }), IsEmpty());
        EXPECT_THAT(failing([](auto& c) { c.not_after = kSnpNow - Seconds(1); }), ElementsAre("snp.chain"));
        EXPECT_THAT(failing([](auto& c) { c.name = "SEV-Bergamo"; }), ElementsAre("snp.chain"));
        EXPECT_THAT(failing([](auto& c) { c.is_ca = false; }), ElementsAre("snp.chain"));
    }
    for (const Scheme scheme : {Scheme::kRsaPkcs1Sha256, Scheme::kRsaPssSha256})
        EXPECT_THAT(with_authority([&](SnpAuthoritySpec& spec) { spec.ask.scheme = scheme; }),
                    ElementsAre("snp.chain"));
}

// Another product's hierarchy under the right keys: names decide, and the report's CPUID.
TEST(SnpCa, ProductsDoNotMix) {
    EXPECT_THAT(with_authority([](SnpAuthoritySpec& spec) { spec.ask.name = "SEV-Turin"; }), ElementsAre("snp.chain"));
    EXPECT_THAT(with_authority([](SnpAuthoritySpec& spec) { spec.ask.name = "SEV-VLEK-Genoa"; }),
                ElementsAre("snp.certificate"));
    EXPECT_THAT(with_authority([](SnpAuthoritySpec& spec) {
                    spec.ark.name = "ARK-Turin";
                    spec.ask.name = "SEV-Turin";
                }),
                ElementsAre("snp.certificate"));  // the leaf's product name
}

TEST(SnpCa, WithoutItsRootNothingIsReached) {
    SnpWorld world;
    world.anchors.simulated.clear();
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.chain"));
    // The same names and another key.
    world.anchors.simulated = {
        SnpAuthority::create(SnpAuthoritySpec::good(Product::kGenoa, kSnpNow), SnpCaKeys::generate(2048))
            .value()
            .ark()};
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.chain"));
    // Several roots of one name: the one that has signed is found.
    world.anchors.simulated.push_back(world.authority.ark());
    EXPECT_THAT(world.judge().failing(), IsEmpty());
    // A root that is genuine stays so wherever else it is listed.
    world.anchors.genuine.push_back(world.authority.ark());
    EXPECT_EQ((*world.judge().report)->root_kind, snp::RootKind::kGenuine);
    EXPECT_EQ(world.judge().verdict.state(), State::kVerified);
}

TEST(SnpCa, NoByteOfACertificateMayChange) {
    SnpWorld world;
    world.kept = world.signed_collateral();
    const Bytes report = world.good();
    for (std::size_t which : {0U, 1U}) {
        const Bytes der = world.platform.certificates()[which];
        for (std::size_t i = 0; i < der.size(); ++i) {
            auto certificates = world.platform.certificates();
            certificates[which][i] ^= static_cast<std::uint8_t>(1U << i * 5 % 8);
            EXPECT_FALSE(world.judge(report, certificates).report) << which << " " << i;
        }
        auto longer = world.platform.certificates();
        longer[which].push_back(0);
        EXPECT_FALSE(world.judge(report, longer).report);
        longer[which] = Bytes(der.view().first(der.size() - 1));
        EXPECT_FALSE(world.judge(report, longer).report);
    }
}

// What is remembered of an issuer is its signature: not its dates, and not under other roots.
// A verifier of Nitro documents went on using issuers that it had seen once, after their end.
TEST(SnpCa, NitroValidator_AnIssuerIsRememberedWithoutItsDates) {
    SnpWorld world;
    world.kept = world.signed_collateral();
    EXPECT_EQ(world.kept->issuers().size(), 0U);
    EXPECT_THAT(world.judge().failing(), IsEmpty());
    EXPECT_EQ(world.kept->issuers().size(), 1U);
    EXPECT_THAT(world.judge().failing(), IsEmpty());
    EXPECT_EQ(world.kept->issuers().size(), 1U);
    world.now = kSnpNow + days(40);
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.chain"));
    world.now = kSnpNow;
    world.anchors.simulated.clear();
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.chain"));
    // What is refused is not kept.
    auto certificates = world.platform.certificates();
    certificates[1][certificates[1].size() - 1] ^= 1;
    EXPECT_FALSE(world.judge(world.good(), certificates).report);
    EXPECT_EQ(world.kept->issuers().size(), 1U);
}

// One SignedCollateral serves all threads of a program, from their first report on.
TEST(SnpCa, ThreadsShareWhatIsRemembered) {
    SnpWorld world;
    world.kept = world.signed_collateral();
    const Bytes report = world.good();
    std::atomic<int> good = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int j = 0; j < 5; ++j) good += world.judge(report).failing().empty() ? 1 : 0;
            });
    }
    EXPECT_EQ(good, 20);
    EXPECT_EQ(world.kept->issuers().size(), 1U);
}

TEST(SnpCa, OnlySoManyIssuersAreRemembered) {
    SnpWorld world;
    world.kept = world.signed_collateral();
    for (std::size_t i = 0; i < snp::Issuers::kMost + 3; ++i) {
        auto spec = SnpAuthoritySpec::good(Product::kGenoa, kSnpNow);
        spec.ask.serial = 0x60000 + i;
        const auto other = SnpAuthority::create(spec, test_ca_keys()).value();
        EXPECT_TRUE(world.kept->issuers().verify(other.issuer(KeyKind::kVcek).der(), {other.ark()}));
    }
    EXPECT_EQ(world.kept->issuers().size(), snp::Issuers::kMost);
    EXPECT_THAT(world.judge().failing(), IsEmpty());
}

}  // namespace
}  // namespace openpcc::simulated

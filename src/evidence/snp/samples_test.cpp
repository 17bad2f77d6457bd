// SPDX-License-Identifier: Apache-2.0
// Real reports of the three products, each at its time.
#include "evidence/snp/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "crypto/hash.hpp"
#include "wire/json.hpp"

namespace openpcc::snp {
namespace {

using samples::with_outcome;
using testing::ElementsAre;
using testing::ElementsAreArray;

struct Sample {
    std::string report;
    std::string leaf;
    Product product;
    KeyKind kind;
    std::string time;
    std::vector<std::string> failing;
    std::vector<std::string> notes;
    std::vector<std::string> not_run;
};

// Lists exist of Milan from 2025-05-06 to 2026-05-12 and of Genoa from 2024-10-23 to 2025-11-03, of Turin never.
const std::vector<std::string> kNoList = {"snp.revocation"};
const std::vector<std::string> kNever = {"snp.crl", "snp.revocation"};

const Sample kSamples[] = {
    {"snp/dstack/sev_snp_report.bin",
     "snp/dstack/sev_snp_vcek.pem",
     Product::kMilan,
     KeyKind::kVcek,
     "2026-07-01T00:00:00Z",
     {"snp.tcb.current", "snp.crl"},
     {},
     kNoList},
    {"snp/go-sev-guest/attestation.bin",
     "snp/go-sev-guest/vcek.testcer",
     Product::kMilan,
     KeyKind::kVcek,
     "2022-09-24T01:00:00Z",
     {"snp.crl", "snp.policy.debug"},
     {},
     kNoList},
    {"snp/oak/genoa_oc_report.bin",
     "snp/oak/genoa_oc_vcek.der",
     Product::kGenoa,
     KeyKind::kVcek,
     "2025-10-01T00:00:00Z",
     {},
     {},
     {}},
    {"snp/oak/milan_oc_release_report.bin",
     "snp/oak/milan_oc_release_vcek.der",
     Product::kMilan,
     KeyKind::kVcek,
     "2025-10-01T00:00:00Z",
     {},
     {},
     {}},
    {"snp/oak/turin_oc_report.bin",
     "snp/oak/turin_oc_vcek.der",
     Product::kTurin,
     KeyKind::kVcek,
     "2025-10-01T00:00:00Z",
     {},
     {"snp.platform.unknown"},
     kNever},
    {"snp/trustee/test-report.bin",
     "snp/trustee/test-vcek.der",
     Product::kMilan,
     KeyKind::kVcek,
     "2025-06-01T00:00:00Z",
     {"snp.tcb.current"},
     {},
     {}},
    {"snp/trustee/test-vlek-report.bin",
     "snp/trustee/test-vlek.der",
     Product::kMilan,
     KeyKind::kVlek,
     "2025-06-01T00:00:00Z",
     {"snp.tcb.current", "snp.vmpl"},
     {},
     {}},
    {"snp/virtee/report_milan.hex",
     "snp/virtee/vcek_milan.der",
     Product::kMilan,
     KeyKind::kVcek,
     "2025-01-01T00:00:00Z",
     {"snp.crl"},
     {},
     kNoList},
};

struct Judged {
    std::optional<Verified<SignedReport>> report;
    Verdict verdict;
};

Judged judge(ByteView report, const std::vector<Bytes>& certificates, std::string_view time,
             const Rules& rules = samples::lenient()) {
    static const SignedCollateral collateral(samples::crls(), samples::genuine());
    Judged out;
    out.report = verify_report(report, certificates, samples::genuine(), collateral, rules, parse_rfc3339(time).value(),
                               out.verdict);
    return out;
}

std::vector<Bytes> chain_of(const Sample& sample) {
    return {samples::certificate(sample.leaf), samples::certificate(samples::issuer_file(sample.product, sample.kind))};
}

class SnpSamples : public testing::Test {
  protected:
    void SetUp() override {
        if (!samples::present())
            GTEST_SKIP() << "NO REAL EVIDENCE: " << samples::folder()
                         << " is missing; genuine reports are NOT tested here";
    }
};

TEST_F(SnpSamples, EachReachesAmdsRootAndTheStatedChecksDecide) {
    for (const Sample& sample : kSamples) {
        SCOPED_TRACE(sample.report);
        const auto judged = judge(samples::load(sample.report), chain_of(sample), sample.time);
        const Check* problem = judged.verdict.first_problem();
        ASSERT_TRUE(judged.report) << (problem ? problem->id + ": " + problem->found : "");
        EXPECT_EQ((*judged.report)->root_kind, RootKind::kGenuine);
        EXPECT_EQ((*judged.report)->product, sample.product);
        EXPECT_EQ((*judged.report)->endorsement.kind, sample.kind);
        EXPECT_EQ((*judged.report)->platform.has_value(), sample.kind == KeyKind::kVcek);
        EXPECT_THAT(with_outcome(judged.verdict, Outcome::kFail), ElementsAreArray(sample.failing));
        EXPECT_THAT(with_outcome(judged.verdict, Outcome::kNote), ElementsAreArray(sample.notes));
        EXPECT_THAT(with_outcome(judged.verdict, Outcome::kNotRun), ElementsAreArray(sample.not_run));
        EXPECT_EQ(judged.verdict.good(), sample.failing.empty() && sample.not_run.empty());
        EXPECT_EQ(judged.verdict.checks().size(), checks().size());
    }
}

// The time of the collection's row is 55 minutes before the certificate was made.
TEST_F(SnpSamples, NotBeforeIsMeantToTheSecond) {
    const Sample& sample = kSamples[1];
    const Bytes report = samples::load(sample.report);
    EXPECT_THAT(with_outcome(judge(report, chain_of(sample), "2022-09-24T00:00:00Z").verdict, Outcome::kFail),
                ElementsAre("snp.chain"));
    EXPECT_FALSE(judge(report, chain_of(sample), "2022-09-24T00:55:27Z").report);
    EXPECT_TRUE(judge(report, chain_of(sample), "2022-09-24T00:55:28Z").report);
}

// Leaves, ASKs and ASVKs of others: another product's, another kind's, in another order, too few, too many, and what no
// ARK has signed.
TEST_F(SnpSamples, ChainsOfOthersAreRefused) {
    for (const Sample& sample : kSamples) {
        SCOPED_TRACE(sample.report);
        const Bytes report = samples::load(sample.report);
        const auto good = chain_of(sample);
        const auto refused = [&](const std::vector<Bytes>& certificates) {
            const auto judged = judge(report, certificates, sample.time);
            EXPECT_THAT(with_outcome(judged.verdict, Outcome::kFail), ElementsAre("snp.chain"));
            return !judged.report.has_value();
        };
        for (Product product : {Product::kMilan, Product::kGenoa, Product::kTurin}) {
            for (KeyKind kind : {KeyKind::kVcek, KeyKind::kVlek}) {
                if (product == sample.product && kind == sample.kind) continue;
                EXPECT_TRUE(refused({good[0], samples::certificate(samples::issuer_file(product, kind))}));
            }
        }
        const Bytes ark = samples::certificate(samples::issuer_file(sample.product, sample.kind), 1);
        EXPECT_TRUE(refused({}));
        EXPECT_TRUE(refused({good[0]}));
        EXPECT_TRUE(refused({good[1]}));
        EXPECT_TRUE(refused({good[1], good[0]}));
        EXPECT_TRUE(refused({good[1], ark}));
        EXPECT_TRUE(refused({good[0], ark}));
        EXPECT_TRUE(refused({good[0], good[1], ark}));
        EXPECT_TRUE(refused({good[0], good[0]}));
        EXPECT_TRUE(refused({good[0], Bytes{}}));
    }
}

TEST_F(SnpSamples, LeavesOfOthersAreRefused) {
    const Bytes report = samples::load("snp/trustee/test-report.bin");
    const Bytes ask = samples::certificate(samples::issuer_file(Product::kMilan, KeyKind::kVcek));
    const auto failing = [&](const std::string& leaf) {
        const auto judged = judge(report, {samples::certificate(leaf), ask}, "2025-06-01T00:00:00Z");
        EXPECT_FALSE(judged.report);
        return with_outcome(judged.verdict, Outcome::kFail);
    };
    EXPECT_THAT(failing("snp/virtee/vcek_milan.der"), ElementsAre("snp.signature"));
    EXPECT_THAT(failing("snp/oak/milan_oc_release_vcek.der"), ElementsAre("snp.signature"));
    EXPECT_THAT(failing("snp/trustee/test-vcek-invalid-legacy.der"), ElementsAre("snp.chain"));
    EXPECT_THAT(failing("snp/trustee/test-vcek-invalid-new.der"), ElementsAre("snp.chain"));
}

// Every byte of the good reports and of their certificates; cut and extended at every place.
TEST_F(SnpSamples, NoByteMayChange) {
    for (const std::size_t at : {2UL, 4UL}) {
        const Sample& sample = kSamples[at];
        const Bytes report = samples::load(sample.report);
        const auto chain = chain_of(sample);
        for (std::size_t i = 0; i < report.size(); ++i) {
            Bytes bad = report;
            bad[i] ^= static_cast<std::uint8_t>(1U << i * 5 % 8);
            EXPECT_FALSE(judge(bad, chain, sample.time).report) << i;
            EXPECT_FALSE(judge(report.view().first(i), chain, sample.time).report) << i;
        }
        for (const std::size_t which : {0U, 1U}) {
            for (std::size_t i = 0; i < chain[which].size(); ++i) {
                auto bad = chain;
                bad[which][i] ^= static_cast<std::uint8_t>(1U << i * 5 % 8);
                EXPECT_FALSE(judge(report, bad, sample.time).report) << which << " " << i;
            }
        }
    }
}

// No file of the collection with a report is forgotten: each is in the table, in another one, or of a kind that is
// named here with its reason.
TEST_F(SnpSamples, EveryReportOfTheIndexIsUsed) {
    const std::set<std::string> elsewhere = {"snp/azure-aci/snp.json"};  // AzureContainerInstances below
    const auto manifest = json::parse(samples::load("manifest.json")).value();
    std::size_t seen = 0;
    for (const json::Value& row : manifest.elements()) {
        if (*row.get("kind")->as_string() != "snp") continue;
        const std::string file(*row.get("file")->as_string());
        const bool sized = *row.get("size")->as_int() == 1184 || file.ends_with(".hex") || file.ends_with(".json");
        if (!sized) continue;  // certificates, and Oak's containers whose reports are cut out beside them
        ++seen;
        const bool used = std::ranges::any_of(kSamples, [&](const Sample& sample) { return sample.report == file; });
        EXPECT_TRUE(used || elsewhere.contains(file)) << file;
    }
    EXPECT_EQ(seen, 9U);
}

// Azure writes report and chain in base64, the chain as PEM: VCEK, ASK, ARK.
TEST_F(SnpSamples, AzureContainerInstances) {
    const auto json = json::parse(samples::load("snp/azure-aci/snp.json")).value();
    const auto member = [&](std::string_view name) { return from_base64(*json.get(name)->as_string()).value(); };
    const auto chain = x509::Certificate::parse_pem_chain(member("endorsements"), 3).value();
    ASSERT_EQ(chain.size(), 3U);
    const auto judged = judge(member("evidence"), {chain[0].der(), chain[1].der()}, "2024-06-01T00:00:00Z");
    ASSERT_TRUE(judged.report);
    EXPECT_EQ((*judged.report)->report.version, 2U);
    EXPECT_EQ(chain[2].der(), amd_roots()[0].der());
    // The list that we have was issued a year later.
    EXPECT_THAT(with_outcome(judged.verdict, Outcome::kFail), testing::IsSubsetOf({"snp.crl", "snp.tcb.current"}));
    EXPECT_THAT(with_outcome(judged.verdict, Outcome::kFail), testing::Contains("snp.crl"));
}

// With the clock of today everything is refused or incomplete.
TEST_F(SnpSamples, NothingIsGoodToday) {
    for (const Sample& sample : kSamples) {
        const auto judged = judge(samples::load(sample.report), chain_of(sample), "2026-11-25T07:00:00Z");
        EXPECT_FALSE(judged.verdict.good()) << sample.report;
    }
}

// A VLEK lives a year: the day after, the chain decides.
TEST_F(SnpSamples, TheVlekExpires) {
    const Sample& sample = kSamples[6];
    const Bytes report = samples::load(sample.report);
    EXPECT_TRUE(judge(report, chain_of(sample), "2025-12-10T22:14:21Z").report);
    EXPECT_THAT(with_outcome(judge(report, chain_of(sample), "2025-12-10T22:14:22Z").verdict, Outcome::kFail),
                ElementsAre("snp.chain"));
}

// The policy decides about Milan: unnamed, its reports are refused with the reason; old reports name no product.
TEST_F(SnpSamples, MilanIsRefusedUnlessNamed) {
    Rules rules = samples::lenient();
    std::erase_if(rules.products, [](const ProductRule& rule) { return rule.product == Product::kMilan; });
    for (const Sample& sample : kSamples) {
        const auto judged = judge(samples::load(sample.report), chain_of(sample), sample.time, rules);
        const auto failing = with_outcome(judged.verdict, Outcome::kFail);
        EXPECT_EQ(std::ranges::find(failing, "snp.product") != failing.end(), sample.product == Product::kMilan);
    }
}

TEST_F(SnpSamples, PinnedRootsAreThoseOfTheCollection) {
    for (const auto& [product, index] : {std::pair(Product::kMilan, 0), {Product::kGenoa, 1}, {Product::kTurin, 2}})
        for (KeyKind kind : {KeyKind::kVcek, KeyKind::kVlek})
            EXPECT_EQ(samples::certificate(samples::issuer_file(product, kind), 1),
                      amd_roots()[static_cast<std::size_t>(index)].der());
}

}  // namespace
}  // namespace openpcc::snp

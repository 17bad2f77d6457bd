// SPDX-License-Identifier: Apache-2.0
// Real quotes, kept beside the tree and not in it. What a row asserts about signatures and configuration is what the
// index of that collection says of it; what collateral says is in real_collateral_test.cpp.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "crypto/hash.hpp"
#include "evidence/tdx/samples_fixture.hpp"

namespace openpcc::tdx {
namespace {

struct Sample {
    std::string file;
    std::string time;
    std::vector<std::string> failing;  // configuration checks that must fail; none: nothing but collateral is missing
};

const Sample kSamples[] = {
    {"tdx/automata/2025-07/quote_tdx.bin", "2025-07-15T00:00:00Z", {}},
    {"tdx/automata/alibaba_quote_5.dat", "2025-06-15T00:00:00Z", {"tdx.service_td"}},
    {"tdx/dcap-qvl/quote-from-tappd.hex", "2025-07-01T00:00:00Z", {}},
    {"tdx/dcap-qvl/tdx-quote.hex", "2025-07-01T00:00:00Z", {}},
    {"tdx/dcap-qvl/tdx_quote", "2025-07-01T00:00:00Z", {}},
    {"tdx/dcap-qvl/tdx_quote_outdated", "2026-02-25T00:00:00Z", {}},
    {"tdx/dstack/examples-report.json", "2026-08-20T00:00:00Z", {}},
    {"tdx/dstack/guest-agent-quote.bin", "2026-08-20T00:00:00Z", {}},
    {"tdx/dstack/quote-report.json", "2026-02-25T00:00:00Z", {}},
    {"tdx/dstack/ra-tls-tdx_quote", "2026-08-20T00:00:00Z", {}},
    {"tdx/go-tdx-guest/ccel/cos-113-tdx-quote.dat", "2025-06-15T00:00:00Z", {}},
    {"tdx/go-tdx-guest/quote_v5_sample.dat", "2026-02-25T00:00:00Z", {}},
    {"tdx/near-mpc/quote.json", "2026-08-20T00:00:00Z", {}},
    {"tdx/nearai/quote.bin", "2025-10-01T00:00:00Z", {}},
    {"tdx/trustee/tdx_quote_4.dat", "2023-07-01T00:00:00Z", {"tdx.debug"}},
    {"azure-vtpm/trustauthority/td-quote.bin", "2025-06-15T00:00:00Z", {"tdx.attributes.sept_ve_disable"}},
};

std::vector<std::string> failing(const Verdict& verdict) {
    std::vector<std::string> out;
    for (const Check& check : verdict.checks())
        if (check.outcome == Outcome::kFail) out.push_back(check.id);
    return out;
}

TEST_F(Samples, SignaturesReachIntelsRootAndOnlyCollateralIsMissing) {
    for (const Sample& sample : kSamples) {
        SCOPED_TRACE(sample.file);
        const auto padded = load_quote(sample.file);
        ASSERT_TRUE(padded);
        const auto bytes = without_padding(*padded);
        ASSERT_TRUE(bytes) << bytes.error().describe();
        Verdict verdict;
        const auto quote = verify_quote(*bytes, genuine(), SignedCollateral(), good_rules(),
                                        parse_rfc3339(sample.time).value(), verdict);
        const Check* problem = verdict.first_problem();
        ASSERT_TRUE(quote) << (problem ? problem->id + ": " + problem->found : "");
        EXPECT_EQ((*quote)->root_kind, RootKind::kGenuine);
        EXPECT_THAT(failing(verdict), testing::ElementsAreArray(sample.failing));
        // Never good before TCB info, identities and revocation lists are evaluated.
        EXPECT_EQ(verdict.state(), sample.failing.empty() ? State::kIncomplete : State::kNotVerified);
        EXPECT_EQ(verdict.checks().size(), checks().size());
        EXPECT_TRUE(padded->size() == bytes->size() || !Quote::parse(*padded)) << "padding is not part of a quote";
    }
}

// The time decides: long before or after, the chain is out of date.
TEST_F(Samples, ChainsAreOutOfDateAtOtherTimes) {
    const auto padded = load_quote(kSamples[0].file).value();
    for (std::string_view time : {"2017-01-01T00:00:00Z", "2055-01-01T00:00:00Z"}) {
        Verdict verdict;
        EXPECT_FALSE(verify_quote(without_padding(padded).value(), genuine(), SignedCollateral(), good_rules(),
                                  parse_rfc3339(time).value(), verdict));
        EXPECT_THAT(failing(verdict), testing::ElementsAre("tdx.pck_chain"));
    }
}

TEST_F(Samples, BrokenOnesAreRefused) {
    // Bytes behind the quote that are not zero; cut, the rest has its own defect (SEPT_VE_DISABLE is off).
    auto trailing = load_quote("tdx/go-tdx-guest/tdx_prod_quote_SPR_E4.dat").value();
    EXPECT_EQ(without_padding(trailing).error(), kMalformed);
    EXPECT_EQ(Quote::parse(trailing).error(), kMalformed);
    trailing.resize(trailing.size() - 39);
    Verdict verdict;
    EXPECT_TRUE(verify_quote(trailing, genuine(), SignedCollateral(), good_rules(),
                             parse_rfc3339("2023-07-01T00:00:00Z").value(), verdict));
    EXPECT_THAT(failing(verdict), testing::ElementsAre("tdx.attributes.sept_ve_disable", "tdx.attributes.pks"));

    for (const char* name : {"tdx/dcap-qvl/sgx_quote", "tdx/intel-qvl-synthetic/sgx/quote.dat",
                             "tdx/go-tdx-guest/report.dat", "tdx/dstack/guest-agent-attestation.bin"})
        EXPECT_EQ(Quote::parse(load(name).value()).error(), kMalformed) << name;
}

// A root of its own, and no PEM inside: the shape is that of a quote, and nothing vouches for it.
TEST_F(Samples, SyntheticHierarchyIsNotIntels) {
    Verdict verdict;
    const auto bytes = load("tdx/intel-qvl-synthetic/tdx/quote.dat").value();
    EXPECT_FALSE(verify_quote(bytes, genuine(), SignedCollateral(), good_rules(),
                              parse_rfc3339("2023-01-01T00:00:00Z").value(), verdict));
    EXPECT_THAT(failing(verdict), testing::ElementsAre("tdx.pck_chain"));
}

TEST_F(Samples, PinnedRootIsTheOneOfTheCollection) {
    const auto chain = x509::Certificate::parse_pem_chain(load("roots/intel/sgx_root_ca.pem").value(), 1).value();
    EXPECT_EQ(chain[0].der(), intel_root().der());
}

// No file that holds a quote of the collection is forgotten above.
TEST_F(Samples, EveryQuoteOfTheIndexIsUsed) {
    const std::set<std::string> elsewhere = {"tdx/go-tdx-guest/tdx_prod_quote_SPR_E4.dat",
                                             "tdx/intel-qvl-synthetic/tdx/quote.dat",
                                             "tdx/intel-qvl-synthetic/sgx/quote.dat", "tdx/dcap-qvl/sgx_quote"};
    const auto manifest = json::parse(load("manifest.json").value()).value();
    std::size_t seen = 0;
    for (const json::Value& row : manifest.elements()) {
        const std::string file(*row.get("file")->as_string());
        const std::string stem = std::filesystem::path(file).filename();
        if (!file.starts_with("tdx/") || stem.find("quote") == std::string::npos ||
            stem.find("collateral") != std::string::npos)
            continue;
        ++seen;
        const bool used = std::ranges::any_of(kSamples, [&](const Sample& sample) { return sample.file == file; });
        EXPECT_TRUE(used || elsewhere.contains(file)) << file;
        EXPECT_EQ(to_hex(crypto::sha256(load(file).value())), *row.get("sha")->as_string()) << file;
    }
    EXPECT_GT(seen, 15U);
}

// Two quotes of one platform: each with the other's signature, chain or report is refused.
TEST_F(Samples, PartsOfTwoQuotesDoNotMix) {
    const Bytes one(without_padding(load_quote("tdx/dcap-qvl/tdx-quote.hex").value()).value());
    const Bytes two(without_padding(load_quote("tdx/dcap-qvl/quote-from-tappd.hex").value()).value());
    const Bytes far(without_padding(load_quote("tdx/trustee/tdx_quote_4.dat").value()).value());
    constexpr std::size_t kSigned = 632;
    const auto judge = [](const Bytes& bytes) {
        Verdict verdict;
        EXPECT_FALSE(verify_quote(bytes, genuine(), SignedCollateral(), good_rules(),
                                  parse_rfc3339("2025-07-01T00:00:00Z").value(), verdict));
        return failing(verdict);
    };
    EXPECT_THAT(judge(concat(one.view().first(kSigned), two.view().subspan(kSigned))),
                testing::ElementsAre("tdx.quote_signature"));
    // The PEM chain of another platform: same length, another PCK.
    ASSERT_EQ(one.size(), far.size());
    constexpr std::size_t kPem = kSigned + 4 + 590 + 32;
    EXPECT_THAT(judge(concat(one.view().first(kPem), far.view().subspan(kPem))),
                testing::ElementsAre("tdx.qe_report_signature"));
}

}  // namespace
}  // namespace openpcc::tdx

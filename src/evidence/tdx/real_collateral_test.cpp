// SPDX-License-Identifier: Apache-2.0
// Real quotes with real collateral: every row of the collection's matrix of statuses, and the verdicts at the time for
// which its index states them.
#include <gmock/gmock.h>

#include "evidence/tdx/samples_fixture.hpp"

namespace openpcc::tdx {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

std::string status_of(const Tcb::Part& part) {
    return part.grade ? std::string(to_string(part.grade->status)) : "no level";
}

// "platform / module", as the index writes it, whatever the time.
std::string statuses(const std::string& file, const SignedCollateral& collateral) {
    const auto padded = load_quote(file).value();
    // One sample ends in text that is not part of it.
    const std::size_t excess = file.ends_with("SPR_E4.dat") ? 39 : 0;
    const auto bytes = without_padding(padded.view().first(padded.size() - excess)).value();
    const Quote quote = Quote::parse(bytes).value().claimed();
    const auto leaf = parse_pck_chain(quote.pck_chain).value()[0];
    const PckPlatform platform = parse_pck_extension(leaf.extension(kPckExtensionOid).value()).value();
    const TcbInfo& info = collateral.tcb_infos().items.at(0).content;
    EXPECT_EQ(info.fmspc, platform.fmspc);
    const Tcb tcb = evaluate_tcb(info, collateral.qe_identities().items.at(0).content, platform, quote);
    EXPECT_EQ(status_of(tcb.qe), "UpToDate");
    return status_of(tcb.platform) + " / " + (tcb.module ? status_of(*tcb.module) : "base");
}

struct MatrixRow {
    std::string quote;
    std::vector<std::pair<std::string, std::string>> statuses;  // set, platform / module
};

const MatrixRow kMatrix[] = {
    {"tdx/dstack/examples-report.json",
     {{"2025-06-19", "no level / UpToDate"}, {"2026-08-13", "no level / OutOfDate"}}},
    {"tdx/dstack/guest-agent-quote.bin",
     {{"2025-06-19", "UpToDate / UpToDate"}, {"2026-08-13", "UpToDate / UpToDate"}}},
    {"tdx/dstack/ra-tls-tdx_quote", {{"2025-06-19", "no level / UpToDate"}, {"2026-08-13", "no level / OutOfDate"}}},
    {"tdx/dstack/quote-report.json",
     {{"2025-06-05", "UpToDate / UpToDate"},
      {"2026-02-01", "UpToDate / UpToDate"},
      {"2026-02-18", "UpToDate / UpToDate"}}},
    {"tdx/dcap-qvl/quote-from-tappd.hex",
     {{"2025-06-19", "no level / UpToDate"}, {"2026-08-13", "no level / OutOfDate"}}},
    {"tdx/dcap-qvl/tdx-quote.hex", {{"2025-06-19", "no level / UpToDate"}, {"2026-08-13", "no level / OutOfDate"}}},
    {"tdx/dcap-qvl/tdx_quote", {{"2025-06-19", "UpToDate / UpToDate"}, {"2026-08-13", "OutOfDate / OutOfDate"}}},
    {"tdx/dcap-qvl/tdx_quote_outdated",
     {{"2025-06-05", "no level / UpToDate"},
      {"2026-02-01", "no level / UpToDate"},
      {"2026-02-18", "no level / UpToDate"}}},
    {"tdx/automata/alibaba_quote_5.dat",
     {{"2025-06-05", "UpToDate / UpToDate"},
      {"2026-02-01", "OutOfDate / OutOfDate"},
      {"2026-02-18", "OutOfDate / OutOfDate"}}},
    {"tdx/automata/2025-07/quote_tdx.bin",
     {{"2025-05-27", "OutOfDate / UpToDate"},
      {"2025-06-04", "OutOfDate / UpToDate"},
      {"2025-07-07", "OutOfDate / UpToDate"},
      {"2025-10-19", "OutOfDate / UpToDate"}}},
    {"azure-vtpm/trustee/az-tdx-vtpm/td-quote.bin",
     {{"2025-05-27", "OutOfDate / OutOfDate"},
      {"2025-06-04", "OutOfDate / OutOfDate"},
      {"2025-07-07", "OutOfDate / OutOfDate"},
      {"2025-10-19", "OutOfDate / OutOfDate"}}},
    {"tdx/trustee/tdx_quote_4.dat", {{"2023-06-18", "UpToDate / base"}}},
    {"tdx/go-tdx-guest/ccel/cos-113-tdx-quote.dat",
     {{"2025-05-27", "UpToDate / UpToDate"},
      {"2025-06-04", "UpToDate / UpToDate"},
      {"2025-07-07", "UpToDate / UpToDate"},
      {"2025-10-19", "UpToDate / UpToDate"}}},
    {"tdx/go-tdx-guest/quote_v5_sample.dat",
     {{"2025-06-05", "UpToDate / UpToDate"},
      {"2026-02-01", "UpToDate / UpToDate"},
      {"2026-02-18", "UpToDate / UpToDate"}}},
    {"tdx/go-tdx-guest/tdx_prod_quote_SPR_E4.dat", {{"2023-06-18", "no level / base"}}},
    {"azure-vtpm/trustauthority/td-quote.bin",
     {{"2025-05-27", "UpToDate / UpToDate"},
      {"2025-06-04", "UpToDate / UpToDate"},
      {"2025-07-07", "UpToDate / UpToDate"},
      {"2025-10-19", "UpToDate / UpToDate"}}},
    {"tdx/near-mpc/quote.json", {{"2025-06-19", "UpToDate / UpToDate"}, {"2026-08-13", "UpToDate / UpToDate"}}},
    {"tdx/nearai/quote.bin", {{"2025-09-02", "UpToDate / UpToDate"}}},
};

TEST_F(Samples, EveryStatusOfTheMatrix) {
    for (const MatrixRow& row : kMatrix)
        for (const auto& [set, expected] : row.statuses)
            EXPECT_EQ(statuses(row.quote, SignedCollateral(collateral_set(set), genuine())), expected)
                << row.quote << " with " << set;
}

struct VerdictRow {
    std::string quote;
    std::string set;
    std::string time;
    std::vector<std::string> failing;
    std::string tcb;  // how the text of tdx.tcb begins
};

const VerdictRow kVerdicts[] = {
    {"tdx/dcap-qvl/tdx_quote", "2025-06-19", "2025-07-01T00:00:00Z", {}, "UpToDate (platform UpToDate"},
    {"tdx/dcap-qvl/tdx_quote", "2026-08-13", "2026-08-20T00:00:00Z", {"tdx.tcb"}, "OutOfDate (platform OutOfDate"},
    {"tdx/automata/2025-07/quote_tdx.bin",
     "2025-07-07",
     "2025-07-15T00:00:00Z",
     {"tdx.tcb"},
     "OutOfDate (platform OutOfDate of 2023-08-09, module UpToDate"},
    {"tdx/automata/alibaba_quote_5.dat", "2025-06-05", "2025-06-15T00:00:00Z", {"tdx.service_td"}, "UpToDate"},
    {"tdx/automata/alibaba_quote_5.dat",
     "2026-02-18",
     "2026-02-25T00:00:00Z",
     {"tdx.service_td", "tdx.tcb"},
     "OutOfDate"},
    {"tdx/dcap-qvl/quote-from-tappd.hex",
     "2025-06-19",
     "2025-07-01T00:00:00Z",
     {"tdx.tcb"},
     "not supported (platform no level"},
    {"tdx/dcap-qvl/tdx-quote.hex",
     "2025-06-19",
     "2025-07-01T00:00:00Z",
     {"tdx.tcb"},
     "not supported (platform no level"},
    {"tdx/dcap-qvl/tdx_quote_outdated",
     "2026-02-18",
     "2026-02-25T00:00:00Z",
     {"tdx.tcb"},
     "not supported (platform no level, module UpToDate"},
    {"tdx/dstack/examples-report.json", "2026-08-13", "2026-08-20T00:00:00Z", {"tdx.tcb"}, "not supported"},
    {"tdx/dstack/guest-agent-quote.bin", "2026-08-13", "2026-08-20T00:00:00Z", {}, "UpToDate"},
    {"tdx/dstack/quote-report.json", "2026-02-18", "2026-02-25T00:00:00Z", {}, "UpToDate"},
    {"tdx/dstack/ra-tls-tdx_quote", "2026-08-13", "2026-08-20T00:00:00Z", {"tdx.tcb"}, "not supported"},
    {"tdx/go-tdx-guest/ccel/cos-113-tdx-quote.dat", "2025-06-04", "2025-06-15T00:00:00Z", {}, "UpToDate"},
    {"tdx/go-tdx-guest/quote_v5_sample.dat", "2026-02-01", "2026-02-25T00:00:00Z", {}, "UpToDate"},
    {"tdx/near-mpc/quote.json", "2026-08-13", "2026-08-20T00:00:00Z", {}, "UpToDate"},
    {"tdx/nearai/quote.bin", "2025-09-02", "2025-10-01T00:00:00Z", {}, "UpToDate"},
    {"tdx/trustee/tdx_quote_4.dat", "2023-06-18", "2023-07-01T00:00:00Z", {"tdx.debug"}, "UpToDate (platform"},
    {"azure-vtpm/trustauthority/td-quote.bin",
     "2025-06-04",
     "2025-06-15T00:00:00Z",
     {"tdx.attributes.sept_ve_disable"},
     "UpToDate"},
    {"azure-vtpm/trustee/az-tdx-vtpm/td-quote.bin",
     "2025-06-04",
     "2025-06-15T00:00:00Z",
     {"tdx.attributes.sept_ve_disable", "tdx.tcb"},
     "OutOfDate"},
};

TEST_F(Samples, VerdictsOfTheIndex) {
    for (const VerdictRow& row : kVerdicts) {
        SCOPED_TRACE(row.quote + " with " + row.set);
        const auto padded = load_quote(row.quote).value();
        const auto bytes = without_padding(padded).value();
        const SignedCollateral collateral(collateral_set(row.set), genuine());
        EXPECT_THAT(collateral.tcb_infos().refused, IsEmpty());
        EXPECT_THAT(collateral.qe_identities().refused, IsEmpty());
        EXPECT_THAT(collateral.crls_refused(), IsEmpty());
        Verdict verdict;
        const auto quote =
            verify_quote(bytes, genuine(), collateral, good_rules(), parse_rfc3339(row.time).value(), verdict);
        ASSERT_TRUE(quote);
        EXPECT_EQ(verdict.checks().size(), checks().size());
        EXPECT_THAT(ids_with(verdict, Outcome::kFail), ElementsAreArray(row.failing));
        EXPECT_THAT(ids_with(verdict, Outcome::kNotRun), IsEmpty());
        EXPECT_EQ(verdict.state(), row.failing.empty() ? State::kVerified : State::kNotVerified);
        EXPECT_EQ(found_of(verdict, "tdx.tcb").substr(0, row.tcb.size()), row.tcb);
        EXPECT_EQ((*quote)->root_kind, RootKind::kGenuine);
    }
}

// Signed by Intel, and not for a TD: SGX TCB info, TCB info of version 2, identities of other enclaves.
TEST_F(Samples, CollateralOfOthersIsRefused) {
    Collateral others;
    add_qvl(others, "tdx/dcap-qvl/sgx_quote_collateral.json");
    others.tcb_infos.push_back(teepot("tdx/teepot/sgx_tcb_info_v3.json", "tcb_info_json"));
    others.tcb_infos.push_back(teepot("tdx/teepot/sgx_tcb_info_early.json", "tcb_info_json"));
    others.qe_identities.push_back(teepot("tdx/teepot/sgx_qve_identity.json", "enclave_identity_json"));
    others.qe_identities.push_back(bare("tdx/automata/0625/identity.json"));
    const SignedCollateral collateral(others, genuine());
    EXPECT_THAT(collateral.tcb_infos().items, IsEmpty());
    const auto reasons = [](const auto& documents) {
        std::vector<std::string> out;
        for (const auto& refused : documents.refused) out.push_back(refused.why);
        return out;
    };
    EXPECT_THAT(reasons(collateral.tcb_infos()), ElementsAre("id is not TDX", "no id", "id is not TDX"));
    EXPECT_THAT(reasons(collateral.qe_identities()),
                ElementsAre("id is not TD_QE", "id is not TD_QE", "id is not TD_QE"));

    const auto padded = load_quote("tdx/dcap-qvl/tdx_quote").value();
    Verdict verdict;
    verify_quote(without_padding(padded).value(), genuine(), collateral, good_rules(),
                 parse_rfc3339("2025-07-01T00:00:00Z").value(), verdict);
    EXPECT_THAT(ids_with(verdict, Outcome::kFail), ElementsAre("tdx.qe_identity"));
    // All of it is of other families.
    EXPECT_EQ(found_of(verdict, "tdx.tcb_info"), "no TCB info for FMSPC b0c06f000000");
    // Its one PCK list is that of the Processor CA.
    EXPECT_THAT(ids_with(verdict, Outcome::kNotRun),
                ElementsAre("tdx.pck_crl", "tdx.revocation", "tdx.tcb_info", "tdx.tcb_evaluation", "tdx.collateral_age",
                            "tdx.module_identity", "tdx.tcb"));
}

// The same quote, two dates of collateral: what was good becomes what a policy may tolerate, with names and an end.
TEST_F(Samples, RecoveryDayTurnsGreenToAmber) {
    const auto padded = load_quote("tdx/dcap-qvl/tdx_quote").value();
    const auto judge = [&](std::string_view set, std::string_view time, const Rules& rules) {
        Verdict verdict;
        verify_quote(without_padding(padded).value(), genuine(), SignedCollateral(collateral_set(set), genuine()),
                     rules, parse_rfc3339(time).value(), verdict);
        return verdict;
    };
    Rules rules = good_rules();
    EXPECT_EQ(judge("2025-06-19", "2025-07-01T00:00:00Z", rules).state(), State::kVerified);
    EXPECT_EQ(judge("2026-08-13", "2026-08-20T00:00:00Z", rules).state(), State::kNotVerified);
    rules.amber = {TcbStatus::kOutOfDate};
    rules.grace = std::chrono::days(380);  // the level above is of 2025-08-13
    const Verdict amber = judge("2026-08-13", "2026-08-20T00:00:00Z", rules);
    EXPECT_EQ(amber.state(), State::kVerifiedWithNotes);
    EXPECT_THAT(ids_with(amber, Outcome::kNote), ElementsAre("tdx.tcb"));
    EXPECT_THAT(found_of(amber, "tdx.tcb"), testing::AllOf(testing::HasSubstr("tolerated until 2026-08-28T00:00:00Z"),
                                                           testing::HasSubstr("INTEL-SA-01192 INTEL-SA-01245")));
    EXPECT_EQ(amber.valid_until(), parse_rfc3339("2026-08-28T00:00:00Z").value());
    EXPECT_THAT(ids_with(judge("2026-08-13", "2026-08-28T00:00:00Z", rules), Outcome::kFail), ElementsAre("tdx.tcb"));
    rules.denied_advisories = {"INTEL-SA-01245"};
    EXPECT_THAT(ids_with(judge("2026-08-13", "2026-08-20T00:00:00Z", rules), Outcome::kFail), ElementsAre("tdx.tcb"));
}

}  // namespace
}  // namespace openpcc::tdx

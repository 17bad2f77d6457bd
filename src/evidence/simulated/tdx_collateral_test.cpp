// SPDX-License-Identifier: Apache-2.0
// One changed field of good collateral, or of a good quote, and the one check that must turn red. Names of regressions
// of other verifiers are in the cases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "evidence/simulated/tdx_world.hpp"

namespace openpcc::simulated {
namespace {

using tdx::TcbStatus;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Seconds kDay = std::chrono::days(1);

struct Case {
    std::string name;
    std::vector<std::string> failing;
    std::function<void(TdxWorld&)> change;
    std::string found;  // in the text of the first failing check
};

std::function<void(TdxWorld&)> info(std::function<void(tdx::TcbInfo&)> change) {
    return [change](TdxWorld& w) { change(w.collateral.tcb_info); };
}
std::function<void(TdxWorld&)> identity(std::function<void(tdx::QeIdentity&)> change) {
    return [change](TdxWorld& w) { change(w.collateral.qe_identity); };
}
std::function<void(TdxWorld&)> info_json(std::function<void(json::Value&)> change) {
    return [change](TdxWorld& w) { w.collateral.change_tcb_info = change; };
}
std::function<void(TdxWorld&)> identity_json(std::function<void(json::Value&)> change) {
    return [change](TdxWorld& w) { w.collateral.change_qe_identity = change; };
}
std::function<void(TdxWorld&)> draft(std::function<void(Draft&)> change) {
    return [change](TdxWorld& w) { w.change_draft = change; };
}
std::function<void(TdxWorld&)> served(std::function<void(tdx::Collateral&)> change) {
    return [change](TdxWorld& w) { w.change_collateral = change; };
}

json::Value& level(json::Value& info, std::size_t i = 0) {
    return const_cast<json::Value&>(info.get("tcbLevels")->elements()[i]);
}
json::Value& components(json::Value& info, std::string_view kind) { return *level(info).get("tcb")->get(kind); }

void replace(Bytes& bytes, std::string_view from, std::string_view to) {
    std::string text = to_string(bytes);
    bytes = to_bytes(text.replace(text.find(from), from.size(), to));
}

std::vector<Case> tcb_info_cases() {
    const std::vector<std::string> kInfo = {"tdx.tcb_info"};
    return {
        {"other PCEID", kInfo, info([](auto& i) { i.pce_id.bytes[0] ^= 1; }), "PCEID 0100"},
        {"expired", kInfo, [](TdxWorld& w) { w.collateral.tcb_info.until = w.now; }, "until 2026-11-25T07:00:00Z"},
        {"of the future",
         {"tdx.tcb_info", "tdx.collateral_age"},
         [](TdxWorld& w) { w.collateral.tcb_info.issued = w.now + Seconds(301); },
         "from 2026-11-25T07:05:01Z"},
        {"id SGX", kInfo, info_json([](auto& j) { j.set("id", json::Value::string("SGX")); }), "id is not TDX"},
        {"version 2", kInfo, info_json([](auto& j) { j.set("version", json::Value::integer(2)); }), "version is not 3"},
        {"unknown TCB type", kInfo, info_json([](auto& j) { j.set("tcbType", json::Value::integer(1)); }), "tcbType"},
        {"unknown member", kInfo, info_json([](auto& j) { j.set("tcbLevels2", json::Value::array()); }),
         "unknown member"},
        {"no levels", kInfo, info_json([](auto& j) { j.set("tcbLevels", json::Value::array()); }), "no level"},
        {"15 SGX components", kInfo, info_json([](auto& j) {
             auto& list = components(j, "sgxtcbcomponents");
             json::Value shorter = json::Value::array();
             for (std::size_t i = 0; i < 15; ++i) shorter.push(list.elements()[i].clone());
             list = std::move(shorter);
         }),
         "not 16 components"},
        {"17 TDX components", kInfo, info_json([](auto& j) {
             auto& list = components(j, "tdxtcbcomponents");
             list.push(list.elements()[0].clone());
         }),
         "too long"},
        {"SVN of 256", kInfo, info_json([](auto& j) {
             const_cast<json::Value&>(components(j, "tdxtcbcomponents").elements()[0])
                 .set("svn", json::Value::integer(256));
         }),
         "svn is out of range"},
        {"SVN as text", kInfo, info_json([](auto& j) {
             const_cast<json::Value&>(components(j, "sgxtcbcomponents").elements()[0])
                 .set("svn", json::Value::string("1"));
         }),
         "svn is out of range"},
        {"unknown status", kInfo,
         info_json([](auto& j) { level(j, 1).set("tcbStatus", json::Value::string("Perfect")); }), "unknown status"},
        {"relaunch as status", kInfo,
         info_json([](auto& j) { level(j, 1).set("tcbStatus", json::Value::string("TDRelaunchAdvised")); }),
         "unknown status"},
        {"advisory with a space", kInfo, info([](auto& i) { i.levels[1].grade.advisories = {"INTEL SA"}; }),
         "advisory"},
        {"time that is none", kInfo, info_json([](auto& j) { j.set("issueDate", json::Value::string("2026-11-25")); }),
         "issueDate"},
        {"short FMSPC", kInfo, info_json([](auto& j) { j.set("fmspc", json::Value::string("00514d554c")); }), "hex"},
        {"module identity twice", kInfo, info([](auto& i) { i.modules.push_back(i.modules[0]); }), "twice"},
        {"module identity of version 0", kInfo, info([](auto& i) { i.modules[0].major = 0; }), "module identity"},
    };
}

std::vector<Case> identity_cases() {
    const std::vector<std::string> kQe = {"tdx.qe_identity"};
    return {
        {"identity expired", kQe, [](TdxWorld& w) { w.collateral.qe_identity.until = w.now; }, "until"},
        {"identity of the future",
         {"tdx.collateral_age", "tdx.qe_identity"},
         [](TdxWorld& w) { w.collateral.qe_identity.issued = w.now + Seconds(301); },
         ""},
        {"id QE", kQe, identity_json([](auto& j) { j.set("id", json::Value::string("QE")); }), "id is not TD_QE"},
        {"id QVE", kQe, identity_json([](auto& j) { j.set("id", json::Value::string("QVE")); }), "id is not TD_QE"},
        {"identity version 3", kQe, identity_json([](auto& j) { j.set("version", json::Value::integer(3)); }),
         "version"},
        {"identity unknown member", kQe, identity_json([](auto& j) { j.set("x", json::Value::integer(3)); }),
         "unknown"},
        {"other MRSIGNER", kQe, identity([](auto& q) { q.mr_signer.bytes[31] ^= 1; }), "MRSIGNER"},
        {"other ISVPRODID", kQe, identity([](auto& q) { q.isv_prod_id = 1; }), "ISVPRODID 2"},
        {"other MISCSELECT", kQe, identity([](auto& q) { q.misc_select.bytes[0] = 1; }), "MISCSELECT"},
        {"other ATTRIBUTES", kQe, identity([](auto& q) { q.attributes.bytes[0] = 0x13; }), "ATTRIBUTES"},
        {"wanted bits outside the mask", kQe, identity([](auto& q) { q.attributes.bytes[8] = 0xe7; }), "ATTRIBUTES"},
        {"enclave with another MRSIGNER", kQe, draft([](auto& d) { d.qe_report.mr_signer.bytes[0] ^= 1; }), "MRSIGNER"},
        {"enclave with another product", kQe, draft([](auto& d) { d.qe_report.isv_prod_id = 1; }), "ISVPRODID 1"},
        {"enclave with MISCSELECT", kQe, draft([](auto& d) { d.qe_report.misc_select = 1; }), "MISCSELECT 0x1"},
        {"enclave with other ATTRIBUTES", kQe, draft([](auto& d) { d.qe_report.attributes.bytes[1] = 1; }),
         "ATTRIBUTES"},
        {"enclave status ConfigurationNeeded", kQe,
         identity([](auto& q) { q.levels[0].grade.status = TcbStatus::kConfigurationNeeded; }), "unknown status"},
    };
}

std::vector<Case> signature_cases() {
    const std::vector<std::string> kInfo = {"tdx.tcb_info"};
    const std::vector<std::string> kQe = {"tdx.qe_identity"};
    const std::vector<std::string> kBoth = {"tdx.tcb_info", "tdx.qe_identity"};
    return {
        {"one character of TCB info", kInfo,
         served([](auto& c) { replace(c.tcb_infos[0].json, "\"pcesvn\":13", "\"pcesvn\":12"); }), "signature"},
        {"a space in TCB info", kInfo,
         served([](auto& c) { replace(c.tcb_infos[0].json, "\"id\":\"TDX\"", "\"id\": \"TDX\""); }), "signature"},
        {"CVE-2026-22696, signature of the identity", kQe,
         served([](auto& c) { replace(c.qe_identities[0].json, "\"isvprodid\":2", "\"isvprodid\":3"); }), "signature"},
        {"signature cut", kInfo, served([](auto& c) { replace(c.tcb_infos[0].json, "\"}", "\" "); }), "one value"},
        {"something behind", kInfo, served([](auto& c) { c.tcb_infos[0].json.append(as_bytes("x")); }), "one value"},
        {"a third member", kInfo,
         served([](auto& c) { replace(c.tcb_infos[0].json, ",\"signature\"", ",\"x\":1,\"signature\""); }),
         "one value"},
        {"a second value before", kInfo,
         served([](auto& c) { replace(c.tcb_infos[0].json, "{\"tcbInfo\":", "{\"tcbInfo\":{},\"tcbInfo\":"); }),
         "one value"},
        {"an identity for TCB info", kInfo, served([](auto& c) { c.tcb_infos[0] = c.qe_identities[0]; }), "one value"},
        {"nothing", kInfo, served([](auto& c) { c.tcb_infos[0].json.clear(); }), "one value"},
        {"too long", kInfo, served([](auto& c) { c.tcb_infos[0].json.resize(200'000); }), "too long"},
        {"no issuer chain", kInfo, served([](auto& c) { c.tcb_infos[0].issuer_chain.clear(); }), "issuer chain"},
        {"signer with another name", kBoth, [](TdxWorld& w) { w.collateral.signer.name = "Intel SGX PCK Certificate"; },
         "not Intel's certificate for signing TCB"},
        {"signer is a CA", kBoth, [](TdxWorld& w) { w.collateral.signer.is_ca = true; }, "not Intel's certificate"},
        {"signer expired", kBoth, [](TdxWorld& w) { w.collateral.signer.not_after = w.now - Seconds(1); },
         "signing certificate is out of date"},
        {"signer not yet valid", kBoth, [](TdxWorld& w) { w.collateral.signer.not_before = w.now + Seconds(1); },
         "signing certificate is out of date"},
    };
}

std::vector<Case> list_cases() {
    return {
        {"root list expired",
         {"tdx.root_crl"},
         [](TdxWorld& w) { w.collateral.root_crl.next_update = w.now; },
         "until"},
        {"root list of the future",
         {"tdx.root_crl"},
         [](TdxWorld& w) { w.collateral.root_crl.this_update = w.now + Seconds(301); },
         "from"},
        {"PCK list expired", {"tdx.pck_crl"}, [](TdxWorld& w) { w.collateral.pck_crl.next_update = w.now; }, "until"},
        {"PCK list of the future",
         {"tdx.pck_crl"},
         [](TdxWorld& w) { w.collateral.pck_crl.this_update = w.now + Seconds(301); },
         "from"},
        {"PCK list changed",
         {"tdx.pck_crl"},
         served([](auto& c) { c.crls[1][c.crls[1].size() - 1] ^= 1; }),
         "not signed"},
        {"root list changed",
         {"tdx.root_crl"},
         served([](auto& c) { c.crls[0][c.crls[0].size() - 1] ^= 1; }),
         "not signed"},
        {"PCK list of another authority",
         {"tdx.pck_crl"},
         [](TdxWorld& w) {
             const auto other = RootAuthority::create(w.now).value();
             const Bytes list = publish(other, w.collateral).value().crls[1];
             w.change_collateral = [list](auto& c) { c.crls[1] = list; };
         },
         "not signed by the issuer"},
        {"TCB signing certificate revoked",
         {"tdx.revocation"},
         [](TdxWorld& w) { w.collateral.root_crl.revoked = {Bytes{0x07, 0xcb}}; },
         "TCB signing certificate revoked"},
    };
}

std::vector<Case> module_cases() {
    return {
        {"module older than the floor",
         {"tdx.module_floor"},
         [](TdxWorld& w) { w.rules.modules = {{1, 0x0c}}; },
         "1.11"},
        {"module without a floor", {"tdx.module_floor"}, [](TdxWorld& w) { w.rules.modules = {{3, 0}}; }, "1.11"},
        {"module that TCB info does not know",
         {"tdx.module_floor", "tdx.module_identity"},
         draft([](auto& d) { d.report.tee_tcb_svn.bytes[1] = 2; }),
         ""},
        {"loaded module that TCB info does not know",
         {"tdx.module_identity"},
         [](TdxWorld& w) {
             w.rules.modules.push_back({2, 0});
             w.change_draft = [](Draft& d) {
                 d.header.version = 5, d.body_type = tdx::BodyType::kTd15, d.report.tee_tcb_svn2.bytes[1] = 2;
             };
         },
         "loaded module of major version 2"},
        {"loaded module older than the floor",
         {"tdx.module_floor"},
         draft([](auto& d) {
             d.header.version = 5, d.body_type = tdx::BodyType::kTd15, d.report.tee_tcb_svn2.bytes[0] = 0x0a;
         }),
         "loaded now 1.10"},
        {"module of another signer",
         {"tdx.module_identity"},
         info([](auto& i) { i.modules[1].signer.mr_signer.bytes[0] = 1; }),
         "major version 1"},
        {"module with other attributes",
         {"tdx.module_identity"},
         info([](auto& i) { i.modules[1].signer.attributes.bytes[0] = 1; }),
         "SEAMATTRIBUTES 0x0"},
    };
}

std::vector<Case> policy_cases() {
    return {
        {"TCB info below the evaluation floor",
         {"tdx.tcb_evaluation"},
         info([](auto& i) { i.evaluation = 19; }),
         "TCB info 19, QE identity 19"},
        {"identity below the evaluation floor",
         {"tdx.tcb_evaluation"},
         identity([](auto& q) { q.evaluation = 18; }),
         "TCB info 20, QE identity 18"},
        {"TCB info too old",
         {"tdx.collateral_age"},
         [](TdxWorld& w) { w.collateral.tcb_info.issued = w.now - 31 * kDay - Seconds(1); },
         "issued 2026-10-25"},
        {"identity too old",
         {"tdx.collateral_age"},
         [](TdxWorld& w) { w.collateral.qe_identity.issued = w.now - 31 * kDay - Seconds(1); },
         "issued 2026-10-25"},
        {"PCK list too old",
         {"tdx.collateral_age"},
         [](TdxWorld& w) { w.collateral.pck_crl.this_update = w.now - 31 * kDay - Seconds(1); },
         "issued 2026-10-25"},
        {"no rules at all",
         {"tdx.attributes.sept_ve_disable", "tdx.xfam", "tdx.tcb_evaluation", "tdx.collateral_age", "tdx.module_floor"},
         [](TdxWorld& w) { w.rules = {}; },
         ""},
        {"service TD not of the policy",
         {"tdx.service_td"},
         [](TdxWorld& w) {
             w.rules.service_tds = {ByteArray<48>{{2}}};
             w.change_draft = [](Draft& d) {
                 d.header.version = 5, d.body_type = tdx::BodyType::kTd15, d.report.mr_service_td.bytes[0] = 1;
             };
         },
         "01000000"},
        {"AMX not wanted",
         {"tdx.xfam"},
         [](TdxWorld& w) { w.rules.xfam[12] = w.rules.xfam[13] = evidence::Must::kZero; },
         "amx_config amx_data"},
        {"CET wanted", {"tdx.xfam"}, [](TdxWorld& w) { w.rules.xfam[8] = evidence::Must::kOne; }, "x87 sse"},
    };
}

class TdxCollateral : public testing::TestWithParam<Case> {};

TEST_P(TdxCollateral, FailsInOneCheck) {
    TdxWorld world;
    GetParam().change(world);
    const TdxJudged judged = world.judge();
    EXPECT_TRUE(judged.quote.has_value()) << "its signatures hold";
    EXPECT_EQ(judged.verdict.state(), State::kNotVerified);
    // A failed document leaves what needs it unjudged; other failures of the same cause are listed.
    EXPECT_THAT(judged.failing(), testing::UnorderedElementsAreArray(GetParam().failing));
    EXPECT_EQ(judged.verdict.checks().size(), tdx::checks().size());
    EXPECT_THAT(judged.with(Outcome::kNote), IsEmpty());
    if (!GetParam().found.empty()) EXPECT_THAT(judged.check(GetParam().failing[0]).found, HasSubstr(GetParam().found));
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
    std::string out = std::to_string(info.index) + "_";
    for (char c : info.param.name) out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return out;
}

INSTANTIATE_TEST_SUITE_P(TcbInfo, TdxCollateral, testing::ValuesIn(tcb_info_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(QeIdentity, TdxCollateral, testing::ValuesIn(identity_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Signature, TdxCollateral, testing::ValuesIn(signature_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Lists, TdxCollateral, testing::ValuesIn(list_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Module, TdxCollateral, testing::ValuesIn(module_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Policy, TdxCollateral, testing::ValuesIn(policy_cases()), case_name);

}  // namespace
}  // namespace openpcc::simulated

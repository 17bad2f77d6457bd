// SPDX-License-Identifier: Apache-2.0
// The catalogue of what must not pass: each case is the good scene with one thing changed, and exactly one check says
// so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "evidence/simulated/pck_writer.hpp"
#include "trust/verify/scene.hpp"

namespace openpcc::verify {
namespace {

using testing::ElementsAre;

struct Case {
    std::string name;
    std::string failing;  // the one check that fails
    std::function<void(Scene&)> change;
};

// Shorthands for what changes: the quote before it is signed, or the bundle after.
std::function<void(Scene&)> draft(std::function<void(Scene::Draft&)> change) {
    return [change](Scene& scene) { scene.change_draft = change; };
}
std::function<void(Scene&)> bundle(std::function<void(statement::Bundle&)> change) {
    return [change](Scene& scene) { scene.change_bundle = change; };
}
std::function<void(Scene&)> core_after(std::function<void(statement::Core&)> change) {
    return bundle([change](statement::Bundle& b) { change(b.statement.core); });
}
std::function<void(Scene&)> pck(std::function<void(simulated::PlatformSpec&)> change) {
    return [change](Scene& scene) {
        auto spec = simulated::PlatformSpec::good(scene.random, scene.now);
        change(spec);
        scene.platform = simulated::Platform::from_root(scene.root, spec, scene.random).value();
    };
}

const statement::DeviceEvidence kDevice{1, to_bytes("gpu-0"), to_bytes("report"), to_bytes("leaf")};

// The statement: what is not what the hardware signed.
std::vector<Case> statement_cases() {
    using statement::Core;
    return {
        {"another key", "binding.report_data", core_after([](Core& c) { c.keys[0] = test_key(2); })},
        {"one more key", "binding.report_data", core_after([](Core& c) { c.keys.push_back(test_key(2)); })},
        {"another release", "binding.report_data", core_after([](Core& c) { c.release = "demo-1.0.1"; })},
        {"longer life", "binding.report_data", core_after([](Core& c) { c.not_after += Seconds(60); })},
        {"another model", "binding.report_data", core_after([](Core& c) { c.model.bytes[0] ^= 1; })},
        {"another profile", "binding.report_data", core_after([](Core& c) { c.engine_profile.bytes[0] ^= 1; })},
        {"better isolation", "binding.report_data",
         core_after([](Core& c) { c.isolation = statement::Isolation::kVmPerTenant; })},
        {"another receipt key", "binding.report_data", core_after([](Core& c) { c.receipt_key = to_bytes("key"); })},
        {"refreshed by hand", "binding.report_data", core_after([](Core& c) { c.freshness.challenge.bytes[0] ^= 1; })},
        {"evidence of another node", "binding.report_data",
         [](Scene& s) {
             Scene other;
             other.core.keys[0] = test_key(9);
             const Bytes theirs = other.bundle().cpu_evidence;
             s.roots.simulated.tdx.push_back(other.root.certificate());
             s.change_bundle = [theirs](statement::Bundle& b) { b.cpu_evidence = theirs; };
             s.change_collection = [published = other.collection()](collateral::Collection& c) {
                 c = collateral::Collection{c.fetched, c.tdx, {}};
                 const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
                 append(c.tdx.tcb_infos, published.tdx.tcb_infos);
                 append(c.tdx.qe_identities, published.tdx.qe_identities);
                 append(c.tdx.crls, published.tdx.crls);
             };
         }},
        {"statement of another node", "binding.report_data",
         [](Scene& s) {
             s.change_bundle = [](statement::Bundle& b) {
                 Scene other;
                 other.core.keys[0] = test_key(9);
                 b.statement = other.bundle().statement;
             };
         }},
        {"report data of zeros", "binding.report_data", draft([](auto& d) { d.report.report_data = {}; })},
        {"bound as another kind of TEE", "binding.report_data",
         [](Scene& s) { s.bound_as = statement::TeeType::kSnp; }},
        {"gateway in place of node", "statement.role", [](Scene& s) { s.core.role = statement::Role::kGateway; }},
        {"expired", "statement.validity", [](Scene& s) { s.core.not_after = s.now; }},
        {"not yet in force", "statement.validity", [](Scene& s) { s.core.not_before = s.now + Seconds(301); }},
        {"too long a life", "statement.lifetime",
         [](Scene& s) { s.core.not_after = s.core.not_before + Seconds(4201); }},
    };
}

std::vector<Case> freshness_cases() {
    using Kind = statement::Freshness::Kind;
    return {
        {"stale challenge", "freshness.challenge",
         [](Scene& s) { s.expectation.challenge->sent = s.now - Seconds(301); }},
        {"stale by a short policy", "freshness.challenge", [](Scene& s) { s.policy.max_evidence_age = Seconds(4); }},
        {"challenge sent in the future", "freshness.challenge",
         [](Scene& s) { s.expectation.challenge->sent = s.now + Seconds(1); }},
        {"no challenge", "freshness.challenge", [](Scene& s) { s.core.freshness = {}; }},
        {"another challenge", "freshness.challenge", [](Scene& s) { s.core.freshness.challenge.bytes[31] ^= 1; }},
        {"challenge of zeros", "freshness.challenge", [](Scene& s) { s.core.freshness.challenge = {}; }},
        {"beacon without a log", "freshness.challenge",
         [](Scene& s) { s.core.freshness = {Kind::kBeacon, {}, to_bytes("a checkpoint")}; }},
        {"beacon, and nothing expected", "freshness.challenge",
         [](Scene& s) {
             s.core.freshness = {Kind::kBeacon, {}, to_bytes("a checkpoint")};
             s.expectation.challenge.reset();
         }},
    };
}

std::vector<Case> policy_cases() {
    std::vector<Case> out = {
        {"MRTD not known", "policy.measurement.mrtd", draft([](auto& d) { d.report.mrtd.bytes[47] ^= 1; })},
        {"measurement of another release", "statement.release",
         [](Scene& s) { s.policy.tdx_measurements[0].release = "demo-0.9.0"; }},
        {"no measurement at all", "statement.release", [](Scene& s) { s.policy.tdx_measurements.clear(); }},
        {"no model at all", "policy.model", [](Scene& s) { s.policy.models.clear(); }},
        {"another model only", "policy.model", [](Scene& s) { s.policy.models[0].bytes[0] ^= 1; }},
        {"no engine profile at all", "policy.engine_profile", [](Scene& s) { s.policy.engine_profiles.clear(); }},
        {"another engine profile only", "policy.engine_profile",
         [](Scene& s) { s.policy.engine_profiles[0].bytes[31] ^= 1; }},
        {"post-quantum demanded", "policy.pq", [](Scene& s) { s.policy.require_pq = true; }},
        {"MRCONFIGID set by the host", "policy.host_registers",
         draft([](auto& d) { d.report.mr_config_id.bytes[0] = 1; })},
        {"MROWNER set by the host", "policy.host_registers", draft([](auto& d) { d.report.mr_owner.bytes[0] = 1; })},
        {"MROWNERCONFIG set by the host", "policy.host_registers",
         draft([](auto& d) { d.report.mr_owner_config.bytes[47] = 1; })},
        {"simulated root, strict policy", "policy.simulated",
         [](Scene& s) { s.policy.preset = policy::Preset::kStrict; }},
    };
    for (std::size_t i = 0; i < 4; ++i)
        out.push_back({"RTMR" + std::to_string(i) + " not known", "policy.measurement.rtmr" + std::to_string(i),
                       draft([i](auto& d) { d.report.rtmr[i].bytes[0] ^= 0x80; })});
    return out;
}

std::vector<Case> bundle_cases() {
    return {
        {"device not in the statement", "binding.devices", bundle([](auto& b) { b.devices = {kDevice}; })},
        {"device of the statement left out", "binding.devices",
         [](Scene& s) {
             s.devices = {kDevice};
             s.change_bundle = [](auto& b) { b.devices.clear(); };
         }},
        {"report of a device altered", "binding.devices",
         [](Scene& s) {
             s.devices = {kDevice};
             s.change_bundle = [](auto& b) { b.devices[0].report[0] ^= 1; };
         }},
        {"one device twice", "bundle.parse", [](Scene& s) { s.devices = {kDevice, kDevice}; }},
        {"certificates that nobody needs", "bundle.certificates",
         bundle([](auto& b) { b.certificates = {to_bytes("der")}; })},
        {"called SEV-SNP", "bundle.certificates", bundle([](auto& b) { b.tee = statement::TeeType::kSnp; })},
        {"padding behind the quote", "tdx.format", bundle([](auto& b) { b.cpu_evidence.push_back(0); })},
        {"bytes behind the quote", "tdx.format", draft([](auto& d) { d.trailing = to_bytes("more"); })},
    };
}

std::vector<Case> quote_cases() {
    return {
        {"tee type SGX", "tdx.tee_type", draft([](auto& d) { d.header.tee_type = 0; })},
        {"QE of another vendor", "tdx.qe_vendor", draft([](auto& d) { d.header.qe_vendor_id.bytes[0] ^= 1; })},
        {"reserved bytes of the header", "tdx.reserved", draft([](auto& d) { d.header.reserved.bytes[3] = 1; })},
        {"reserved bytes of the QE report", "tdx.reserved",
         draft([](auto& d) { d.qe_report.reserved4.bytes[41] = 1; })},
        // In these the vendor's own documents allow it: the check stands by itself.
        {"QE in debug mode", "tdx.qe_debug",
         [](Scene& s) {
             s.published.qe_identity.attributes_mask = {};
             s.published.qe_identity.attributes = {};
             s.change_draft = [](auto& d) { d.qe_report.attributes.bytes[0] |= 2; };
         }},
        {"TDX module not Intel's", "tdx.module",
         [](Scene& s) {
             for (auto& module : s.published.tcb_info.modules) module.signer.mr_signer.bytes[0] = 1;
             s.change_draft = [](auto& d) { d.report.mr_signer_seam.bytes[0] = 1; };
         }},
        {"TDX module not for production", "tdx.module",
         [](Scene& s) {
             for (auto& module : s.published.tcb_info.modules) module.signer.attributes_mask = {};
             s.change_draft = [](auto& d) { d.report.seam_attributes = 1; };
         }},
        {"no SEPT_VE_DISABLE", "tdx.attributes.sept_ve_disable", draft([](auto& d) { d.report.td_attributes = 0; })},
        {"XFAM without SSE", "tdx.xfam.required",
         [](Scene& s) {
             s.policy.tdx->xfam.fill(evidence::Must::kAny);
             s.change_draft = [](auto& d) { d.report.xfam &= ~2ULL; };
         }},
        {"XFAM with an unknown bit", "tdx.xfam.reserved", draft([](auto& d) { d.report.xfam |= 1ULL << 63; })},
        {"service TD bound", "tdx.service_td", draft([](auto& d) {
             d.header.version = 5;
             d.body_type = tdx::BodyType::kTd15;
             d.report.tee_tcb_svn2 = d.report.tee_tcb_svn;
             d.report.mr_service_td.bytes[0] = 1;
         })},
        {"attestation key not named", "tdx.attestation_key",
         draft([](auto& d) { d.qe_report_data = ByteArray<64>{}; })},
        {"more in the QE report data", "tdx.attestation_key",
         draft([](auto& d) { d.qe_auth_data.clear(), d.qe_report_data = ByteArray<64>{{1}}; })},
        {"PEM order swapped", "tdx.pck_chain", draft([](auto& d) {
             const auto second = d.pck_chain.find("-----BEGIN", 1);
             const auto third = d.pck_chain.find("-----BEGIN", second + 1);
             d.pck_chain =
                 d.pck_chain.substr(second, third - second) + d.pck_chain.substr(0, second) + d.pck_chain.substr(third);
         })},
        {"root dropped", "tdx.pck_chain", draft([](auto& d) { d.pck_chain.resize(d.pck_chain.rfind("-----BEGIN")); })},
        {"white space in the PEM", "tdx.pck_chain", draft([](auto& d) { d.pck_chain += "\n"; })},
        {"no PEM", "tdx.pck_chain", draft([](auto& d) { d.pck_chain = "-----BEGIN"; })},
    };
}

std::vector<Case> chain_cases() {
    using Spec = simulated::PlatformSpec;
    return {
        {"foreign root", "tdx.pck_chain",
         [](Scene& s) { s.platform = simulated::Platform::create(s.random, s.now).value(); }},
        {"no root at all", "tdx.pck_chain", [](Scene& s) { s.roots = {}; }},
        {"only the vendor's root", "tdx.pck_chain", [](Scene& s) { s.roots = genuine_roots(); }},
        {"PCK expired", "tdx.pck_chain", pck([](Spec& p) { p.not_after = p.not_before + Seconds(60); })},
        {"PCK not yet valid", "tdx.pck_chain", pck([](Spec& p) { p.not_before += Seconds(7200); })},
        {"leaf is no PCK", "tdx.pck_certificate", pck([](Spec& p) { p.pck_name = "Intel SGX TCB Signing"; })},
        {"CA is no PCK CA", "tdx.pck_certificate", pck([](Spec& p) { p.ca_name = "Another CA"; })},
        {"leaf is a CA", "tdx.pck_certificate", pck([](Spec& p) { p.pck_is_ca = true; })},
        {"no SGX extension", "tdx.pck_certificate", pck([](Spec& p) { p.pck_extension = Bytes(); })},
        {"SGX extension of nothing", "tdx.pck_certificate", pck([](Spec& p) { p.pck_extension = Bytes{0x30, 0}; })},
        {"chain of another platform", "tdx.qe_report_signature",
         [](Scene& s) {
             const auto other = simulated::Platform::from_root(s.root, s.random, s.now).value();
             const std::string chain = other.draft({}).pck_chain;
             s.change_draft = [chain](auto& d) { d.pck_chain = chain; };
         }},
    };
}

class Negative : public testing::TestWithParam<Case> {};

TEST_P(Negative, FailsInOneCheckAndGivesNoKey) {
    Scene scene;
    GetParam().change(scene);
    const Verification result = scene.verify();
    EXPECT_EQ(result.verdict.state(), State::kNotVerified);
    EXPECT_THAT(ids_with(result.verdict, Outcome::kFail), ElementsAre(GetParam().failing));
    ASSERT_NE(result.verdict.first_problem(), nullptr);
    EXPECT_EQ(result.verdict.first_problem()->id, GetParam().failing);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(result.key));
    const auto tee = result.bundle ? result.bundle->tee : statement::TeeType::kTdx;
    EXPECT_EQ(result.verdict.checks().size(), checks(tee).size()) << "every check is listed, whatever came before";
    for (const Check& check : result.verdict.checks()) {
        EXPECT_LE(check.expected.size(), 256U) << check.id;
        EXPECT_LE(check.found.size(), 256U) << check.id;
    }
}

std::string case_name(const testing::TestParamInfo<Case>& info) {
    std::string out = std::to_string(info.index) + "_";
    for (char c : info.param.name) out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
    return out;
}

INSTANTIATE_TEST_SUITE_P(Statement, Negative, testing::ValuesIn(statement_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Freshness, Negative, testing::ValuesIn(freshness_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Policy, Negative, testing::ValuesIn(policy_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Bundle, Negative, testing::ValuesIn(bundle_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Quote, Negative, testing::ValuesIn(quote_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Chain, Negative, testing::ValuesIn(chain_cases()), case_name);

// ZK-6: every attribute bit has its vector. Bits 0 to 7 are the debug group; of the others six are harmless.
TEST(NegativeAttributes, EveryBitDecides) {
    const std::vector<unsigned> harmless = {16, 27, 28, 30, 31, 62};
    Scene scene;
    for (unsigned bit = 0; bit < 64; ++bit) {
        scene.change_draft = [bit](auto& d) { d.report.td_attributes |= 1ULL << bit; };
        const auto failing = ids_with(scene.verify().verdict, Outcome::kFail);
        if (bit < 8)
            EXPECT_THAT(failing, ElementsAre("tdx.debug")) << bit;
        else if (std::ranges::find(harmless, bit) != harmless.end())
            EXPECT_THAT(failing, testing::IsEmpty()) << bit;
        else if (bit == 29 || bit == 63)
            EXPECT_THAT(failing, ElementsAre(bit == 29 ? "tdx.attributes.migratable" : "tdx.attributes.perfmon"));
        else
            EXPECT_THAT(failing, ElementsAre("tdx.attributes.reserved")) << bit;
    }
}

// Evidence of devices is bound, and nobody has looked at it yet: that is incomplete, not good.
TEST(NegativeDevices, UnjudgedEvidenceIsIncomplete) {
    Scene scene;
    scene.devices = {kDevice};
    const Verification result = scene.verify();
    EXPECT_EQ(result.verdict.state(), State::kIncomplete);
    EXPECT_THAT(ids_with(result.verdict, Outcome::kNotRun), ElementsAre("devices.evidence"));
    EXPECT_TRUE(std::holds_alternative<std::monostate>(result.key));
}

TEST(NegativeBundle, TrailingBytesAndNothingAreRefused) {
    const Scene scene;
    const Bytes good = scene.bundle().encode();
    for (const Bytes& bytes : {concat(good, Bytes{0}), Bytes(), Bytes(good.view().first(good.size() - 1))})
        EXPECT_THAT(ids_with(scene.verify(bytes).verdict, Outcome::kFail), ElementsAre("bundle.parse"));
}

}  // namespace
}  // namespace openpcc::verify

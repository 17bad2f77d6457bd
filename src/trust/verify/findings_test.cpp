// SPDX-License-Identifier: Apache-2.0
// Mistakes that others made in judging statements and policies, each with a test of its name: findings of audits (TOB:
// Trail of Bits on WhatsApp; ZK: zkSecurity, PR: public reports, on dstack; GW: gateways), papers (AT: attested
// channels; PH: physical attacks) and defects of other verifiers, by project.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "evidence/eventlog/replay.hpp"
#include "evidence/eventlog/written_log.hpp"
#include "trust/service/gateway_keys.hpp"
#include "trust/verify/snp_scene.hpp"
#include "wire/writer.hpp"

namespace openpcc::verify {
namespace {

using statement::TeeType;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// failing of a bundle whose roots are genuine: nothing but the change can be the reason.
std::vector<std::string> failing(const std::function<void(Scene&)>& change) {
    Scene scene;
    scene.genuine();
    change(scene);
    const Verification result = scene.verify();
    EXPECT_TRUE(std::holds_alternative<std::monostate>(result.key) || ids_with(result.verdict, Outcome::kFail).empty());
    return ids_with(result.verdict, Outcome::kFail);
}
std::vector<std::string> failing_snp(const std::function<void(SnpScene&)>& change) {
    SnpScene scene;
    scene.genuine();
    change(scene);
    return scene.failing();
}
std::function<void(Scene&)> report(std::function<void(tdx::TdReport&)> change) {
    return [change](Scene& s) { s.change_draft = [change](Scene::Draft& d) { change(d.report); }; };
}

TEST(Findings, NothingIsWrongWithTheScenes) {
    EXPECT_THAT(failing([](Scene&) {}), IsEmpty());
    EXPECT_THAT(failing_snp([](SnpScene&) {}), IsEmpty());
}

// TOB-7: evidence of any age passed. A bundle is good for one challenge, and for as long as the policy says.
TEST(Findings, TOB_7_EvidenceAnswersThisClientNow) {
    Scene scene;
    scene.genuine();
    const Bytes recorded = scene.bundle().encode();
    EXPECT_EQ(scene.verify(recorded).verdict.state(), State::kVerified);
    scene.expectation.challenge->challenge.bytes[0] ^= 1;
    EXPECT_THAT(ids_with(scene.verify(recorded).verdict, Outcome::kFail), ElementsAre("freshness.challenge"));
    EXPECT_THAT(failing([](Scene& s) { s.now += Seconds(296); }), ElementsAre("freshness.challenge"));
    EXPECT_THAT(failing([](Scene& s) { s.core.freshness = {}; }), ElementsAre("freshness.challenge"));
}

// The expected nonce was overwritten by the one of the evidence.
TEST(Findings, OpenPccGo_TheChallengeIsTheClientsOwn) {
    EXPECT_THAT(failing([](Scene& s) { s.core.freshness.challenge = {{0x99}}; }), ElementsAre("freshness.challenge"));
    EXPECT_THAT(failing_snp([](SnpScene& s) { s.scene.core.freshness.challenge = {{0x99}}; }),
                ElementsAre("freshness.challenge"));
}

// TOB-10, PH-1: keys that leaked or were read from a bus sign for a machine; a list of machines keeps others out.
TEST(Findings, TOB_10_PH_1_AMachineOfNoListIsRefused) {
    const policy::Hardware others{policy::Hardware::Rule::kListed, {Digest256{{1}}}};
    EXPECT_THAT(failing([&](Scene& s) { s.policy.hardware = others; }), ElementsAre("policy.hardware"));
    EXPECT_THAT(failing_snp([&](SnpScene& s) { s.scene.policy.hardware = others; }), ElementsAre("policy.hardware"));
}

// TOB-12: nothing was post-quantum. Where the policy demands it, a node with classical keys alone is refused.
TEST(Findings, TOB_12_ClassicalKeysAloneAreRefused) {
    EXPECT_THAT(failing([](Scene& s) { s.policy.require_pq = true; }), ElementsAre("policy.pq"));
    EXPECT_THAT(failing_snp([](SnpScene& s) { s.scene.policy.require_pq = true; }), ElementsAre("policy.pq"));
}

// A boot whose firmware measured the host's ACPI tables into RTMR0.
struct Boot {
    eventlog::WrittenLog log = eventlog::good_log();
    Boot() { log.events.insert(log.events.begin(), eventlog::WrittenEvent::of(1, eventlog::kEfiAction, "SSDT 1")); }

    void measured(tdx::TdReport& report) const {
        const auto parsed = eventlog::Log::parse(log.bytes()).value();
        const auto found = eventlog::replay(parsed, eventlog::Bank::kSha384, eventlog::Layout::kTdx).value();
        for (std::size_t i = 0; i < 4; ++i) report.rtmr[i] = tdx::Measurement::from_view(found.values[i + 1]);
    }
    // expect_in makes the scene's policy name this boot, and its guest one that booted like `real`.
    void expect_in(Scene& scene, const Boot& real) const {
        tdx::TdReport expected;
        measured(expected);
        for (std::size_t i = 0; i < 4; ++i)
            scene.policy.tdx_measurements[0].rtmr[i] = ByteArray<48>::from_view(expected.rtmr[i]);
        scene.change_draft = [real](Scene::Draft& d) { real.measured(d.report); };
    }
};

// TOB-17: tables of the host ran in the guest unmeasured. A changed one is another boot, and no log hides it.
TEST(Findings, TOB_17_ChangedAcpiTablesAreAnotherBoot) {
    const Boot known;
    Boot changed;
    changed.log.events[0] = eventlog::WrittenEvent::of(1, eventlog::kEfiAction, "SSDT 2");
    const auto with_log = [&](const Boot& booted, const Boot& told) {
        return failing([&](Scene& s) {
            known.expect_in(s, booted);
            s.expectation.event_log = told.log.bytes();
        });
    };
    EXPECT_THAT(with_log(known, known), IsEmpty());
    EXPECT_THAT(with_log(changed, changed), ElementsAre("policy.measurement.rtmr0"));
    EXPECT_THAT(with_log(changed, known), Contains("policy.measurement.rtmr0"));
}

// TOB-20: a proof of one namespace was good in another. One key signs gateway keys and a policy here, and neither
// signature serves for the other document.
TEST(Findings, TOB_20_ASignatureIsForOneKindOfDocument) {
    const auto key = crypto::SigningKey::generate_ed25519();
    const auto signers = envelope::SignerSet::make({envelope::Signer::of(key.verifying_key()).value()}, 1).value();
    const Scene scene;
    const TimePoint now = scene.now;
    const ohttp::KeyConfig config{1, test_key(1).key, {ohttp::SymmetricSuite{}}};
    const Bytes keys = service::GatewayKeys{now, now + Seconds(3600), {config}}.sign(key).value();
    ASSERT_TRUE(service::GatewayKeys::verify(keys, key.verifying_key(), now));
    envelope::Envelope signed_policy{std::string(policy::kPayloadType), to_bytes(scene.policy.to_json()), {}};
    ASSERT_TRUE(signed_policy.sign(key));
    ASSERT_TRUE(policy::Policy::open(as_bytes(signed_policy.to_json()), signers));

    const ByteView content = keys.view().subspan(2, keys.size() - 2 - 64);
    for (std::string_view type : {policy::kPayloadType, service::kGatewayKeysType}) {
        envelope::Envelope moved{std::string(type), Bytes(content), signed_policy.signatures};
        moved.signatures[0].bytes = Bytes(keys.view().last(64));
        EXPECT_FALSE(policy::Policy::open(as_bytes(moved.to_json()), signers)) << type;
    }
    wire::Writer document;
    document.vec16(signed_policy.payload).raw(signed_policy.signatures[0].bytes);
    EXPECT_EQ(service::GatewayKeys::verify(std::move(document).take(), key.verifying_key(), now).error(),
              service::kBadSignature);
    // Each kind by itself: a type that is not the signed one, and a signature without the words before the keys.
    signed_policy.type = service::kGatewayKeysType;
    EXPECT_EQ(envelope::open(as_bytes(signed_policy.to_json()), service::kGatewayKeysType, signers).error(),
              envelope::kUnderSigned);
    wire::Writer bare;
    bare.vec16(content).raw(key.sign(crypto::Scheme::kEd25519, content).value());
    EXPECT_EQ(service::GatewayKeys::verify(std::move(bare).take(), key.verifying_key(), now).error(),
              service::kBadSignature);
}

// TOB-21: proofs never expired. Whatever a verdict rests on ends, the verdict says when, and the same bytes are refused
// from then on.
TEST(Findings, TOB_21_NothingStaysGoodForEver) {
    const auto soon = [](const Scene& s) { return s.now + Seconds(60); };
    const std::function<void(Scene&)> windows[] = {
        [](Scene& s) { s.policy.max_evidence_age = Seconds(64); },  // the challenge is five seconds old
        [&](Scene& s) { s.core.not_after = soon(s); },
        [&](Scene& s) { s.policy.expires = soon(s); },
        [&](Scene& s) { s.published.tcb_info.until = soon(s); },
        [&](Scene& s) { s.published.qe_identity.until = soon(s); },
        [&](Scene& s) { s.published.root_crl.next_update = soon(s); },
        [&](Scene& s) { s.published.pck_crl.next_update = soon(s); },
        [&](Scene& s) { s.published.signer.not_after = soon(s); },
        [&](Scene& s) {
            s.policy.tdx->amber.clear();
            s.published.tcb_info.levels[0].grade.status = tdx::TcbStatus::kOutOfDate;
            s.policy.exceptions = {{"tdx.tcb", s.core.release, "parts are late", "INTEL-SA-00001", soon(s)}};
        },
    };
    for (const auto& window : windows) {
        Scene scene;
        scene.genuine();
        window(scene);
        const Bytes recorded = scene.bundle().encode();
        const Verification now = scene.verify(recorded);
        ASSERT_TRUE(now.verdict.good()) << now.verdict.first_problem()->id;
        const std::ptrdiff_t which = &window - std::begin(windows);
        ASSERT_TRUE(now.verdict.valid_until() && *now.verdict.valid_until() <= soon(scene)) << which;
        scene.now = soon(scene) + Seconds(1);  // the last second of a certificate or a challenge is in its time
        EXPECT_FALSE(scene.verify(recorded).verdict.good()) << which;
    }
    SnpScene snp;
    snp.genuine();
    snp.scene.policy.snp->collateral_age = {std::chrono::hours(1), std::chrono::hours(1) + Seconds(59)};
    EXPECT_TRUE(snp.verify().verdict.good());
    EXPECT_LE(snp.verify().verdict.valid_until(), soon(snp.scene));
    snp.scene.now = soon(snp.scene);
    EXPECT_THAT(snp.failing(), ElementsAre("snp.crl"));
}

// TOB-23: service came after verification, and did not need it. A key to seal to is in a good verdict, and nowhere
// else.
TEST(Findings, TOB_23_NoKeyWithoutAGoodVerdict) {
    static_assert(!std::is_constructible_v<Verified<NodeKey>, NodeKey>);
    static_assert(!std::is_default_constructible_v<Verified<NodeKey>>);
    Scene scene;
    const auto gives_a_key = [&] { return !std::holds_alternative<std::monostate>(scene.verify().key); };
    EXPECT_TRUE(gives_a_key());
    EXPECT_TRUE(std::holds_alternative<Verified<NodeKey>>(scene.genuine().verify().key));
    scene.change_collection = [](auto& c) { c.tdx = {}; };
    EXPECT_EQ(scene.verify().verdict.state(), State::kIncomplete);
    EXPECT_FALSE(gives_a_key());
    scene.policy.models.clear();
    EXPECT_EQ(scene.verify().verdict.state(), State::kNotVerified);
    EXPECT_FALSE(gives_a_key());
    EXPECT_TRUE(std::holds_alternative<std::monostate>(Verification().key));
}

// TOB-25: mitigations were off, by a boot parameter. The command line is measured, so that it is the release's.
TEST(Findings, TOB_25_AnotherBootParameterIsAnotherBoot) {
    const Boot known;
    Boot changed;
    const auto line = std::ranges::find(changed.log.events, eventlog::kIpl, &eventlog::WrittenEvent::type);
    ASSERT_NE(line, changed.log.events.end());
    line->digests[0].digest = Bytes(crypto::sha384(as_bytes("ro quiet mitigations=off")));
    EXPECT_THAT(failing([&](Scene& s) { known.expect_in(s, changed); }), ElementsAre("policy.measurement.rtmr2"));
}

// PR-i: anybody could write into the event log. What is written there without being measured does not replay.
TEST(Findings, PR_i_ALogThatDoesNotReplayIsRefused) {
    const Boot real;
    Boot told;
    told.log.events.pop_back();
    EXPECT_THAT(failing([&](Scene& s) {
                    real.expect_in(s, real);
                    s.expectation.event_log = told.log.bytes();
                }),
                ElementsAre("eventlog.replay.rtmr3"));
}

// TOB-28, GW-30: evidence of GPUs was collected and not verified, and joined to the CPU's by no more than a nonce.
TEST(Findings, TOB_28_GW_30_DevicesAreBoundAndNeverTakenUnread) {
    const statement::DeviceEvidence one{1, to_bytes("gpu-0"), to_bytes("report"), to_bytes("leaf")};
    statement::DeviceEvidence other = one;
    other.report = to_bytes("a report of another machine's");
    const auto swapped = [&](Scene& s) {
        s.devices = {one};
        s.change_bundle = [&](auto& b) { b.devices = {other}; };
    };
    EXPECT_THAT(failing(swapped), ElementsAre("binding.devices"));
    Scene unread;
    unread.genuine();
    unread.devices = {one};
    EXPECT_EQ(unread.verify().verdict.state(), State::kIncomplete);
}

// ZK-0: the firmware of another build, one that trusts its host, is another measurement.
TEST(Findings, ZK_0_AnotherFirmwareIsAnotherMeasurement) {
    EXPECT_THAT(failing(report([](auto& r) { r.mrtd.bytes[0] ^= 1; })), ElementsAre("policy.measurement.mrtd"));
    EXPECT_THAT(failing_snp([](SnpScene& s) { s.change_report = [](auto& r) { r.measurement.bytes[0] ^= 1; }; }),
                ElementsAre("policy.measurement.launch"));
}

// ZK-9, PR-e: configuration came from the host and was not measured. What a host can set is zero or of the policy.
TEST(Findings, ZK_9_PR_e_WhatTheHostSetsIsJudged) {
    EXPECT_THAT(failing(report([](auto& r) { r.mr_config_id.bytes[0] = 1; })), ElementsAre("policy.host_registers"));
    EXPECT_THAT(failing(report([](auto& r) { r.mr_owner.bytes[0] = 1; })), ElementsAre("policy.host_registers"));
    EXPECT_THAT(failing(report([](auto& r) { r.mr_owner_config.bytes[0] = 1; })), ElementsAre("policy.host_registers"));
    EXPECT_THAT(failing_snp([](SnpScene& s) { s.change_report = [](auto& r) { r.host_data.bytes[0] ^= 1; }; }),
                ElementsAre("policy.measurement.host_data"));
}

// PR-h: what is announced was allocated. Here everything has its bound before it is read.
TEST(Findings, PR_h_ABundleAndItsLogAreBounded) {
    Scene scene;
    const auto found = [&](const Verification& result, std::string_view id) {
        return std::ranges::find(result.verdict.checks(), id, &Check::id)->found;
    };
    EXPECT_THAT(found(scene.verify(Bytes((1 << 20) + 1)), "bundle.parse"), HasSubstr("longer than 1 MiB"));
    scene.expectation.event_log = Bytes((1 << 20) + 1);
    EXPECT_THAT(found(scene.verify(), "eventlog.format"), HasSubstr("more than 1 MiB"));
    EXPECT_THAT(failing_snp([](SnpScene& s) {
                    s.change_bundle = [](auto& b) { b.certificates.push_back(b.certificates.back()); };
                }),
                ElementsAre("bundle.certificates"));
}

TEST(Findings, PR_f_ALifeOfYearsIsRefused) {
    EXPECT_THAT(failing([](Scene& s) { s.core.not_after = s.core.not_before + std::chrono::years(10); }),
                ElementsAre("statement.lifetime"));
}

// PR-j, GW-8: a simulator answered in production, and defaults asked for "hardware" alone.
TEST(Findings, PR_j_SimulatedHardwareIsForDevelopmentOnly) {
    for (const auto preset : {policy::Preset::kStrict, policy::Preset::kStandard, policy::Preset::kTwoRoots}) {
        Scene scene;
        scene.policy.preset = preset;
        EXPECT_THAT(ids_with(scene.verify().verdict, Outcome::kFail), ElementsAre("policy.simulated"));
        EXPECT_TRUE(std::holds_alternative<std::monostate>(scene.verify().key));
    }
}
// GW-3: a genuine report of an image that nobody knows.
TEST(Findings, GW_3_AGenuineSnpReportIsNotEnough) {
    EXPECT_THAT(failing_snp([](SnpScene& s) { s.scene.policy.snp_measurements.clear(); }),
                ElementsAre("statement.release"));
}
// SP-5: nodes were not checked unless somebody asked for it. What nobody has set accepts nothing.
TEST(Findings, SP_5_WhatIsNotSetAcceptsNothing) {
    EXPECT_THAT(failing([](Scene& s) { s.policy = {}; }), Not(IsEmpty()));
    EXPECT_THAT(failing([](Scene& s) { s.roots = {}; }), ElementsAre("tdx.pck_chain"));
    EXPECT_THAT(failing([](Scene& s) { s.policy.preset = policy::Preset::kStrict, s.expectation = {}; }),
                ElementsAre("freshness.challenge"));
    Scene scene;
    scene.genuine().change_collection = [](auto& c) { c = {}; };
    EXPECT_EQ(scene.verify().verdict.state(), State::kIncomplete);
}
TEST(Findings, GW_8_HardwareAloneIsNotEnough) {
    EXPECT_THAT(failing([](Scene& s) { s.policy = {}; }), Contains("bundle.tee"));
    for (const auto preset : policy::kPresets)
        EXPECT_THAT(failing([&](Scene& s) { s.policy = policy::Policy::of(preset, s.now); }),
                    Contains("statement.release"));
}

// GW-7: the newest release decided. Here the policy's do, and one that was taken back stays refused.
TEST(Findings, GW_7_ARevokedReleaseIsRefused) {
    EXPECT_THAT(failing([](Scene& s) { s.policy.revoked_releases = {s.core.release}; }),
                ElementsAre("policy.revoked_release"));
    EXPECT_THAT(failing([](Scene& s) { s.core.release = "demo-2.0.0"; }), ElementsAre("statement.release"));
}

// AT-1 (CVE-2026-33697 and others): evidence of a machine that is genuine and good, and somebody else's.
TEST(Findings, AT_1_EvidenceOfAnotherNodeProvesNothing) {
    Scene scene;
    scene.genuine();
    statement::Bundle ours = scene.bundle();
    const auto machine = scene.verify(ours.encode()).platform;
    scene.platform = simulated::Platform::from_root(scene.root, scene.random, scene.now).value();
    scene.core.keys = {test_key(9)};
    const statement::Bundle theirs = scene.bundle();
    EXPECT_EQ(scene.verify(theirs.encode()).verdict.state(), State::kVerified);
    EXPECT_NE(scene.verify(theirs.encode()).platform, machine);
    ours.cpu_evidence = theirs.cpu_evidence;
    EXPECT_THAT(ids_with(scene.verify(ours.encode()).verdict, Outcome::kFail), ElementsAre("binding.report_data"));
}
TEST(Findings, AT_1_EvidenceForAnotherChallengeProvesNothing) {
    Scene scene;
    scene.genuine();
    statement::Bundle now = scene.bundle();
    scene.core.freshness.challenge = {{0x99}};
    now.cpu_evidence = scene.bundle().cpu_evidence;
    EXPECT_THAT(ids_with(scene.verify(now.encode()).verdict, Outcome::kFail), ElementsAre("binding.report_data"));
}
TEST(Findings, AT_1_AReportOfSnpIsNoQuoteOfTdx) {
    EXPECT_THAT(failing_snp([](SnpScene& s) {
                    s.bound_as = TeeType::kTdx;
                    s.change_bundle = [](auto& b) { b.tee = TeeType::kTdx, b.certificates.clear(); };
                }),
                ElementsAre("tdx.format"));
    EXPECT_THAT(failing_snp([](SnpScene& s) { s.bound_as = TeeType::kTdx; }), ElementsAre("binding.report_data"));
}
TEST(Findings, AT_1_AQuoteOfTdxIsNoReportOfSnp) {
    SnpScene snp;
    snp.genuine();
    snp.scene.bound_as = TeeType::kSnp;
    snp.change_bundle = [&](auto& b) { b.cpu_evidence = snp.scene.bundle().cpu_evidence; };
    EXPECT_THAT(snp.failing(), ElementsAre("snp.format"));
    EXPECT_THAT(failing([](Scene& s) { s.bound_as = TeeType::kSnp; }), ElementsAre("binding.report_data"));
}

// GHSA-4px3-wj2x-xx47: the expected value was never compared with REPORTDATA. GHSA-4r6g-mp48-j2rw: report data was
// skipped when it was empty.
TEST(Findings, Cocos_ReportDataIsAlwaysCompared) {
    for (const std::size_t i : {std::size_t{0}, std::size_t{31}, std::size_t{32}, std::size_t{63}}) {
        EXPECT_THAT(failing(report([i](auto& r) { r.report_data.bytes[i] ^= 1; })), ElementsAre("binding.report_data"));
        EXPECT_THAT(failing_snp([i](SnpScene& s) { s.change_report = [i](auto& r) { r.report_data.bytes[i] ^= 1; }; }),
                    ElementsAre("binding.report_data"));
    }
}
TEST(Findings, Cocos_EmptyReportDataIsNoExcuse) {
    EXPECT_THAT(failing(report([](auto& r) { r.report_data = {}; })), ElementsAre("binding.report_data"));
    EXPECT_THAT(failing_snp([](SnpScene& s) { s.change_report = [](auto& r) { r.report_data = {}; }; }),
                ElementsAre("binding.report_data"));
}

}  // namespace
}  // namespace openpcc::verify

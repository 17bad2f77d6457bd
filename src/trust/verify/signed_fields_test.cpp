// SPDX-License-Identifier: Apache-2.0
// ZK-9, PR-e: some inputs of a guest were in no measurement, and some measurements were compared by nobody. What the
// hardware signs is changed here byte by byte, signed again, and must not pass; what may differ is listed with its
// reason.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>

#include "trust/verify/snp_scene.hpp"

namespace openpcc::verify {
namespace {

using testing::IsEmpty;
using testing::Not;

struct Field {
    std::string name;
    std::function<std::span<std::uint8_t>(tdx::TdReport&)> bytes;
};

const Field kFields[] = {
    {"mr_signer_seam", [](auto& r) { return std::span<std::uint8_t>(r.mr_signer_seam.bytes); }},
    {"mrtd", [](auto& r) { return std::span<std::uint8_t>(r.mrtd.bytes); }},
    {"mr_config_id", [](auto& r) { return std::span<std::uint8_t>(r.mr_config_id.bytes); }},
    {"mr_owner", [](auto& r) { return std::span<std::uint8_t>(r.mr_owner.bytes); }},
    {"mr_owner_config", [](auto& r) { return std::span<std::uint8_t>(r.mr_owner_config.bytes); }},
    {"rtmr0", [](auto& r) { return std::span<std::uint8_t>(r.rtmr[0].bytes); }},
    {"rtmr1", [](auto& r) { return std::span<std::uint8_t>(r.rtmr[1].bytes); }},
    {"rtmr2", [](auto& r) { return std::span<std::uint8_t>(r.rtmr[2].bytes); }},
    {"rtmr3", [](auto& r) { return std::span<std::uint8_t>(r.rtmr[3].bytes); }},
    {"report_data", [](auto& r) { return std::span<std::uint8_t>(r.report_data.bytes); }},
    {"mr_service_td", [](auto& r) { return std::span<std::uint8_t>(r.mr_service_td.bytes); }},
};

// The other fields of a TD report: TEE_TCB_SVN, attributes and XFAM are judged value by value (tdx_tcb_test.cpp,
// NegativeAttributes.EveryBitDecides, TdxVerdict.EveryBitOfXfamDecides); MRSEAM is that of a module that Intel signed.
TEST(SignedFields, ZK_9_PR_e_EveryMeasuredByteOfATdReportDecides) {
    Scene scene;
    scene.genuine();
    const SignedCollateral collateral = sign_checked(scene.collection(), scene.roots);
    const auto failing = [&](const std::function<void(tdx::TdReport&)>& change) {
        scene.change_draft = [&](Scene::Draft& d) {
            d.header.version = 5, d.body_type = tdx::BodyType::kTd15;
            d.report.tee_tcb_svn2 = d.report.tee_tcb_svn;
            change(d.report);
        };
        const auto result =
            verify_bundle(scene.bundle().encode(), collateral, scene.policy, scene.roots, scene.expectation, scene.now);
        return ids_with(result.verdict, Outcome::kFail);
    };
    EXPECT_THAT(failing([](auto&) {}), IsEmpty());
    tdx::TdReport sizes;
    for (const Field& field : kFields)
        for (std::size_t i = 0; i < field.bytes(sizes).size(); ++i)
            EXPECT_THAT(failing([&](auto& r) { field.bytes(r)[i] ^= 1; }), Not(IsEmpty())) << field.name << " " << i;
}

struct Free {
    std::size_t from;
    std::size_t until;
    std::string_view why;
};
// Of an SNP report: SNP-ABI ATTESTATION_REPORT.
const Free kFree[] = {
    {0x010, 0x030, "FAMILY_ID and IMAGE_ID: names that the signer of the ID block gives; its key is judged"},
    {0x048, 0x049, "AUTHOR_KEY_EN: the digest of the key is judged, and the other bits of the word by SnpNegative"},
    {0x140, 0x160, "REPORT_ID: a name of this guest"},
    {0x189, 0x18b, "model and stepping: the product that they name is judged"},
    {0x1f8, 0x208, "mitigation vectors: of no rule"},
};
// Values that may be more than the policy asks for, and are judged one by one (snp_tcb_test.cpp, SnpNegative).
const Free kAtLeast[] = {
    {0x008, 0x00a, "POLICY.ABI: at most the firmware's"},
    {0x1e0, 0x1e8, "COMMITTED_TCB"},
    {0x1e8, 0x1eb, "CURRENT firmware"},
    {0x1ec, 0x1ef, "COMMITTED firmware"},
    {0x1f0, 0x1f8, "LAUNCH_TCB"},
};

bool lies_in(std::span<const Free> list, std::size_t at) {
    return std::ranges::any_of(list, [at](const Free& one) { return at >= one.from && at < one.until; });
}

TEST(SignedFields, ZK_9_PR_e_EveryByteOfASnpReportDecides) {
    SnpScene snp;
    snp.genuine();
    std::size_t at = 0;
    snp.change_bundle = [&](auto& b) {
        Bytes report(b.cpu_evidence.view().first(snp::kSignedSize));
        report[at] ^= 1;
        b.cpu_evidence = snp.world.platform.sign_bytes(report).value();
    };
    for (; at < snp::kSignedSize; ++at) {
        if (lies_in(kAtLeast, at)) continue;
        if (lies_in(kFree, at))
            EXPECT_THAT(snp.failing(), IsEmpty()) << at;
        else
            EXPECT_THAT(snp.failing(), Not(IsEmpty())) << at;
    }
}

}  // namespace
}  // namespace openpcc::verify

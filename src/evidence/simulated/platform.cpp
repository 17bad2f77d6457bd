// SPDX-License-Identifier: Apache-2.0
#include "evidence/simulated/platform.hpp"

#include "crypto/hash.hpp"
#include "evidence/simulated/pck_writer.hpp"
#include "wire/writer.hpp"

namespace openpcc::simulated {

namespace {

constexpr Seconds kSlack = std::chrono::hours(1);
constexpr Seconds kLifetime = std::chrono::days(7);

x509::CertificateSpec certificate_spec(std::string name, const PlatformSpec& from, Random& random) {
    x509::CertificateSpec out;
    out.common_name = std::move(name);
    out.organization = "OpenPCC simulated hardware";
    out.not_before = from.not_before;
    out.not_after = from.not_after;
    const auto serial = random.array<ByteArray<7>>();
    for (std::uint8_t byte : serial.bytes) out.serial = out.serial << 8 | byte;
    return out;
}

Bytes write_header(const tdx::Header& header) {
    wire::Writer out;
    out.number_le(header.version).number_le(header.key_type).number_le(header.tee_type);
    out.raw(header.reserved).raw(header.qe_vendor_id).raw(header.user_data);
    return std::move(out).take();
}

Bytes write_report(const tdx::TdReport& report, tdx::BodyType type) {
    wire::Writer out;
    out.raw(report.tee_tcb_svn).raw(report.mr_seam).raw(report.mr_signer_seam);
    out.number_le(report.seam_attributes).number_le(report.td_attributes).number_le(report.xfam);
    out.raw(report.mrtd).raw(report.mr_config_id).raw(report.mr_owner).raw(report.mr_owner_config);
    for (const auto& rtmr : report.rtmr) out.raw(rtmr);
    out.raw(report.report_data);
    if (type == tdx::BodyType::kTd15) out.raw(report.tee_tcb_svn2).raw(report.mr_service_td);
    return std::move(out).take();
}

Bytes write_qe_report(const tdx::QeReport& qe) {
    wire::Writer out;
    out.raw(qe.cpu_svn).number_le(qe.misc_select).raw(qe.reserved1).raw(qe.isv_ext_prod_id).raw(qe.attributes);
    out.raw(qe.mr_enclave).raw(qe.reserved2).raw(qe.mr_signer).raw(qe.reserved3).raw(qe.config_id);
    out.number_le(qe.isv_prod_id).number_le(qe.isv_svn).number_le(qe.config_svn);
    out.raw(qe.reserved4).raw(qe.isv_family_id).raw(qe.report_data);
    return std::move(out).take();
}

// A version 5 quote names its body.
Bytes write_signed_part(const Draft& draft) {
    const Bytes body = write_report(draft.report, draft.body_type);
    wire::Writer out;
    out.raw(write_header(draft.header));
    if (draft.header.version == 5)
        out.number_le(static_cast<std::uint16_t>(draft.body_type)).number_le(static_cast<std::uint32_t>(body.size()));
    out.raw(body);
    return std::move(out).take();
}

void typed(wire::Writer& out, std::uint16_t type, ByteView data) {
    out.number_le(type).number_le(static_cast<std::uint32_t>(data.size())).raw(data);
}

}  // namespace

PlatformSpec PlatformSpec::good(Random& random, TimePoint now) {
    PlatformSpec out;
    out.platform.ppid = random.array<ByteArray<16>>();
    out.platform.component_svn = {2, 2, 2, 2, 4, 1, 0, 3};
    out.platform.pce_svn = 13;
    out.platform.cpu_svn = ByteArray<16>::from_view(out.platform.component_svn);
    out.platform.fmspc = {{0x00, 0x51, 0x4d, 0x55, 0x4c, 0x00}};  // no such family exists
    out.platform.sgx_type = 1;
    out.platform.platform_instance_id = random.array<ByteArray<16>>();
    out.platform.configuration = tdx::PckPlatform::Configuration{true, true, true};
    out.not_before = now - kSlack;
    out.not_after = now + kLifetime;
    return out;
}

Result<Platform> Platform::create(Random& random, TimePoint now) {
    OPENPCC_TRY(const auto root, RootAuthority::create(now));
    return from_root(root, random, now);
}

Result<Platform> Platform::from_root(const RootAuthority& root, Random& random, TimePoint now) {
    return from_root(root, PlatformSpec::good(random, now), random);
}

Result<Platform> Platform::from_root(const RootAuthority& root, const PlatformSpec& spec, Random& random) {
    // The root's key is the CA's as well: see RootAuthority::platform_ca.
    const crypto::SigningKey& ca_key = root.key();
    auto ca_spec = certificate_spec(spec.ca_name, spec, random);
    ca_spec.is_ca = true;
    ca_spec.path_length = 0;
    OPENPCC_TRY(const auto ca,
                x509::make_certificate(ca_spec, ca_key.verifying_key(), &root.certificate(), root.key()));

    auto pck_key = crypto::SigningKey::generate_p256();
    auto pck_spec = certificate_spec(spec.pck_name, spec, random);
    pck_spec.is_ca = spec.pck_is_ca;
    Bytes extension = spec.pck_extension ? *spec.pck_extension : write_pck_extension(spec.platform);
    if (!extension.empty())
        pck_spec.extensions.push_back({std::string(tdx::kPckExtensionOid), std::move(extension), false});
    OPENPCC_TRY(const auto pck, x509::make_certificate(pck_spec, pck_key.verifying_key(), &ca, ca_key));

    Platform out(root.certificate(), std::move(pck_key), crypto::SigningKey::generate_p256());
    out.pck_chain_ = tdx::to_pem(pck) + tdx::to_pem(ca) + tdx::to_pem(root.certificate());
    out.enclave_ = random.array<ByteArray<32>>();
    out.auth_data_ = Bytes(random.array<ByteArray<32>>());
    return out;
}

ByteArray<32> Platform::qe_signer() {
    return ByteArray<32>::from_view(crypto::sha256(as_bytes("openpcc simulated QE signer")));
}

tdx::TdReport Platform::report(ByteView report_data) {
    tdx::TdReport out;
    out.tee_tcb_svn.bytes[0] = 0x0b;
    out.tee_tcb_svn.bytes[1] = 0x01;
    out.tee_tcb_svn.bytes[2] = 0x04;
    out.tee_tcb_svn2 = out.tee_tcb_svn;
    out.mr_seam = tdx::Measurement::from_view(crypto::sha384(as_bytes("openpcc simulated TDX module")));
    out.td_attributes = 1ULL << 28;  // SEPT_VE_DISABLE
    out.xfam = 0x642e7;
    out.report_data = tdx::ReportData::from_view(report_data);
    return out;
}

Draft Platform::draft(const tdx::TdReport& report) const {
    Draft out;
    out.report = report;
    out.qe_report.attributes.bytes = {0x15, 0, 0, 0, 0, 0, 0, 0, 0xe7};
    out.qe_report.mr_enclave = enclave_;
    out.qe_report.mr_signer = qe_signer();
    out.qe_report.isv_prod_id = 2;
    out.qe_report.isv_svn = 7;
    out.qe_auth_data = auth_data_;
    out.pck_chain = pck_chain_;
    return out;
}

Result<Bytes> Platform::sign(const Draft& draft) const {
    constexpr auto kScheme = crypto::Scheme::kEcdsaP256Sha256;
    OPENPCC_TRY(const Bytes attestation_key, attestation_.verifying_key().raw());
    tdx::QeReport qe_report = draft.qe_report;
    qe_report.report_data = ByteArray<64>::from_view(crypto::sha256({attestation_key, draft.qe_auth_data}));
    if (draft.qe_report_data) qe_report.report_data = *draft.qe_report_data;
    const Bytes qe_bytes = write_qe_report(qe_report);
    OPENPCC_TRY(const Bytes qe_signature, pck_.sign(kScheme, qe_bytes));
    const Bytes signed_part = write_signed_part(draft);
    OPENPCC_TRY(const Bytes signature, attestation_.sign(kScheme, signed_part));

    wire::Writer certification;
    certification.raw(qe_bytes).raw(qe_signature);
    certification.number_le(static_cast<std::uint16_t>(draft.qe_auth_data.size())).raw(draft.qe_auth_data);
    typed(certification, draft.inner_type, as_bytes(draft.pck_chain));
    wire::Writer signature_data;
    signature_data.raw(signature).raw(attestation_key);
    typed(signature_data, draft.outer_type, certification.view());
    wire::Writer out;
    out.raw(signed_part).number_le(static_cast<std::uint32_t>(signature_data.size())).raw(signature_data.view());
    out.raw(draft.trailing);
    return std::move(out).take();
}

}  // namespace openpcc::simulated

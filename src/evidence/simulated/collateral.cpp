// SPDX-License-Identifier: Apache-2.0
#include "evidence/simulated/collateral.hpp"

#include "core/text.hpp"
#include "crypto/hash.hpp"
#include "evidence/simulated/platform.hpp"

namespace openpcc::simulated {

namespace {

using json::Value;

constexpr Seconds kSlack = std::chrono::hours(1);
constexpr Seconds kLifetime = std::chrono::days(30);

Value number(std::uint64_t value) { return Value::integer(static_cast<std::int64_t>(value)); }
Value hex(ByteView bytes) { return Value::string(to_hex(bytes)); }
Value moment(TimePoint value) { return Value::string(to_rfc3339(value)); }

void write_grade(const tdx::Grade& grade, Value& out) {
    out.set("tcbDate", moment(grade.date));
    out.set("tcbStatus", Value::string(tdx::to_string(grade.status)));
    if (grade.advisories.empty()) return;
    Value& list = out.set("advisoryIDs", Value::array());
    for (const std::string& advisory : grade.advisories) list.push(Value::string(advisory));
}

Value write_svn_levels(const std::vector<tdx::SvnLevel>& levels) {
    Value out = Value::array();
    for (const tdx::SvnLevel& level : levels) {
        Value& each = out.push(Value::object());
        each.set("tcb", Value::object()).set("isvsvn", number(level.isv_svn));
        write_grade(level.grade, each);
    }
    return out;
}

Value write_components(const std::array<std::uint8_t, 16>& svns) {
    Value out = Value::array();
    for (const std::uint8_t svn : svns) out.push(Value::object()).set("svn", number(svn));
    return out;
}

void write_signer(const tdx::ModuleSigner& signer, Value& out) {
    out.set("mrsigner", hex(signer.mr_signer));
    out.set("attributes", hex(signer.attributes));
    out.set("attributesMask", hex(signer.attributes_mask));
}

Value write_modules(const std::vector<tdx::TcbInfo::Module>& modules) {
    Value out = Value::array();
    for (const auto& module : modules) {
        Value& each = out.push(Value::object());
        each.set("id", Value::string("TDX_" + to_hex(Bytes{module.major})));
        write_signer(module.signer, each);
        each.set("tcbLevels", write_svn_levels(module.levels));
    }
    return out;
}

Value write_levels(const std::vector<tdx::TcbInfo::Level>& levels) {
    Value out = Value::array();
    for (const auto& level : levels) {
        Value& each = out.push(Value::object());
        Value& tcb = each.set("tcb", Value::object());
        tcb.set("sgxtcbcomponents", write_components(level.sgx));
        tcb.set("pcesvn", number(level.pce_svn));
        tcb.set("tdxtcbcomponents", write_components(level.tdx));
        write_grade(level.grade, each);
    }
    return out;
}

Value write_tcb_info(const tdx::TcbInfo& info) {
    Value out = Value::object();
    out.set("id", Value::string("TDX"));
    out.set("version", number(3));
    out.set("issueDate", moment(info.issued));
    out.set("nextUpdate", moment(info.until));
    out.set("fmspc", hex(info.fmspc));
    out.set("pceId", hex(info.pce_id));
    out.set("tcbType", number(0));
    out.set("tcbEvaluationDataNumber", number(info.evaluation));
    write_signer(info.module, out.set("tdxModule", Value::object()));
    out.set("tdxModuleIdentities", write_modules(info.modules));
    out.set("tcbLevels", write_levels(info.levels));
    return out;
}

Value write_qe_identity(const tdx::QeIdentity& identity) {
    Value out = Value::object();
    out.set("id", Value::string("TD_QE"));
    out.set("version", number(2));
    out.set("issueDate", moment(identity.issued));
    out.set("nextUpdate", moment(identity.until));
    out.set("tcbEvaluationDataNumber", number(identity.evaluation));
    out.set("miscselect", hex(identity.misc_select));
    out.set("miscselectMask", hex(identity.misc_select_mask));
    out.set("attributes", hex(identity.attributes));
    out.set("attributesMask", hex(identity.attributes_mask));
    out.set("mrsigner", hex(identity.mr_signer));
    out.set("isvprodid", number(identity.isv_prod_id));
    out.set("tcbLevels", write_svn_levels(identity.levels));
    return out;
}

class Publisher {
  public:
    Publisher(const RootAuthority& root, const CollateralDraft& draft) : root_(root), draft_(draft) {}

    Result<tdx::SignedJson> sign(std::string_view name, Value value, const std::function<void(Value&)>& change) const {
        if (change) change(value);
        const std::string text = value.to_text();
        OPENPCC_TRY(const Bytes signature, key_.sign(crypto::Scheme::kEcdsaP256Sha256, as_bytes(text)));
        OPENPCC_TRY(const std::string chain, signing_chain());
        const std::string answer =
            "{\"" + std::string(name) + "\":" + text + ",\"signature\":\"" + to_hex(signature) + "\"}";
        return tdx::SignedJson{to_bytes(answer), to_bytes(chain)};
    }

    Result<Bytes> list(const x509::Certificate& issuer, const CollateralDraft::List& list) const {
        OPENPCC_TRY(const x509::Crl crl,
                    x509::make_crl(issuer, root_.key(), list.this_update, list.next_update, list.revoked));
        return crl.der();
    }

  private:
    Result<std::string> signing_chain() const {
        x509::CertificateSpec spec;
        spec.common_name = draft_.signer.name;
        spec.organization = "OpenPCC simulated hardware";
        spec.not_before = draft_.signer.not_before;
        spec.not_after = draft_.signer.not_after;
        spec.serial = draft_.signer.serial;
        spec.is_ca = draft_.signer.is_ca;
        OPENPCC_TRY(const auto certificate,
                    x509::make_certificate(spec, key_.verifying_key(), &root_.certificate(), root_.key()));
        return tdx::to_pem(certificate) + root_.certificate_pem();
    }

    const RootAuthority& root_;
    const CollateralDraft& draft_;
    crypto::SigningKey key_ = crypto::SigningKey::generate_p256();
};

tdx::Grade grade(tdx::TcbStatus status, TimePoint date, std::vector<std::string> advisories = {}) {
    return {status, std::chrono::floor<std::chrono::days>(date), std::move(advisories)};
}

tdx::TcbInfo good_tcb_info(const tdx::PckPlatform& platform, TimePoint now) {
    constexpr auto kYear = std::chrono::days(365);
    tdx::TcbInfo out;
    out.issued = now - kSlack;
    out.until = now + kLifetime;
    out.fmspc = platform.fmspc;
    out.pce_id = platform.pce_id;
    out.evaluation = 20;
    out.module.attributes_mask.bytes.fill(0xff);
    tdx::TcbInfo::Level current{
        platform.component_svn, platform.pce_svn, {}, grade(tdx::TcbStatus::kUpToDate, now - kYear)};
    current.tdx[2] = 4;
    tdx::TcbInfo::Level old = current;
    old.sgx[0] -= 1;
    old.tdx[2] = 3;
    old.grade = grade(tdx::TcbStatus::kOutOfDate, now - 2 * kYear, {"INTEL-SA-00001"});
    out.levels = {current, old};
    for (const std::uint8_t major : {std::uint8_t{3}, std::uint8_t{1}}) {
        tdx::TcbInfo::Module module{major, out.module, {}};
        module.levels = {{0x0b, grade(tdx::TcbStatus::kUpToDate, now - kYear)},
                         {0x02, grade(tdx::TcbStatus::kOutOfDate, now - 2 * kYear, {"INTEL-SA-00002"})}};
        out.modules.push_back(module);
    }
    return out;
}

tdx::QeIdentity good_qe_identity(TimePoint now) {
    constexpr auto kYear = std::chrono::days(365);
    tdx::QeIdentity out;
    out.issued = now - kSlack;
    out.until = now + kLifetime;
    out.evaluation = 19;
    out.misc_select_mask.bytes.fill(0xff);
    out.attributes.bytes[0] = 0x11;
    out.attributes_mask.bytes = {0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    out.mr_signer = Platform::qe_signer();
    out.isv_prod_id = 2;
    out.levels = {{4, grade(tdx::TcbStatus::kUpToDate, now - kYear)},
                  {2, grade(tdx::TcbStatus::kOutOfDate, now - 2 * kYear, {"INTEL-SA-00003"})}};
    return out;
}

}  // namespace

CollateralDraft CollateralDraft::good(const tdx::PckPlatform& platform, TimePoint now) {
    CollateralDraft out;
    out.tcb_info = good_tcb_info(platform, now);
    out.qe_identity = good_qe_identity(now);
    out.signer.not_before = now - kSlack;
    out.signer.not_after = now + kLifetime;
    out.root_crl = {now - kSlack, now + kLifetime, {}};
    out.pck_crl = out.root_crl;
    return out;
}

Result<tdx::Collateral> publish(const RootAuthority& root, const CollateralDraft& draft) {
    const Publisher publisher(root, draft);
    tdx::Collateral out;
    OPENPCC_TRY(auto tcb_info, publisher.sign("tcbInfo", write_tcb_info(draft.tcb_info), draft.change_tcb_info));
    out.tcb_infos.push_back(std::move(tcb_info));
    OPENPCC_TRY(auto identity,
                publisher.sign("enclaveIdentity", write_qe_identity(draft.qe_identity), draft.change_qe_identity));
    out.qe_identities.push_back(std::move(identity));
    OPENPCC_TRY(auto root_crl, publisher.list(root.certificate(), draft.root_crl));
    out.crls.push_back(std::move(root_crl));
    OPENPCC_TRY(const auto ca, root.platform_ca());
    OPENPCC_TRY(auto pck_crl, publisher.list(ca, draft.pck_crl));
    out.crls.push_back(std::move(pck_crl));
    return out;
}

Result<tdx::Collateral> published_by(const RootAuthority& root, Random& random, TimePoint now) {
    return publish(root, CollateralDraft::good(PlatformSpec::good(random, now).platform, now));
}

}  // namespace openpcc::simulated

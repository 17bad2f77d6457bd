// SPDX-License-Identifier: Apache-2.0
#include "verifier/authorities.hpp"

namespace openpcc::hostile {

namespace {

void certify(Edits& edits, simulated::PlatformSpec& machine) {
    tdx::PckPlatform& platform = machine.platform;
    edits.field("machine.ppid", platform.ppid);
    edits.field("machine.component_svn", platform.component_svn);
    edits.field("machine.pce_svn", platform.pce_svn);
    edits.field("machine.cpu_svn", platform.cpu_svn);
    edits.field("machine.pce_id", platform.pce_id);
    edits.field("machine.fmspc", platform.fmspc);
    edits.field("machine.sgx_type", platform.sgx_type);
    edits.optional("machine.instance_id", platform.platform_instance_id);
    edits.optional("machine.smt", platform.configuration->smt_enabled);
    edits.name("machine.pck_name", machine.pck_name);
    edits.name("machine.ca_name", machine.ca_name);
    edits.optional("machine.extension", machine.pck_extension);
    edits.field("machine.is_ca", machine.pck_is_ca);
    edits.field("machine.not_before", machine.not_before);
    edits.field("machine.not_after", machine.not_after);
}

void measure(Edits& edits, tdx::TdReport& report) {
    edits.field("report.tee_tcb_svn", report.tee_tcb_svn);
    edits.field("report.mr_seam", report.mr_seam);
    edits.field("report.mr_signer_seam", report.mr_signer_seam);
    edits.field("report.seam_attributes", report.seam_attributes);
    edits.field("report.td_attributes", report.td_attributes);
    edits.field("report.xfam", report.xfam);
    edits.field("report.mrtd", report.mrtd);
    edits.field("report.mr_config_id", report.mr_config_id);
    edits.field("report.mr_owner", report.mr_owner);
    edits.field("report.mr_owner_config", report.mr_owner_config);
    for (std::size_t i = 0; i < 4; ++i) edits.field("report.rtmr" + std::to_string(i), report.rtmr[i]);
    edits.field("report.report_data", report.report_data);
    edits.field("report.tee_tcb_svn2", report.tee_tcb_svn2);
    edits.field("report.mr_service_td", report.mr_service_td);
}

void enclave(Edits& edits, simulated::Draft& quote) {
    tdx::QeReport& qe = quote.qe_report;
    edits.field("qe.cpu_svn", qe.cpu_svn);
    edits.field("qe.misc_select", qe.misc_select);
    edits.field("qe.reserved1", qe.reserved1);
    edits.field("qe.isv_ext_prod_id", qe.isv_ext_prod_id);
    edits.field("qe.attributes", qe.attributes);
    edits.field("qe.mr_enclave", qe.mr_enclave);
    edits.field("qe.reserved2", qe.reserved2);
    edits.field("qe.mr_signer", qe.mr_signer);
    edits.field("qe.reserved3", qe.reserved3);
    edits.field("qe.config_id", qe.config_id);
    edits.field("qe.isv_prod_id", qe.isv_prod_id);
    edits.field("qe.isv_svn", qe.isv_svn);
    edits.field("qe.config_svn", qe.config_svn);
    edits.field("qe.reserved4", qe.reserved4);
    edits.field("qe.isv_family_id", qe.isv_family_id);
    edits.optional("qe.report_data", quote.qe_report_data);
    edits.field("qe.auth_data", quote.qe_auth_data);
}

// The certificates one by one, so that they can change places.
void chain(const Authorities& from, Edits& edits, std::string& pem) {
    std::vector<std::string> certificates;
    for (std::size_t at = 0, next = 0; at < pem.size(); at = next) {
        next = std::min(pem.find("-----BEGIN", at + 1), pem.size());
        certificates.push_back(pem.substr(at, next - at));
    }
    edits.list("chain", certificates, [&](ByteView value) {
        return value.empty() ? tdx::to_pem(from.amd_of(Base::kGenoa).ark()) : to_string(value);
    });
    for (std::size_t i = 0; i < certificates.size(); ++i) edits.field("chain." + std::to_string(i), certificates[i]);
    pem.clear();
    for (const std::string& certificate : certificates) pem += certificate;
}

void write_quote(Edits& edits, simulated::Draft& quote) {
    edits.field("quote.version", quote.header.version);
    edits.field("quote.key_type", quote.header.key_type);
    edits.field("quote.tee_type", quote.header.tee_type);
    edits.field("quote.reserved", quote.header.reserved);
    edits.field("quote.qe_vendor_id", quote.header.qe_vendor_id);
    edits.field("quote.user_data", quote.header.user_data);
    edits.field("quote.body_type", quote.body_type);
    edits.field("quote.outer_type", quote.outer_type);
    edits.field("quote.inner_type", quote.inner_type);
    edits.field("quote.trailing", quote.trailing);
}

void grade(Edits& edits, const std::string& name, tdx::Grade& value) {
    edits.field(name + ".status", value.status);
    edits.field(name + ".date", value.date);
    edits.list(name + ".advisories", value.advisories, [](ByteView bytes) { return to_string(bytes); });
}

void svn_levels(Edits& edits, const std::string& name, std::vector<tdx::SvnLevel>& levels) {
    edits.list(name, levels, [](ByteView) { return tdx::SvnLevel{}; });
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const std::string each = name + "." + std::to_string(i);
        edits.field(each + ".isv_svn", levels[i].isv_svn);
        grade(edits, each, levels[i].grade);
    }
}

void publish_tcb_info(Edits& edits, tdx::TcbInfo& info) {
    edits.field("published.tcb.issued", info.issued);
    edits.field("published.tcb.until", info.until);
    edits.field("published.tcb.fmspc", info.fmspc);
    edits.field("published.tcb.pce_id", info.pce_id);
    edits.field("published.tcb.evaluation", info.evaluation);
    edits.field("published.tcb.module", info.module);
    edits.list("published.modules", info.modules, [](ByteView) { return tdx::TcbInfo::Module{}; });
    for (std::size_t i = 0; i < info.modules.size(); ++i) {
        const std::string each = "published.modules." + std::to_string(i);
        edits.field(each + ".major", info.modules[i].major);
        edits.field(each + ".signer", info.modules[i].signer);
        svn_levels(edits, each + ".levels", info.modules[i].levels);
    }
    edits.list("published.levels", info.levels, [](ByteView) { return tdx::TcbInfo::Level{}; });
    for (std::size_t i = 0; i < info.levels.size(); ++i) {
        const std::string each = "published.levels." + std::to_string(i);
        edits.field(each + ".sgx", info.levels[i].sgx);
        edits.field(each + ".pce_svn", info.levels[i].pce_svn);
        edits.field(each + ".tdx", info.levels[i].tdx);
        grade(edits, each, info.levels[i].grade);
    }
}

void publish_qe_identity(Edits& edits, tdx::QeIdentity& identity) {
    edits.field("published.qe.issued", identity.issued);
    edits.field("published.qe.until", identity.until);
    edits.field("published.qe.evaluation", identity.evaluation);
    edits.field("published.qe.misc_select", identity.misc_select);
    edits.field("published.qe.misc_select_mask", identity.misc_select_mask);
    edits.field("published.qe.attributes", identity.attributes);
    edits.field("published.qe.attributes_mask", identity.attributes_mask);
    edits.field("published.qe.mr_signer", identity.mr_signer);
    edits.field("published.qe.isv_prod_id", identity.isv_prod_id);
    svn_levels(edits, "published.qe.levels", identity.levels);
}

void publish_list(Edits& edits, const std::string& name, simulated::CollateralDraft::List& list) {
    edits.field(name + ".this_update", list.this_update);
    edits.field(name + ".next_update", list.next_update);
    edits.list(name + ".revoked", list.revoked, [](ByteView value) { return Bytes(value); });
}

bool publish(const Authorities& from, Edits& edits, Node& node) {
    simulated::CollateralDraft& draft = node.tdx.published;
    publish_tcb_info(edits, draft.tcb_info);
    publish_qe_identity(edits, draft.qe_identity);
    edits.name("published.signer.name", draft.signer.name);
    edits.field("published.signer.serial", draft.signer.serial);
    edits.field("published.signer.is_ca", draft.signer.is_ca);
    edits.field("published.signer.not_before", draft.signer.not_before);
    edits.field("published.signer.not_after", draft.signer.not_after);
    publish_list(edits, "published.root_crl", draft.root_crl);
    publish_list(edits, "published.pck_crl", draft.pck_crl);
    if (!edits.touches("published.")) return true;
    auto published = simulated::publish(from.intel, draft);
    if (!published) return false;
    node.collection.tdx = *std::move(published);
    node.published_anew = true;
    return true;
}

}  // namespace

bool make_tdx(const Authorities& from, Edits& edits, const statement::ReportData& bound, Node& node) {
    node.tdx = from.tdx;
    certify(edits, node.tdx.machine);
    std::optional<simulated::Platform> other;
    if (edits.touches("machine.")) {
        auto made = simulated::Platform::from_root(from.intel, node.tdx.machine, from.random);
        if (!made) return false;
        other = *std::move(made);
    }
    const simulated::Platform& platform = other ? *other : from.platform;
    auto report = simulated::Platform::report(bound);
    const policy::TdxMeasurement& good = node.client.policy.tdx_measurements[0];
    report.mrtd = tdx::Measurement::from_view(good.mrtd);
    for (std::size_t i = 0; i < 4; ++i) report.rtmr[i] = tdx::Measurement::from_view(good.rtmr[i]);
    measure(edits, report);
    simulated::Draft& quote = node.tdx.quote = platform.draft(report);
    enclave(edits, quote);
    chain(from, edits, quote.pck_chain);
    write_quote(edits, quote);
    auto evidence = platform.sign(quote);
    if (!evidence) return false;
    node.evidence = *std::move(evidence);
    return publish(from, edits, node);
}

}  // namespace openpcc::hostile

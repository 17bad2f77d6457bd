// SPDX-License-Identifier: Apache-2.0
#include "verifier/authorities.hpp"

namespace openpcc::hostile {

namespace {

void name_leaf(Edits& edits, simulated::SnpLeafSpec& leaf) {
    edits.name("leaf.name", leaf.name);
    edits.field("leaf.not_before", leaf.not_before);
    edits.field("leaf.not_after", leaf.not_after);
    edits.field("leaf.serial", leaf.serial);
    edits.field("leaf.is_ca", leaf.is_ca);
    bool weaker = false;
    edits.field("leaf.weaker_scheme", weaker);
    if (weaker) leaf.scheme = crypto::Scheme::kRsaPssSha256;
    edits.list("leaf.extensions", leaf.extensions, [](ByteView value) {
        return simulated::snp_number("3." + std::to_string(value.empty() ? 1 : value[0] % 12U), 0);
    });
    for (auto& extension : leaf.extensions)
        edits.field("leaf.extension." + extension.dotted_oid.substr(snp::kArcs.size()), extension.content);
}

// The ASK or ASVK anew, by the ARK that is pinned and with the same key.
bool other_issuer(const Authorities& from, Edits& edits, Node& node) {
    const simulated::SnpAuthority& amd = from.amd_of(node.base);
    const bool vcek = kind_of(node.base) == snp::KeyKind::kVcek;
    const auto good = simulated::SnpAuthoritySpec::good(product_of(node.base), from.now);
    const auto& ca = vcek ? good.ask : good.asvk;
    x509::CertificateSpec& spec = node.snp.issuer;
    spec = {ca.name, ca.not_before, ca.not_after, ca.serial, true, 0, {}, "OpenPCC simulated hardware", ca.scheme};
    edits.name("issuer.name", spec.common_name);
    edits.field("issuer.not_before", spec.not_before);
    edits.field("issuer.not_after", spec.not_after);
    edits.field("issuer.serial", spec.serial);
    edits.field("issuer.is_ca", spec.is_ca);
    bool own = false;
    edits.field("issuer.signs_itself", own);
    if (!edits.touches("issuer.")) return true;
    if (!spec.is_ca) spec.path_length.reset();
    const crypto::SigningKey& subject = vcek ? from.keys->ask : from.keys->asvk;
    const auto made = x509::make_certificate(spec, subject.verifying_key(), own ? nullptr : &amd.ark(),
                                             own ? subject : from.keys->ark);
    if (made) node.certificates[1] = made->der();
    return made.has_value();
}

void report_versions(Edits& edits, snp::Report& report) {
    edits.field("report.version", report.version);
    edits.field("report.guest_svn", report.guest_svn);
    edits.field("report.current_tcb", report.current_tcb);
    edits.field("report.reported_tcb", report.reported_tcb);
    edits.field("report.committed_tcb", report.committed_tcb);
    edits.field("report.launch_tcb", report.launch_tcb);
    edits.field("report.current", report.current);
    edits.field("report.committed", report.committed);
    edits.field("report.cpuid", report.cpuid);
}

void report_rest(Edits& edits, snp::Report& report) {
    edits.field("report.policy", report.policy);
    edits.field("report.family_id", report.family_id);
    edits.field("report.image_id", report.image_id);
    edits.field("report.vmpl", report.vmpl);
    edits.field("report.signature_algo", report.signature_algo);
    edits.field("report.platform_info", report.platform_info);
    edits.field("report.key_info", report.key_info);
    edits.field("report.reserved_4c", report.reserved_4c);
    edits.field("report.report_data", report.report_data);
    edits.field("report.measurement", report.measurement);
    edits.field("report.host_data", report.host_data);
    edits.field("report.id_key_digest", report.id_key_digest);
    edits.field("report.author_key_digest", report.author_key_digest);
    edits.field("report.report_id", report.report_id);
    edits.field("report.report_id_ma", report.report_id_ma);
    edits.field("report.reserved_18b", report.reserved_18b);
    edits.field("report.chip_id", report.chip_id);
    edits.field("report.reserved_1eb", report.reserved_1eb);
    edits.field("report.reserved_1ef", report.reserved_1ef);
    edits.field("report.launch_mitigations", report.launch_mitigations);
    edits.field("report.current_mitigations", report.current_mitigations);
    edits.field("report.reserved_208", report.reserved_208);
}

bool revoke(const Authorities& from, Edits& edits, Node& node) {
    TimePoint this_update = from.now - std::chrono::hours(1);
    TimePoint next_update = from.now + std::chrono::days(20);
    edits.field("revoked.this_update", this_update);
    edits.field("revoked.next_update", next_update);
    edits.list("revoked.serials", node.snp.revoked, [](ByteView value) { return Bytes(value); });
    node.snp.list_from = this_update;
    node.snp.list_until = next_update;
    bool besides = false;  // a second list, and not one in place of the good one
    edits.field("revoked.besides", besides);
    node.listed_besides = besides;
    node.listed_anew = edits.touches("revoked.");
    if (!node.listed_anew) return true;
    auto list = from.amd_of(node.base).crl(this_update, next_update, node.snp.revoked);
    if (!list) return false;
    if (!besides) node.collection.snp.crls.clear();
    node.collection.snp.crls.push_back(*std::move(list));
    return true;
}

}  // namespace

bool make_snp(const Authorities& from, Edits& edits, const statement::ReportData& bound, Node& node) {
    const SnpMachine& machine = from.machines.at(node.base);
    node.snp.leaf = machine.leaf;
    name_leaf(edits, node.snp.leaf);
    std::optional<simulated::SnpPlatform> other;
    if (edits.touches("leaf.")) {
        auto made = simulated::SnpPlatform::create(from.amd_of(node.base), node.snp.leaf, from.random);
        if (!made) return false;
        other = *std::move(made);
    }
    const simulated::SnpPlatform& platform = other ? *other : machine.platform;
    node.certificates = platform.certificates();
    if (!other_issuer(from, edits, node)) return false;
    // What the leaf names, the firmware reports: a chip that differs is an edit of the report.
    node.snp.report = platform.report(bound);
    report_versions(edits, node.snp.report);
    report_rest(edits, node.snp.report);
    Bytes signed_part = simulated::SnpPlatform::write(node.snp.report);
    edits.field("report.bytes", signed_part);
    signed_part.resize(snp::kSignedSize);
    auto evidence = platform.sign_bytes(signed_part);
    if (!evidence) return false;
    node.evidence = *std::move(evidence);
    return revoke(from, edits, node);
}

}  // namespace openpcc::hostile

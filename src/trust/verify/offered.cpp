// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/offered.hpp"

#include <algorithm>

#include "evidence/tdx/intel_issuers.hpp"
#include "trust/verify/attested.hpp"

namespace openpcc::verify {

namespace {

enum class Word { kVouched, kForged, kUnknown };

// The roots are all known. PCK CAs are no part of a collection: Intel's of today are known beforehand, and another of
// the same name may come with evidence.
Word word_of(const Bytes& der, const tdx::Anchors& anchors) {
    const auto crl = x509::Crl::parse_der(der);
    if (!crl) return Word::kForged;
    const std::string issuer = crl->issuer_common_name();
    bool of_a_root = false;
    for (const x509::Certificate& root : anchors.all()) {
        if (root.subject_common_name() != issuer) continue;
        if (crl->verify(root)) return Word::kVouched;
        of_a_root = true;
    }
    if (of_a_root) return Word::kForged;
    if (anchors.kind_of(tdx::intel_root()) != tdx::RootKind::kGenuine) return Word::kUnknown;
    for (const tdx::IntelIssuer& ca : tdx::intel_pck_cas())
        if (ca.certificate.subject_common_name() == issuer && crl->verify(ca.certificate)) return Word::kVouched;
    return Word::kUnknown;
}

}  // namespace

Offered sort_offered(const collateral::Collection& offered, const Roots& roots) {
    Offered out;
    out.vouched.fetched = offered.fetched;
    const tdx::Anchors tdx_roots = tdx_anchors(roots);
    const auto keep = [&](bool vouched, const auto& item, auto& place) {
        if (vouched)
            place.push_back(item);
        else
            ++out.dropped;
    };
    for (const tdx::SignedJson& one : offered.tdx.tcb_infos) {
        const tdx::SignedCollateral alone({.tcb_infos = {one}}, tdx_roots);
        keep(!alone.tcb_infos().items.empty(), one, out.vouched.tdx.tcb_infos);
    }
    for (const tdx::SignedJson& one : offered.tdx.qe_identities) {
        const tdx::SignedCollateral alone({.qe_identities = {one}}, tdx_roots);
        keep(!alone.qe_identities().items.empty(), one, out.vouched.tdx.qe_identities);
    }
    for (const Bytes& one : offered.tdx.crls) {
        const Word word = word_of(one, tdx_roots);
        if (word == Word::kUnknown && out.strangers.size() < kMaxStrangers)
            out.strangers.push_back(one);
        else
            keep(word == Word::kVouched, one, out.vouched.tdx.crls);
    }
    const snp::Anchors snp_roots = snp_anchors(roots);
    for (const Bytes& one : offered.snp.crls) {
        const snp::SignedCollateral alone({.crls = {one}}, snp_roots);
        keep(!alone.lists().empty(), one, out.vouched.snp.crls);
    }
    return out;
}

}  // namespace openpcc::verify

// SPDX-License-Identifier: Apache-2.0
#include "evidence/snp/issuers.hpp"

#include <algorithm>

namespace openpcc::snp {

namespace {

// A moment at which both are in date, if there is one.
TimePoint both_valid(const x509::Certificate& a, const x509::Certificate& b) {
    return std::max(a.not_before(), b.not_before());
}

std::optional<KeyKind> kind_of(const x509::Certificate& issuer, Product product) {
    const std::string name = issuer.subject_common_name();
    for (KeyKind kind : {KeyKind::kVcek, KeyKind::kVlek})
        if (name == issuer_name(product, kind)) return kind;
    return std::nullopt;
}

bool same(const Issuer& issuer, ByteView der) { return equal(issuer.certificate.der(), der); }

}  // namespace

Result<Issuer> verify_issuer(ByteView der, const std::vector<x509::Certificate>& roots) {
    OPENPCC_TRY(auto certificate, x509::Certificate::parse_der(der));
    if (!signed_as_by_amd(der))
        return fail(kBadCertificate, "not signed with RSASSA-PSS, SHA-384 and 48 bytes of salt");
    Error reason(kBadCertificate, "no ARK of its issuer's name");
    for (const x509::Certificate& ark : roots) {
        const auto product = product_of_ark(ark);
        if (!product || certificate.issuer_common_name() != ark.subject_common_name()) continue;
        const auto kind = kind_of(certificate, *product);
        if (!kind) return fail(kBadCertificate, "named neither as the ASK nor as the ASVK of its product");
        const auto signed_by = x509::verify_chain({certificate}, {ark}, both_valid(certificate, ark));
        if (signed_by) return Issuer{std::move(certificate), ark, *product, *kind};
        reason = signed_by.error();
    }
    return std::unexpected(std::move(reason));
}

Result<Issuer> Issuers::verify(ByteView der, const std::vector<x509::Certificate>& roots) {
    // What was verified under another set of roots says nothing about these.
    if (const auto known = find(der); known != nullptr && contains(roots, known->ark)) return *known;
    OPENPCC_TRY(Issuer issuer, verify_issuer(der, roots));
    const std::lock_guard lock(mutex_);
    const bool here = std::ranges::any_of(known_, [&](const auto& known) { return same(*known, der); });
    if (!here && known_.size() < kMost) known_.push_back(std::make_shared<const Issuer>(issuer));
    return issuer;
}

std::size_t Issuers::size() const {
    const std::lock_guard lock(mutex_);
    return known_.size();
}

std::shared_ptr<const Issuer> Issuers::find(ByteView der) const {
    const std::lock_guard lock(mutex_);
    for (const auto& issuer : known_)
        if (same(*issuer, der)) return issuer;
    return nullptr;
}

}  // namespace openpcc::snp

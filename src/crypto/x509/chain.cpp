// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "crypto/errors.hpp"
#include "crypto/keys.hpp"
#include "crypto/x509/inside.hpp"

// Path validation (RFC 5280 section 6.1) along the one path that the peer presents: no path building, no store.
// Policies and names are not evaluated, so constraints on them, when critical, are extensions that we do not know.
namespace openpcc::x509 {

namespace {

constexpr std::size_t kDeepest = 8;

std::unexpected<Error> untrusted(std::size_t position, std::string_view why) {
    return fail(crypto::kUntrusted, "certificate " + std::to_string(position) + ": " + std::string(why));
}

// Extensions that may be critical, by the last octet of id-ce (2.5.29).
bool knows(ByteView oid) {
    if (oid.size() != 3 || oid[0] != 0x55 || oid[1] != 0x1d) return false;
    switch (oid[2]) {
        case 0x13:  // basicConstraints
        case 0x0f:  // keyUsage
        case 0x25:  // extKeyUsage: any purpose will do
        case 0x11:  // subjectAltName: names are the caller's business
        case 0x20:  // certificatePolicies: any policy will do
            return true;
        default:
            return false;
    }
}

bool has_unknown_critical(const Parts& parts) {
    return std::ranges::any_of(parts.extensions, [](const auto& part) { return part.critical && !knows(part.oid); });
}

// What holds for every certificate of a path, roots included.
Result<void> check_itself(const Certificate& certificate, std::size_t position, TimePoint now) {
    if (now < certificate.not_before()) return untrusted(position, "not yet valid");
    if (now > certificate.not_after()) return untrusted(position, "expired");
    if (has_unknown_critical(certificate.handle().parts)) return untrusted(position, "unknown critical extension");
    return {};
}

// RFC 5280 section 6.1.4 (k) to (n): an issuer is a CA of version 3, may sign certificates, and limits what is below
// it.
Result<void> check_issuer(const Certificate& issuer, std::size_t position, std::size_t intermediates_below) {
    const Parts& parts = issuer.handle().parts;
    if (!parts.version_3 || !parts.has_basic_constraints || !parts.is_ca) return untrusted(position, "not a CA");
    if (!parts.may_sign_certificates()) return untrusted(position, "may not sign certificates");
    if (parts.path_length && intermediates_below > *parts.path_length) return untrusted(position, "path too long");
    return {};
}

// Names decide, and key identifiers where both certificates have them (RFC 5280 section 4.2.1.1).
bool named_as_issuer(const Certificate& issuer, const Certificate& subject) {
    const Parts& above = issuer.handle().parts;
    const Parts& below = subject.handle().parts;
    if (!same_name(above.subject.der, below.issuer.der)) return false;
    return !above.subject_key_id || !below.authority_key_id || equal(*above.subject_key_id, *below.authority_key_id);
}

// Other strong algorithms are OpenSSL's business, which then reads the whole certificate.
bool signed_otherwise(const Certificate& issuer, const Certificate& subject) {
    const Bytes& der = subject.handle().der;
    const std::uint8_t* at = der.data();
    const X509Ptr x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (x509 == nullptr) return false;
    const X509_ALGOR* algorithm = nullptr;
    X509_get0_signature(nullptr, &algorithm, x509.get());
    return strong_algorithm(algorithm) && X509_verify(x509.get(), issuer.handle().key.handle().key.get()) == 1;
}

bool signed_by(const Certificate& issuer, const Certificate& subject) {
    const Parts& parts = subject.handle().parts;
    const crypto::VerifyingKey& key = issuer.handle().key;
    if (const auto scheme = scheme_of(parts.algorithm, key))
        return key.verify(*scheme, parts.to_be_signed, parts.signature).has_value();
    return signed_otherwise(issuer, subject);
}

bool self_issued(const Certificate& certificate) {
    const Parts& parts = certificate.handle().parts;
    return same_name(parts.subject.der, parts.issuer.der);
}

// The root of the whole path: a pinned certificate that is `last` itself or that has signed it.
const Certificate* equal_root(const std::vector<Certificate>& roots, const Certificate& last) {
    for (const Certificate& root : roots)
        if (root.handle().der == last.handle().der) return &root;
    return nullptr;
}

const Certificate* signing_root(const std::vector<Certificate>& roots, const Certificate& last) {
    for (const Certificate& root : roots)
        if (named_as_issuer(root, last) && signed_by(root, last)) return &root;
    return nullptr;
}

}  // namespace

Result<Certificate> verify_chain(const std::vector<Certificate>& chain, const std::vector<Certificate>& roots,
                                 TimePoint now) {
    const crypto::ErrorsLeftClean clean;
    if (chain.empty()) return fail(crypto::kUntrusted, "no certificate");
    if (chain.size() > kDeepest) return fail(crypto::kUntrusted, "too many certificates");
    std::size_t intermediates = 0;  // issuers so far that are not self-issued (RFC 5280 section 6.1.4 (l))
    for (std::size_t i = 0;; ++i) {
        OPENPCC_CHECK(check_itself(chain[i], i, now));
        if (i > 0) OPENPCC_CHECK(check_issuer(chain[i], i, intermediates));
        if (const Certificate* root = equal_root(roots, chain[i])) return *root;
        if (i > 0 && !self_issued(chain[i])) ++intermediates;
        if (i + 1 == chain.size()) break;
        if (!named_as_issuer(chain[i + 1], chain[i])) return untrusted(i, "not issued by the next certificate");
        if (!signed_by(chain[i + 1], chain[i])) return untrusted(i, "not signed by the next certificate");
    }
    const Certificate* root = signing_root(roots, chain.back());
    if (root == nullptr) return untrusted(chain.size() - 1, "not signed by a trusted root");
    OPENPCC_CHECK(check_itself(*root, chain.size(), now));
    OPENPCC_CHECK(check_issuer(*root, chain.size(), intermediates));
    return *root;
}

}  // namespace openpcc::x509

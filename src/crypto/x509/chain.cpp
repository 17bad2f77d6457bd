// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "crypto/errors.hpp"
#include "crypto/x509/inside.hpp"

// Path validation (RFC 5280 section 6.1) along the one path that the peer presents: no path building, no store.
// Policies and names are not evaluated, so constraints on them, when critical, are extensions that we do not know.
namespace openpcc::x509 {

namespace {

constexpr std::size_t kDeepest = 8;

std::unexpected<Error> untrusted(std::size_t position, std::string_view why) {
    return fail(crypto::kUntrusted, "certificate " + std::to_string(position) + ": " + std::string(why));
}

bool knows(const ASN1_OBJECT* oid) {
    switch (OBJ_obj2nid(oid)) {
        case NID_basic_constraints:
        case NID_key_usage:
        case NID_ext_key_usage:         // any purpose will do
        case NID_subject_alt_name:      // names are the caller's business
        case NID_certificate_policies:  // any policy will do
            return true;
        default:
            return false;
    }
}

bool has_unknown_critical(const X509* x509) {
    for (int i = 0; i < X509_get_ext_count(x509); ++i) {
        X509_EXTENSION* extension = X509_get_ext(x509, i);
        if (X509_EXTENSION_get_critical(extension) == 1 && !knows(X509_EXTENSION_get_object(extension))) return true;
    }
    return false;
}

// What holds for every certificate of a path, roots included.
Result<void> check_itself(const Certificate& certificate, std::size_t position, TimePoint now) {
    if (now < certificate.not_before()) return untrusted(position, "not yet valid");
    if (now > certificate.not_after()) return untrusted(position, "expired");
    if (has_unknown_critical(certificate.handle().x509.get())) return untrusted(position, "unknown critical extension");
    return {};
}

// RFC 5280 section 6.1.4 (k) to (n): an issuer is a CA of version 3, may sign certificates, and limits what is below
// it.
Result<void> check_issuer(const Certificate& issuer, std::size_t position, long intermediates_below) {
    X509* x509 = issuer.handle().x509.get();
    const std::uint32_t flags = X509_get_extension_flags(x509);
    if (X509_get_version(x509) != X509_VERSION_3 || (flags & EXFLAG_BCONS) == 0 || (flags & EXFLAG_CA) == 0)
        return untrusted(position, "not a CA");
    if ((X509_get_key_usage(x509) & KU_KEY_CERT_SIGN) == 0) return untrusted(position, "may not sign certificates");
    const long path_length = X509_get_pathlen(x509);
    if (path_length >= 0 && intermediates_below > path_length) return untrusted(position, "path too long");
    return {};
}

// Names decide, and key identifiers where both certificates have them (RFC 5280 section 4.2.1.1).
bool named_as_issuer(const Certificate& issuer, const Certificate& subject) {
    X509* above = issuer.handle().x509.get();
    X509* below = subject.handle().x509.get();
    if (X509_NAME_cmp(X509_get_subject_name(above), X509_get_issuer_name(below)) != 0) return false;
    const ASN1_OCTET_STRING* has = X509_get0_subject_key_id(above);
    const ASN1_OCTET_STRING* wants = X509_get0_authority_key_id(below);
    return has == nullptr || wants == nullptr || ASN1_OCTET_STRING_cmp(has, wants) == 0;
}

bool signed_by(const Certificate& issuer, const Certificate& subject) {
    const X509_ALGOR* algorithm = nullptr;
    X509_get0_signature(nullptr, &algorithm, subject.handle().x509.get());
    return strong_algorithm(algorithm) &&
           X509_verify(subject.handle().x509.get(), X509_get0_pubkey(issuer.handle().x509.get())) == 1;
}

bool self_issued(const Certificate& certificate) {
    const X509* x509 = certificate.handle().x509.get();
    return X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0;
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
    long intermediates = 0;  // issuers so far that are not self-issued (RFC 5280 section 6.1.4 (l))
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

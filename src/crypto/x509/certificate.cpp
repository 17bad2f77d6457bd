// SPDX-License-Identifier: Apache-2.0
#include <openssl/rsa.h>

#include <set>

#include "crypto/errors.hpp"
#include "crypto/x509/inside.hpp"

namespace openpcc::x509 {

using crypto::ErrorsLeftClean;
using crypto::Freed;
using crypto::kBadCertificate;
using crypto::must;

namespace {

using Object = std::unique_ptr<ASN1_OBJECT, Freed<ASN1_OBJECT_free>>;

bool strong_digest(int nid) { return nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512; }

// The digest of RSASSA-PSS is in its parameters; absent means SHA-1 (RFC 8017 appendix A.2.3).
bool strong_pss(const X509_ALGOR* algorithm) {
    const ASN1_TYPE* parameter = algorithm->parameter;
    if (parameter == nullptr || parameter->type != V_ASN1_SEQUENCE) return false;
    const std::unique_ptr<RSA_PSS_PARAMS, Freed<RSA_PSS_PARAMS_free>> pss(
        static_cast<RSA_PSS_PARAMS*>(ASN1_item_unpack(parameter->value.sequence, ASN1_ITEM_rptr(RSA_PSS_PARAMS))));
    return pss != nullptr && pss->hashAlgorithm != nullptr && strong_digest(OBJ_obj2nid(pss->hashAlgorithm->algorithm));
}

// RFC 5280 section 4.2: "A certificate MUST NOT include more than one instance of a particular extension."
bool extensions_unique(const X509* x509) {
    std::set<std::string> seen;
    for (int i = 0; i < X509_get_ext_count(x509); ++i) {
        const ASN1_OBJECT* oid = X509_EXTENSION_get_object(X509_get_ext(x509, i));
        if (!seen.emplace(reinterpret_cast<const char*>(OBJ_get0_data(oid)), OBJ_length(oid)).second) return false;
    }
    return true;
}

bool writes_as(X509* x509, ByteView der) {
    std::uint8_t* written = nullptr;
    const int size = i2d_X509(x509, &written);
    const bool same = size > 0 && equal(ByteView(written, static_cast<std::size_t>(size)), der);
    OPENSSL_free(written);
    return same;
}

Result<crypto::VerifyingKey> key_of(const X509* x509) {
    std::uint8_t* der = nullptr;
    const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &der);
    if (size <= 0) return fail(kBadCertificate);
    auto key = crypto::VerifyingKey::parse_spki(ByteView(der, static_cast<std::size_t>(size)));
    OPENSSL_free(der);
    if (!key) return fail(kBadCertificate, "a public key of a kind that is not used here");
    return key;
}

}  // namespace

Result<TimePoint> time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return fail(kBadCertificate);
    using namespace std::chrono;
    const year_month_day day{year(parts.tm_year + 1900), month(static_cast<unsigned>(parts.tm_mon + 1)),
                             std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
    if (!day.ok()) return fail(kBadCertificate);
    return sys_days(day) + hours(parts.tm_hour) + minutes(parts.tm_min) + seconds(parts.tm_sec);
}

std::string common_name(const X509_NAME* name) {
    int last = -1;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;) last = at;
    if (last < 0) return {};
    std::uint8_t* text = nullptr;
    const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
    if (size < 0) return {};
    std::string out = to_string(ByteView(text, static_cast<std::size_t>(size)));
    OPENSSL_free(text);
    return out;
}

bool strong_algorithm(const X509_ALGOR* algorithm) {
    const int nid = OBJ_obj2nid(algorithm->algorithm);
    if (nid == NID_ED25519) return true;
    if (nid == NID_rsassaPss) return strong_pss(algorithm);
    int digest = NID_undef;
    int key = NID_undef;
    return OBJ_find_sigid_algs(nid, &digest, &key) == 1 && strong_digest(digest);
}

Result<Certificate> Certificate::parse_der(ByteView der) {
    const ErrorsLeftClean clean;
    const std::uint8_t* at = der.data();
    X509Ptr x509(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (x509 == nullptr || at != der.data() + der.size()) return fail(kBadCertificate);
    // One certificate has one encoding, so that comparing bytes compares certificates.
    if (!writes_as(x509.get(), der) || !extensions_unique(x509.get())) return fail(kBadCertificate);
    // Reads the known extensions once, before the certificate is shared between threads.
    X509_check_purpose(x509.get(), -1, 0);
    if ((X509_get_extension_flags(x509.get()) & EXFLAG_INVALID) != 0) return fail(kBadCertificate);
    OPENPCC_TRY(const TimePoint not_before, time_of(X509_get0_notBefore(x509.get())));
    OPENPCC_TRY(const TimePoint not_after, time_of(X509_get0_notAfter(x509.get())));
    OPENPCC_TRY(crypto::VerifyingKey key, key_of(x509.get()));
    return Certificate(
        std::make_shared<const Handle>(Handle{std::move(x509), Bytes(der), not_before, not_after, std::move(key)}));
}

Result<std::vector<Certificate>> Certificate::parse_pem_chain(ByteView pem, std::size_t limit) {
    OPENPCC_TRY(const std::vector<Bytes> blocks, pem_blocks(pem, "CERTIFICATE", limit));
    std::vector<Certificate> chain;
    for (const Bytes& block : blocks) {
        OPENPCC_TRY(Certificate certificate, parse_der(block));
        chain.push_back(std::move(certificate));
    }
    return chain;
}

Bytes Certificate::der() const { return handle_->der; }

std::string Certificate::subject_common_name() const {
    const ErrorsLeftClean clean;
    return common_name(X509_get_subject_name(handle_->x509.get()));
}

std::string Certificate::issuer_common_name() const {
    const ErrorsLeftClean clean;
    return common_name(X509_get_issuer_name(handle_->x509.get()));
}

Bytes Certificate::serial() const {
    // The content of the INTEGER without sign; zero is one octet.
    const ASN1_INTEGER* serial = X509_get0_serialNumber(handle_->x509.get());
    return Bytes(ByteView(ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))));
}

TimePoint Certificate::not_before() const { return handle_->not_before; }
TimePoint Certificate::not_after() const { return handle_->not_after; }
crypto::VerifyingKey Certificate::key() const { return handle_->key; }
Digest256 Certificate::fingerprint() const { return crypto::sha256(handle_->der); }

std::optional<Bytes> Certificate::extension(std::string_view dotted_oid) const {
    const ErrorsLeftClean clean;
    const Object oid(OBJ_txt2obj(std::string(dotted_oid).c_str(), 1));
    if (oid == nullptr) return std::nullopt;
    const int at = X509_get_ext_by_OBJ(handle_->x509.get(), oid.get(), -1);
    if (at < 0) return std::nullopt;
    const ASN1_OCTET_STRING* content = X509_EXTENSION_get_data(X509_get_ext(handle_->x509.get(), at));
    return Bytes(ByteView(ASN1_STRING_get0_data(content), static_cast<std::size_t>(ASN1_STRING_length(content))));
}

std::optional<std::string> Certificate::crl_distribution_point() const {
    const ErrorsLeftClean clean;
    const std::unique_ptr<CRL_DIST_POINTS, Freed<CRL_DIST_POINTS_free>> points(static_cast<CRL_DIST_POINTS*>(
        X509_get_ext_d2i(handle_->x509.get(), NID_crl_distribution_points, nullptr, nullptr)));
    for (int i = 0; points != nullptr && i < sk_DIST_POINT_num(points.get()); ++i) {
        const DIST_POINT_NAME* name = sk_DIST_POINT_value(points.get(), i)->distpoint;
        if (name == nullptr || name->type != 0) continue;  // 0: fullName
        for (int j = 0; j < sk_GENERAL_NAME_num(name->name.fullname); ++j) {
            int type = 0;
            const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(name->name.fullname, j), &type);
            if (type != GEN_URI) continue;
            const auto* uri = static_cast<const ASN1_STRING*>(value);
            return to_string(ByteView(ASN1_STRING_get0_data(uri), static_cast<std::size_t>(ASN1_STRING_length(uri))));
        }
    }
    return std::nullopt;
}

}  // namespace openpcc::x509

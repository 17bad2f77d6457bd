// SPDX-License-Identifier: Apache-2.0
#include "crypto/errors.hpp"
#include "crypto/keys.hpp"
#include "crypto/x509/inside.hpp"

namespace openpcc::x509 {

using crypto::Freed;
using crypto::must;

namespace {

using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;
using Object = std::unique_ptr<ASN1_OBJECT, Freed<ASN1_OBJECT_free>>;
using OctetString = std::unique_ptr<ASN1_OCTET_STRING, Freed<ASN1_OCTET_STRING_free>>;
using Time = std::unique_ptr<ASN1_TIME, Freed<ASN1_TIME_free>>;

constexpr std::size_t kKeyIdSize = 20;

// The scheme that goes with a key: with a digest of its own strength.
crypto::Scheme scheme_for(const crypto::SigningKey& key) {
    switch (key.handle().type) {
        case crypto::KeyType::kEd25519:
            return crypto::Scheme::kEd25519;
        case crypto::KeyType::kP256:
            return crypto::Scheme::kEcdsaP256Sha256;
        case crypto::KeyType::kP384:
            return crypto::Scheme::kEcdsaP384Sha384;
        case crypto::KeyType::kRsa:
            return crypto::Scheme::kRsaPkcs1Sha256;
        case crypto::KeyType::kRsaPss:
            return crypto::Scheme::kRsaPssSha256;
    }
    return crypto::Scheme::kEd25519;
}

// sign_as signs a certificate or a list: `sign` is X509_sign_ctx or X509_CRL_sign_ctx, which write the algorithm down.
template <class Signed>
Result<void> sign_as(Signed* object, int (*sign)(Signed*, EVP_MD_CTX*), const crypto::SigningKey& key,
                     std::optional<crypto::Scheme> given) {
    const crypto::Scheme scheme = given.value_or(scheme_for(key));
    if (!crypto::fits(scheme, key.handle().type)) return fail(crypto::kBadKey);
    const crypto::MdCtx context(must(EVP_MD_CTX_new()));
    EVP_PKEY_CTX* settings = nullptr;
    const EVP_MD* digest = scheme == crypto::Scheme::kEd25519 ? nullptr : crypto::fetched(crypto::hash_of(scheme));
    must(EVP_DigestSignInit(context.get(), &settings, digest, nullptr, key.handle().key.get()));
    if (!crypto::configure(settings, scheme) || sign(object, context.get()) <= 0)
        return fail(crypto::kBadCertificate, "cannot be signed");
    return {};
}

Time time_from(TimePoint time) { return Time(must(ASN1_TIME_set(nullptr, time.time_since_epoch().count()))); }

OctetString octets(ByteView bytes) {
    OctetString out(must(ASN1_OCTET_STRING_new()));
    must(ASN1_OCTET_STRING_set(out.get(), bytes.data(), crypto::size_for_openssl(bytes.size())));
    return out;
}

// A key identifier is any fixed function of the key (RFC 5280 section 4.2.1.2 only suggests SHA-1).
Digest256 key_id(const crypto::VerifyingKey& key) { return crypto::sha256(key.spki()); }

void add_name(X509_NAME* name, const char* field, const std::string& value) {
    if (value.empty()) return;
    must(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const std::uint8_t*>(value.data()),
                                    crypto::size_for_openssl(value.size()), -1, 0));
}

void add_basic_constraints(X509* x509, const CertificateSpec& spec) {
    const std::unique_ptr<BASIC_CONSTRAINTS, Freed<BASIC_CONSTRAINTS_free>> constraints(must(BASIC_CONSTRAINTS_new()));
    constraints->ca = spec.is_ca ? 0xff : 0;
    if (spec.is_ca && spec.path_length) {
        constraints->pathlen = must(ASN1_INTEGER_new());
        must(ASN1_INTEGER_set_int64(constraints->pathlen, *spec.path_length));
    }
    must(X509_add1_ext_i2d(x509, NID_basic_constraints, constraints.get(), 1, X509V3_ADD_DEFAULT));
}

void add_key_usage(X509* x509, bool is_ca) {
    const std::unique_ptr<ASN1_BIT_STRING, Freed<ASN1_BIT_STRING_free>> usage(must(ASN1_BIT_STRING_new()));
    if (is_ca) {
        must(ASN1_BIT_STRING_set_bit(usage.get(), 5, 1));  // keyCertSign
        must(ASN1_BIT_STRING_set_bit(usage.get(), 6, 1));  // cRLSign
    } else {
        must(ASN1_BIT_STRING_set_bit(usage.get(), 0, 1));  // digitalSignature
    }
    must(X509_add1_ext_i2d(x509, NID_key_usage, usage.get(), 1, X509V3_ADD_DEFAULT));
}

std::unique_ptr<AUTHORITY_KEYID, Freed<AUTHORITY_KEYID_free>> authority_key_id(ByteView id) {
    std::unique_ptr<AUTHORITY_KEYID, Freed<AUTHORITY_KEYID_free>> authority(must(AUTHORITY_KEYID_new()));
    authority->keyid = octets(id).release();
    return authority;
}

using Name = std::unique_ptr<X509_NAME, Freed<X509_NAME_free>>;
Name subject_of(const Certificate& certificate) {
    const ByteView der = certificate.handle().parts.subject.der;
    const std::uint8_t* at = der.data();
    return Name(must(d2i_X509_NAME(nullptr, &at, static_cast<long>(der.size()))));
}

// issuer_key_id is the issuer's subject key identifier, so that the link is found by it.
Bytes issuer_key_id(const Certificate* issuer, const crypto::SigningKey& issuer_key) {
    if (issuer != nullptr) {
        const auto& id = issuer->handle().parts.subject_key_id;
        if (id) return Bytes(*id);
    }
    return Bytes(key_id(issuer_key.verifying_key()).view().first(kKeyIdSize));
}

Result<void> add_given(X509* x509, const CertificateSpec::Extension& given) {
    const Object oid(OBJ_txt2obj(given.dotted_oid.c_str(), 1));
    if (oid == nullptr) return fail(crypto::kBadCertificate, "not an object identifier");
    const Extension extension(
        must(X509_EXTENSION_create_by_OBJ(nullptr, oid.get(), given.critical ? 1 : 0, octets(given.content).get())));
    must(X509_add_ext(x509, extension.get(), -1));
    return {};
}

bool gives(const CertificateSpec& spec, std::string_view oid) {
    return std::ranges::any_of(spec.extensions, [&](const auto& extension) { return extension.dotted_oid == oid; });
}

// An extension in the specification takes the place of ours.
Result<void> add_extensions(X509* x509, const CertificateSpec& spec, ByteView subject_id, ByteView issuer_id) {
    if (!gives(spec, "2.5.29.19")) add_basic_constraints(x509, spec);
    if (!gives(spec, "2.5.29.15")) add_key_usage(x509, spec.is_ca);
    if (!gives(spec, "2.5.29.14"))
        must(X509_add1_ext_i2d(x509, NID_subject_key_identifier, octets(subject_id).get(), 0, X509V3_ADD_DEFAULT));
    if (!gives(spec, "2.5.29.35"))
        must(X509_add1_ext_i2d(x509, NID_authority_key_identifier, authority_key_id(issuer_id).get(), 0,
                               X509V3_ADD_DEFAULT));
    for (const auto& given : spec.extensions) OPENPCC_CHECK(add_given(x509, given));
    return {};
}

}  // namespace

Result<Certificate> make_certificate(const CertificateSpec& spec, const crypto::VerifyingKey& subject_key,
                                     const Certificate* issuer, const crypto::SigningKey& issuer_key) {
    const crypto::ErrorsLeftClean clean;
    const X509Ptr x509(must(X509_new()));
    must(X509_set_version(x509.get(), X509_VERSION_3));
    must(ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509.get()), spec.serial));
    X509_NAME* subject = X509_get_subject_name(x509.get());
    add_name(subject, "CN", spec.common_name);
    add_name(subject, "O", spec.organization);
    must(X509_set_issuer_name(x509.get(), issuer == nullptr ? subject : subject_of(*issuer).get()));
    must(X509_set1_notBefore(x509.get(), time_from(spec.not_before).get()));
    must(X509_set1_notAfter(x509.get(), time_from(spec.not_after).get()));
    must(X509_set_pubkey(x509.get(), subject_key.handle().key.get()));
    const Digest256 subject_id = key_id(subject_key);
    OPENPCC_CHECK(
        add_extensions(x509.get(), spec, subject_id.view().first(kKeyIdSize), issuer_key_id(issuer, issuer_key)));
    OPENPCC_CHECK(sign_as(x509.get(), X509_sign_ctx, issuer_key, spec.scheme));
    std::uint8_t* der = nullptr;
    const int size = i2d_X509(x509.get(), &der);
    OPENPCC_ASSERT(size > 0);
    auto made = Certificate::parse_der(ByteView(der, static_cast<std::size_t>(size)));
    OPENSSL_free(der);
    return made;
}

Result<Crl> make_crl(const Certificate& issuer, const crypto::SigningKey& issuer_key, TimePoint this_update,
                     TimePoint next_update, const std::vector<Bytes>& revoked_serials,
                     std::optional<crypto::Scheme> scheme) {
    const crypto::ErrorsLeftClean clean;
    const CrlPtr crl(must(X509_CRL_new()));
    must(X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2));
    must(X509_CRL_set_issuer_name(crl.get(), subject_of(issuer).get()));
    must(X509_CRL_set1_lastUpdate(crl.get(), time_from(this_update).get()));
    must(X509_CRL_set1_nextUpdate(crl.get(), time_from(next_update).get()));
    for (const Bytes& serial : revoked_serials) {
        const crypto::Bignum number(must(BN_bin2bn(serial.data(), crypto::size_for_openssl(serial.size()), nullptr)));
        const std::unique_ptr<ASN1_INTEGER, Freed<ASN1_INTEGER_free>> integer(
            must(BN_to_ASN1_INTEGER(number.get(), nullptr)));
        X509_REVOKED* entry = must(X509_REVOKED_new());
        must(X509_REVOKED_set_serialNumber(entry, integer.get()));
        must(X509_REVOKED_set_revocationDate(entry, time_from(this_update).get()));
        must(X509_CRL_add0_revoked(crl.get(), entry));
    }
    const std::unique_ptr<ASN1_INTEGER, Freed<ASN1_INTEGER_free>> number(must(ASN1_INTEGER_new()));
    must(ASN1_INTEGER_set_int64(number.get(), 1));
    must(X509_CRL_add1_ext_i2d(crl.get(), NID_crl_number, number.get(), 0, X509V3_ADD_DEFAULT));
    must(X509_CRL_add1_ext_i2d(crl.get(), NID_authority_key_identifier,
                               authority_key_id(issuer_key_id(&issuer, issuer_key)).get(), 0, X509V3_ADD_DEFAULT));
    must(X509_CRL_sort(crl.get()));
    OPENPCC_CHECK(sign_as(crl.get(), X509_CRL_sign_ctx, issuer_key, scheme));
    std::uint8_t* der = nullptr;
    const int size = i2d_X509_CRL(crl.get(), &der);
    OPENPCC_ASSERT(size > 0);
    auto made = Crl::parse_der(ByteView(der, static_cast<std::size_t>(size)));
    OPENSSL_free(der);
    return made;
}

}  // namespace openpcc::x509

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "crypto/errors.hpp"
#include "crypto/keys.hpp"
#include "crypto/x509/inside.hpp"
#include "wire/der.hpp"

namespace openpcc::x509 {

using crypto::ErrorsLeftClean;
using crypto::kBadCertificate;

namespace {

// A critical extension could narrow what the list says (issuing distribution point, delta): then we cannot read it.
// RFC 5280 section 5.2: a list with an unknown critical extension must not be used to determine status.
bool has_critical(const X509_CRL* crl) {
    for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i)
        if (X509_EXTENSION_get_critical(X509_CRL_get_ext(crl, i)) == 1) return true;
    STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(const_cast<X509_CRL*>(crl));
    for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i) {
        const X509_REVOKED* entry = sk_X509_REVOKED_value(revoked, i);
        for (int j = 0; j < X509_REVOKED_get_ext_count(entry); ++j)
            if (X509_EXTENSION_get_critical(X509_REVOKED_get_ext(entry, j)) == 1) return true;
    }
    return false;
}

Bytes der_of(X509_CRL* crl) {
    std::uint8_t* written = nullptr;
    const int size = i2d_X509_CRL(crl, &written);
    Bytes der(ByteView(written, size > 0 ? static_cast<std::size_t>(size) : 0));
    OPENSSL_free(written);
    return der;
}

// An INTEGER from its content: OpenSSL reads it with tag and length.
ASN1_INTEGER* integer_from(ByteView content) {
    if (content.size() > 0x7f) return nullptr;
    Bytes der{0x02, static_cast<std::uint8_t>(content.size())};
    der.append(content);
    const std::uint8_t* at = der.data();
    return d2i_ASN1_INTEGER(nullptr, &at, static_cast<long>(der.size()));
}

// RFC 5280 section 5.1.1.2: the algorithm inside, behind the version if there is one, is the one outside.
bool same_algorithm_inside(ByteView to_be_signed, ByteView algorithm) {
    wire::Der in(to_be_signed);
    if (in.peek_tag() == wire::Der::kInteger && !in.take_any()) return false;
    const auto inside = in.take_any();
    return inside && equal(inside->whole, algorithm);
}

// RFC 5280 section 5.1: SEQUENCE { to be signed, algorithm, BIT STRING }.
bool signed_by(ByteView der, X509_CRL* crl, const crypto::VerifyingKey& key) {
    wire::Der outer(der);
    auto in = outer.enter(wire::Der::kSequence);
    if (!in) return false;
    const auto to_be_signed = in->take_any();
    const auto algorithm = in->take_any();
    const auto bits = in->take(wire::Der::kBitString);
    if (!to_be_signed || !algorithm || !bits || bits->empty() || (*bits)[0] != 0) return false;
    const X509_ALGOR* outside = nullptr;
    X509_CRL_get0_signature(crl, nullptr, &outside);
    if (!strong_algorithm(outside)) return false;
    const auto scheme = scheme_of(algorithm->whole, key);
    if (!scheme) return X509_CRL_verify(crl, key.handle().key.get()) == 1;
    return same_algorithm_inside(to_be_signed->content, algorithm->whole) &&
           key.verify(*scheme, to_be_signed->whole, bits->subspan(1)).has_value();
}

}  // namespace

Result<Crl> Crl::parse_der(ByteView der) {
    const ErrorsLeftClean clean;
    const std::uint8_t* at = der.data();
    CrlPtr crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
    if (crl == nullptr || at != der.data() + der.size() || !equal(der_of(crl.get()), der)) return fail(kBadCertificate);
    if (has_critical(crl.get())) return fail(kBadCertificate, "a critical extension in a revocation list");
    OPENPCC_TRY(const TimePoint this_update, time_of(X509_CRL_get0_lastUpdate(crl.get())));
    std::optional<TimePoint> next_update;
    if (const ASN1_TIME* next = X509_CRL_get0_nextUpdate(crl.get())) {
        OPENPCC_TRY(next_update, time_of(next));
    }
    return Crl(std::make_shared<const Handle>(Handle{Bytes(der), std::move(crl), this_update, next_update}));
}

Result<Crl> Crl::parse_pem(ByteView pem) {
    OPENPCC_TRY(const std::vector<Bytes> blocks, pem_blocks(pem, "X509 CRL", 1));
    return parse_der(blocks[0]);
}

Bytes Crl::der() const { return handle_->der; }

std::string Crl::issuer_common_name() const {
    const ErrorsLeftClean clean;
    return common_name(X509_CRL_get_issuer(handle_->crl.get()));
}

Bytes Crl::issuer() const {
    const std::uint8_t* der = nullptr;
    std::size_t size = 0;
    if (X509_NAME_get0_der(X509_CRL_get_issuer(handle_->crl.get()), &der, &size) != 1) return {};
    return Bytes(ByteView(der, size));
}

TimePoint Crl::this_update() const { return handle_->this_update; }
std::optional<TimePoint> Crl::next_update() const { return handle_->next_update; }

Result<void> Crl::verify(const Certificate& issuer) const {
    const ErrorsLeftClean clean;
    const Parts& parts = issuer.handle().parts;
    if (!same_name(this->issuer(), parts.subject.der))
        return fail(crypto::kUntrusted, "a revocation list of another issuer");
    // RFC 5280 section 6.3.3 (f)
    if (!parts.may_sign_lists()) return fail(crypto::kUntrusted, "may not sign revocation lists");
    if (!signed_by(handle_->der, handle_->crl.get(), issuer.key())) return fail(crypto::kBadSignature);
    return {};
}

bool Crl::revokes(const Certificate& certificate) const {
    const ErrorsLeftClean clean;
    const Parts& parts = certificate.handle().parts;
    if (!same_name(issuer(), parts.issuer.der)) return false;
    // The INTEGER as it stands in the certificate, its sign included.
    const std::unique_ptr<ASN1_INTEGER, crypto::Freed<ASN1_INTEGER_free>> serial(integer_from(parts.serial));
    X509_REVOKED* entry = nullptr;
    return serial == nullptr || X509_CRL_get0_by_serial(handle_->crl.get(), &entry, serial.get()) != 0;
}

std::vector<Bytes> Crl::revoked() const {
    const ErrorsLeftClean clean;
    std::vector<Bytes> serials;
    STACK_OF(X509_REVOKED)* revoked = X509_CRL_get_REVOKED(handle_->crl.get());
    for (int i = 0; i < sk_X509_REVOKED_num(revoked); ++i) {
        const ASN1_INTEGER* serial = X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(revoked, i));
        ByteView bytes(ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial)));
        while (!bytes.empty() && bytes.front() == 0) bytes = bytes.subspan(1);
        serials.emplace_back(bytes);
    }
    std::ranges::sort(serials);
    return serials;
}

}  // namespace openpcc::x509

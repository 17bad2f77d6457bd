// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "crypto/errors.hpp"
#include "crypto/keys.hpp"
#include "crypto/x509/inside.hpp"

namespace openpcc::x509 {

using crypto::ErrorsLeftClean;

namespace {

// Other strong algorithms are OpenSSL's business, which then reads the whole list.
bool signed_otherwise(ByteView der, const crypto::VerifyingKey& key) {
    const std::uint8_t* at = der.data();
    const CrlPtr crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
    if (crl == nullptr) return false;
    const X509_ALGOR* algorithm = nullptr;
    X509_CRL_get0_signature(crl.get(), nullptr, &algorithm);
    return strong_algorithm(algorithm) && X509_CRL_verify(crl.get(), key.handle().key.get()) == 1;
}

bool signed_by(const Crl::Handle& list, const crypto::VerifyingKey& key) {
    const ListParts& parts = list.parts;
    if (const auto scheme = scheme_of(parts.algorithm, key))
        return key.verify(*scheme, parts.to_be_signed, parts.signature).has_value();
    return signed_otherwise(list.der, key);
}

}  // namespace

Result<Crl> Crl::parse_der(ByteView der) {
    Bytes own(der);
    OPENPCC_TRY(ListParts parts, read_list_parts(own));
    return Crl(std::make_shared<const Handle>(Handle{std::move(own), std::move(parts)}));
}

Result<Crl> Crl::parse_pem(ByteView pem) {
    OPENPCC_TRY(const std::vector<Bytes> blocks, pem_blocks(pem, "X509 CRL", 1));
    return parse_der(blocks[0]);
}

Bytes Crl::der() const { return handle_->der; }
std::string Crl::issuer_common_name() const { return handle_->parts.issuer.common_name; }
Bytes Crl::issuer() const { return Bytes(handle_->parts.issuer.der); }
TimePoint Crl::this_update() const { return handle_->parts.this_update; }
std::optional<TimePoint> Crl::next_update() const { return handle_->parts.next_update; }

Result<void> Crl::verify(const Certificate& issuer) const {
    const ErrorsLeftClean clean;
    const Parts& parts = issuer.handle().parts;
    if (!same_name(handle_->parts.issuer.der, parts.subject.der))
        return fail(crypto::kUntrusted, "a revocation list of another issuer");
    // RFC 5280 section 6.3.3 (f)
    if (!parts.may_sign_lists()) return fail(crypto::kUntrusted, "may not sign revocation lists");
    if (!signed_by(*handle_, issuer.handle().key)) return fail(crypto::kBadSignature);
    return {};
}

bool Crl::revokes(const Certificate& certificate) const {
    const Parts& parts = certificate.handle().parts;
    if (!same_name(handle_->parts.issuer.der, parts.issuer.der)) return false;
    // A number that no list can hold cannot be cleared by one either.
    return !can_be_listed(parts.serial) || handle_->parts.lists(parts.serial);
}

std::vector<Bytes> Crl::revoked() const {
    std::vector<Bytes> serials;
    serials.reserve(handle_->parts.serials.size());
    for (ByteView serial : handle_->parts.serials) serials.emplace_back(serial[0] == 0 ? serial.subspan(1) : serial);
    std::ranges::sort(serials);
    return serials;
}

}  // namespace openpcc::x509

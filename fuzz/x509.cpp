// SPDX-License-Identifier: Apache-2.0
// Certificates, chains in PEM and revocation lists from anybody. A certificate that is read keeps its bytes, and it is
// trusted only because it is pinned itself. A list that we read is one that OpenSSL reads, with as many entries.
#include "crypto/x509/x509.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

#include "core/assert.hpp"
#include "crypto/errors.hpp"

namespace {

using namespace openpcc;

void look_at(const x509::Certificate& certificate) {
    (void)certificate.subject_common_name();
    (void)certificate.issuer_common_name();
    (void)certificate.serial();
    (void)certificate.extension("2.5.29.19");
    (void)certificate.extension("1.2.840.113741.1.13.1");
    (void)certificate.crl_distribution_point();
    OPENPCC_ASSERT(!x509::verify_chain({certificate}, {}, certificate.not_before()));
    const auto pinned = x509::verify_chain({certificate}, {certificate}, certificate.not_before());
    OPENPCC_ASSERT(!pinned || pinned->fingerprint() == certificate.fingerprint());
}

void look_at(const x509::Crl& crl) {
    const Bytes der = crl.der();
    const std::vector<Bytes> revoked = crl.revoked();
    OPENPCC_ASSERT(std::ranges::is_sorted(revoked));
    (void)crl.issuer_common_name();
    (void)crl.next_update();
    const std::uint8_t* at = der.data();
    ERR_set_mark();
    const std::unique_ptr<X509_CRL, decltype(&X509_CRL_free)> theirs(
        d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())), &X509_CRL_free);
    ERR_pop_to_mark();
    OPENPCC_ASSERT(theirs != nullptr && at == der.data() + der.size());
    const int entries = std::max(0, sk_X509_REVOKED_num(X509_CRL_get_REVOKED(theirs.get())));
    OPENPCC_ASSERT(revoked.size() == static_cast<std::size_t>(entries));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView bytes(data, size);
    if (const auto certificate = x509::Certificate::parse_der(bytes)) {
        OPENPCC_ASSERT(equal(certificate->der(), bytes));
        OPENPCC_ASSERT(crypto::VerifyingKey::parse_spki(certificate->key().spki()).has_value());
        look_at(*certificate);
        if (const auto crl = x509::Crl::parse_der(bytes)) OPENPCC_ASSERT(!crl);
    }
    if (const auto chain = x509::Certificate::parse_pem_chain(bytes, 4)) {
        OPENPCC_ASSERT(!chain->empty() && chain->size() <= 4);
        OPENPCC_ASSERT(!x509::verify_chain(*chain, {}, chain->front().not_before()));
        for (const auto& certificate : *chain) look_at(certificate);
    }
    auto crl = x509::Crl::parse_der(bytes);
    if (!crl) crl = x509::Crl::parse_pem(bytes);
    if (crl) look_at(*crl);
    OPENPCC_ASSERT(ERR_peek_error() == 0);
    return 0;
}

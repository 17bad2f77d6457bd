// SPDX-License-Identifier: Apache-2.0
#include "evidence/simulated/snp_authority.hpp"

namespace openpcc::simulated {

namespace {

constexpr Seconds kSlack = std::chrono::hours(1);
constexpr Seconds kLifetime = std::chrono::days(30);  // throwaway: nobody shall build on it

Result<x509::Certificate> certificate(const SnpAuthoritySpec::Ca& ca, std::optional<int> path_length,
                                      const crypto::SigningKey& subject, const x509::Certificate* issuer,
                                      const crypto::SigningKey& issuer_key) {
    x509::CertificateSpec spec;
    spec.common_name = ca.name;
    spec.organization = "OpenPCC simulated hardware";
    spec.not_before = ca.not_before;
    spec.not_after = ca.not_after;
    spec.serial = ca.serial;
    spec.is_ca = ca.is_ca;
    spec.path_length = path_length;
    spec.scheme = ca.scheme;
    return x509::make_certificate(spec, subject.verifying_key(), issuer, issuer_key);
}

}  // namespace

std::shared_ptr<const SnpCaKeys> SnpCaKeys::generate(std::size_t bits) {
    return std::make_shared<const SnpCaKeys>(SnpCaKeys{crypto::SigningKey::generate_rsa(bits),
                                                       crypto::SigningKey::generate_rsa(bits),
                                                       crypto::SigningKey::generate_rsa(bits)});
}

SnpAuthoritySpec SnpAuthoritySpec::good(snp::Product product, TimePoint now) {
    SnpAuthoritySpec out;
    out.product = product;
    const auto ca = [&](std::string name, std::uint64_t serial) {
        return Ca{std::move(name), now - kSlack, now + kLifetime, serial, true, crypto::Scheme::kRsaPssSha384};
    };
    out.ark = ca(snp::ark_name(product), 0x50000);
    out.ask = ca(snp::issuer_name(product, snp::KeyKind::kVcek), 0x50001);
    out.asvk = ca(snp::issuer_name(product, snp::KeyKind::kVlek), 0x50101);
    return out;
}

Result<SnpAuthority> SnpAuthority::create(const SnpAuthoritySpec& spec, std::shared_ptr<const SnpCaKeys> keys) {
    OPENPCC_TRY(auto ark, certificate(spec.ark, {}, keys->ark, nullptr, keys->ark));
    OPENPCC_TRY(auto ask, certificate(spec.ask, 0, keys->ask, &ark, keys->ark));
    OPENPCC_TRY(auto asvk, certificate(spec.asvk, 0, keys->asvk, &ark, keys->ark));
    return SnpAuthority(spec.product, std::move(keys), std::move(ark), std::move(ask), std::move(asvk));
}

Result<Bytes> SnpAuthority::crl(TimePoint this_update, TimePoint next_update, const std::vector<Bytes>& revoked_serials,
                                crypto::Scheme scheme) const {
    OPENPCC_TRY(const auto crl, x509::make_crl(ark_, keys_->ark, this_update, next_update, revoked_serials, scheme));
    return crl.der();
}

}  // namespace openpcc::simulated

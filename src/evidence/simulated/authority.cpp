// SPDX-License-Identifier: Apache-2.0
#include "evidence/simulated/authority.hpp"

#include "evidence/tdx/pck.hpp"

namespace openpcc::simulated {

namespace {

constexpr Seconds kSlack = std::chrono::hours(1);
constexpr Seconds kLifetime = std::chrono::days(30);  // throwaway: nobody shall build on it

}  // namespace

Result<RootAuthority> RootAuthority::create(TimePoint now) {
    auto key = crypto::SigningKey::generate_p256();
    x509::CertificateSpec spec;
    spec.common_name = "Simulated SGX Root CA";
    spec.organization = "OpenPCC simulated hardware";
    spec.not_before = now - kSlack;
    spec.not_after = now + kLifetime;
    spec.is_ca = true;
    spec.path_length = 1;
    OPENPCC_TRY(auto certificate, x509::make_certificate(spec, key.verifying_key(), nullptr, key));
    return RootAuthority(std::move(certificate), std::move(key));
}

Result<RootAuthority> RootAuthority::from_pem(ByteView certificate, ByteView key) {
    OPENPCC_TRY(const auto chain, x509::Certificate::parse_pem_chain(certificate, 1));
    OPENPCC_TRY(auto signing_key, crypto::SigningKey::parse_pem(key));
    if (chain.size() != 1 || chain[0].key().spki() != signing_key.verifying_key().spki())
        return fail(kBadAuthority, "the key does not belong to the certificate");
    return RootAuthority(chain[0], std::move(signing_key));
}

Result<x509::Certificate> RootAuthority::platform_ca() const {
    x509::CertificateSpec spec;
    spec.common_name = std::string(tdx::kPlatformCaName);
    spec.organization = "OpenPCC simulated hardware";
    spec.not_before = certificate_.not_before();
    spec.not_after = certificate_.not_after();
    spec.serial = 2;
    spec.is_ca = true;
    spec.path_length = 0;
    return x509::make_certificate(spec, key_.verifying_key(), &certificate_, key_);
}

std::string RootAuthority::certificate_pem() const { return tdx::to_pem(certificate_); }

}  // namespace openpcc::simulated

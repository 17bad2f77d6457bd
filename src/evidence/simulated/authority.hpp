// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.hpp"
#include "core/secret.hpp"
#include "core/time.hpp"
#include "crypto/signature.hpp"
#include "crypto/x509/x509.hpp"

// Simulated hardware: genuine formats under throwaway roots, for development and tests. Built only with
// OPENPCC_SIMULATED_HARDWARE; what rests on it is *simulated* and protects nothing.
namespace openpcc::simulated {

inline constexpr ErrorCode kBadAuthority{"simulated.bad_authority", Category::kBadInput};

// RootAuthority is the throwaway root CA of one demo or test. Several processes share one by its two PEM texts, and
// each derives a platform of its own from it.
class RootAuthority {
  public:
    static Result<RootAuthority> create(TimePoint now);
    // from_pem: simulated.bad_authority unless the key belongs to the certificate.
    static Result<RootAuthority> from_pem(ByteView certificate, ByteView key);

    const x509::Certificate& certificate() const { return certificate_; }
    const crypto::SigningKey& key() const { return key_; }
    // certificate_pem is the roots file that clients are given; key_pem belongs in a file that only its owner reads.
    std::string certificate_pem() const;
    SecretBytes key_pem() const { return key_.to_pem(); }

    // platform_ca is the CA that platforms certify by: it has the root's own key, so that every process that holds the
    // root speaks for the same CA, and signs the same revocation list. Its window is the root's.
    Result<x509::Certificate> platform_ca() const;

  private:
    RootAuthority(x509::Certificate certificate, crypto::SigningKey key)
        : certificate_(std::move(certificate)), key_(std::move(key)) {}

    x509::Certificate certificate_;
    crypto::SigningKey key_;
};

}  // namespace openpcc::simulated

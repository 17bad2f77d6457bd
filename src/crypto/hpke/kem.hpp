// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/hpke/dh.hpp"
#include "crypto/hpke/hpke.hpp"
#include "crypto/kdf.hpp"

// The inside of crypto/hpke: what a key holds, the labelled KDF, and the KEMs.
namespace openpcc::hpke {

struct PublicKey::Handle {
    Kem kem{};
    Bytes bytes;
    // The key as OpenSSL wants it, made when the key was parsed. The public half of a private key has none: it would
    // cost every ephemeral key its making, and it must not be the private key itself, which has to die with its owner.
    crypto::Pkey x25519;   // kX25519, kXWing
    crypto::EcPoint p256;  // kP256
    crypto::Pkey ml_kem;   // kXWing

    bool prepared() const { return x25519 != nullptr || p256 != nullptr; }
};

struct PrivateKey::Handle {
    PublicKey public_key;
    crypto::Pkey x25519;
    SecretBytes p256_scalar;
    crypto::Pkey ml_kem;
};

// LabeledKdf is LabeledExtract and LabeledExpand (RFC 9180 section 4) of one suite; it borrows the suite's id.
class LabeledKdf {
  public:
    LabeledKdf(crypto::Hash hash, ByteView suite_id) : hash_(hash), suite_id_(suite_id) {}
    crypto::Hash hash() const { return hash_; }
    SecretBytes extract(ByteView salt, std::string_view label, ByteView ikm) const;
    // The info is the concatenation of two parts, so that no caller has to join them.
    SecretBytes expand(const SecretBytes& prk, std::string_view label, ByteView info, ByteView more_info,
                       std::size_t length) const;

  private:
    crypto::Hash hash_;
    ByteView suite_id_;
};

// kem_suite_id is "KEM" | I2OSP(kem_id, 2) (RFC 9180 section 4.1).
ByteArray<5> kem_suite_id(Kem kem);

struct Encapsulated {
    Bytes enc;
    SecretBytes shared;
};
// The recipient's KEM is the ephemeral key's.
Result<Encapsulated> encapsulate_dh(const PublicKey& recipient, const PrivateKey& ephemeral);
inline constexpr std::size_t kXWingRandomSize = 64;  // ML-KEM m | X25519 ephemeral
Result<Encapsulated> encapsulate_xwing(const PublicKey& recipient, ByteView random);
Result<SecretBytes> decapsulate(const PrivateKey& recipient, ByteView enc);

}  // namespace openpcc::hpke

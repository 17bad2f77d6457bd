// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <mutex>

#include "crypto/openssl.hpp"
#include "crypto/signature.hpp"

// What signature keys hold. Inside crypto/ only: x509 signs and writes certificates with them.
namespace openpcc::crypto {

enum class KeyType { kEd25519, kP256, kP384, kRsa, kRsaPss };

inline constexpr std::size_t kSchemes = 8;

struct VerifyingKey::Handle {
    KeyType type{};
    Pkey key;
    Bytes spki;
    // context_for is a context for a scheme that fits, set up at its first use and only copied afterwards, so that no
    // later call fetches an algorithm; nullptr where the key's own parameters forbid it. Safe to share between threads.
    const EVP_PKEY_CTX* context_for(Scheme scheme) const;

  private:
    mutable std::array<std::once_flag, kSchemes> once_;
    mutable std::array<PkeyCtx, kSchemes> prepared_;
};

struct SigningKey::Handle {
    KeyType type{};
    Pkey key;
};

// type_of is the type of a key that we use; others and weak ones (RSA below 2048 bits) are crypto.bad_key.
Result<KeyType> type_of(const EVP_PKEY* key);
bool fits(Scheme scheme, KeyType type);
Hash hash_of(Scheme scheme);
// configure sets a signature up for a scheme: that is all in which schemes and key types differ.
bool configure(EVP_PKEY_CTX* context, Scheme scheme);
// wrap makes a verifying key of one whose SubjectPublicKeyInfo is known to be right.
Result<VerifyingKey> wrap_public(Pkey key, KeyType type, Bytes spki);

// ECDSA signatures between r | s of fixed width and DER.
Bytes ecdsa_to_der(ByteView p1363);
Result<Bytes> ecdsa_to_p1363(ByteView der, std::size_t width);

}  // namespace openpcc::crypto

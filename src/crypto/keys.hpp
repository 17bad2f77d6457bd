// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

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
    // One context per scheme that fits, set up once and only copied afterwards, so that no call fetches an algorithm.
    std::array<PkeyCtx, kSchemes> prepared;
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

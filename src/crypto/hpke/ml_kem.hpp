// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"
#include "core/secret.hpp"
#include "crypto/openssl.hpp"

// ML-KEM-768 (FIPS 203) of OpenSSL 3.5, asked for by name: the same source builds with 3.0, where the name is not known
// and have_ml_kem() (hpke.hpp) is false. The functions assert that it is true.
namespace openpcc::hpke {

inline constexpr std::size_t kMlKemSeedSize = 64;  // d | z
inline constexpr std::size_t kMlKemPublicSize = 1184;
inline constexpr std::size_t kMlKemCiphertextSize = 1088;
inline constexpr std::size_t kMlKemRandomSize = 32;  // m

// A seed of another length is crypto.bad_key.
Result<crypto::Pkey> ml_kem_private(ByteView seed);
// ml_kem_public checks the encapsulation key: length, coefficients reduced (FIPS 203 section 7.2); else crypto.bad_key.
Result<crypto::Pkey> ml_kem_public(ByteView bytes);
Bytes ml_kem_public_bytes(const EVP_PKEY* key);

struct MlKemEncapsulated {
    Bytes ciphertext;
    SecretBytes shared;
};
// ml_kem_encapsulate is ML-KEM.Encaps_internal with the given m, which the caller has drawn.
MlKemEncapsulated ml_kem_encapsulate(const EVP_PKEY* recipient, ByteView m);
// A ciphertext of the right length always gives a secret (implicit rejection); a wrong length is crypto.bad_key.
Result<SecretBytes> ml_kem_decapsulate(const EVP_PKEY* own, ByteView ciphertext);

}  // namespace openpcc::hpke

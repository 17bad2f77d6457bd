// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"
#include "core/secret.hpp"
#include "crypto/openssl.hpp"

// The two Diffie-Hellman groups of DHKEM (RFC 9180 section 7.1). Inside crypto/hpke only, and for its tests.
namespace openpcc::hpke {

inline constexpr std::size_t kX25519Size = 32;
inline constexpr std::size_t kP256PointSize = 65;
inline constexpr std::size_t kP256ScalarSize = 32;

// X25519 (RFC 7748 section 5). Making a private key computes its public one, so it is made once and kept.
crypto::Pkey x25519_private(ByteView scalar);
crypto::Pkey x25519_public(ByteView point);
Bytes x25519_public_bytes(const EVP_PKEY* key);
// x25519 refuses the all-zero result of a point of small order (RFC 9180 section 7.1.4): crypto.bad_key.
Result<SecretBytes> x25519(const EVP_PKEY* own, const EVP_PKEY* peer);

// P-256 through the group's own arithmetic (constant time for one secret scalar): the scalar rests in locked memory and
// is in OpenSSL's only during the multiplication.
// p256_public reads an uncompressed point on the curve: 65 bytes, 04 first, never infinity; else crypto.bad_key.
Result<crypto::EcPoint> p256_public(ByteView point);
Bytes p256_public_bytes(const EC_POINT* point);
// p256_scalar_ok: 0 < scalar < order.
bool p256_scalar_ok(ByteView scalar);
crypto::EcPoint p256_base_times(ByteView scalar);
// p256 is the x coordinate of the shared point.
Result<SecretBytes> p256(ByteView scalar, const EC_POINT* peer);

}  // namespace openpcc::hpke

// SPDX-License-Identifier: Apache-2.0
#include "crypto/hpke/dh.hpp"

#include <openssl/obj_mac.h>

#include "crypto/errors.hpp"

namespace openpcc::hpke {

using crypto::Bignum;
using crypto::BignumCtx;
using crypto::EcPoint;
using crypto::ErrorsLeftClean;
using crypto::must;
using crypto::Pkey;

Pkey x25519_private(ByteView scalar) {
    OPENPCC_ASSERT(scalar.size() == kX25519Size);
    return Pkey(must(EVP_PKEY_new_raw_private_key_ex(nullptr, "X25519", nullptr, scalar.data(), scalar.size())));
}

Pkey x25519_public(ByteView point) {
    OPENPCC_ASSERT(point.size() == kX25519Size);
    return Pkey(must(EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, point.data(), point.size())));
}

Bytes x25519_public_bytes(const EVP_PKEY* key) {
    Bytes out(kX25519Size);
    std::size_t size = out.size();
    must(EVP_PKEY_get_raw_public_key(key, out.data(), &size));
    return out;
}

Result<SecretBytes> x25519(const EVP_PKEY* own, const EVP_PKEY* peer) {
    const ErrorsLeftClean clean;
    // OpenSSL counts references in a key that it otherwise leaves alone, hence the casts.
    const crypto::PkeyCtx context(must(EVP_PKEY_CTX_new_from_pkey(nullptr, const_cast<EVP_PKEY*>(own), nullptr)));
    must(EVP_PKEY_derive_init(context.get()));
    must(EVP_PKEY_derive_set_peer_ex(context.get(), const_cast<EVP_PKEY*>(peer), 0));
    SecretBytes shared(kX25519Size);
    const bool good = shared.fill([&](ByteSpan span) {
        std::size_t size = span.size();
        return EVP_PKEY_derive(context.get(), span.data(), &size) == 1 && size == span.size();
    });
    if (!good) return fail(crypto::kBadKey);
    return shared;
}

namespace {

const EC_GROUP* p256_group() {
    static const EC_GROUP* const kGroup = must(EC_GROUP_new_by_curve_name_ex(nullptr, nullptr, NID_X9_62_prime256v1));
    return kGroup;
}

Bignum secret_number(ByteView bytes) {
    Bignum number(must(BN_secure_new()));
    BN_set_flags(number.get(), BN_FLG_CONSTTIME);
    must(BN_bin2bn(bytes.data(), crypto::size_for_openssl(bytes.size()), number.get()));
    return number;
}

}  // namespace

Result<EcPoint> p256_public(ByteView point) {
    const ErrorsLeftClean clean;
    if (point.size() != kP256PointSize || point[0] != POINT_CONVERSION_UNCOMPRESSED) return fail(crypto::kBadKey);
    EcPoint out(must(EC_POINT_new(p256_group())));
    // EC_POINT_oct2point checks that the coordinates are reduced and on the curve; the cofactor is one.
    if (EC_POINT_oct2point(p256_group(), out.get(), point.data(), point.size(), nullptr) != 1)
        return fail(crypto::kBadKey);
    return out;
}

Bytes p256_public_bytes(const EC_POINT* point) {
    Bytes out(kP256PointSize);
    const std::size_t size =
        EC_POINT_point2oct(p256_group(), point, POINT_CONVERSION_UNCOMPRESSED, out.data(), out.size(), nullptr);
    OPENPCC_ASSERT(size == out.size());
    return out;
}

bool p256_scalar_ok(ByteView scalar) {
    if (scalar.size() != kP256ScalarSize) return false;
    const Bignum number = secret_number(scalar);
    return !BN_is_zero(number.get()) && BN_cmp(number.get(), EC_GROUP_get0_order(p256_group())) < 0;
}

EcPoint p256_base_times(ByteView scalar) {
    OPENPCC_ASSERT(p256_scalar_ok(scalar));
    const BignumCtx context(must(BN_CTX_secure_new()));
    EcPoint out(must(EC_POINT_new(p256_group())));
    must(EC_POINT_mul(p256_group(), out.get(), secret_number(scalar).get(), nullptr, nullptr, context.get()));
    return out;
}

Result<SecretBytes> p256(ByteView scalar, const EC_POINT* peer) {
    const ErrorsLeftClean clean;
    const BignumCtx context(must(BN_CTX_secure_new()));
    const EcPoint product(must(EC_POINT_new(p256_group())));
    must(EC_POINT_mul(p256_group(), product.get(), nullptr, peer, secret_number(scalar).get(), context.get()));
    if (EC_POINT_is_at_infinity(p256_group(), product.get()) == 1) return fail(crypto::kBadKey);
    const Bignum x(must(BN_secure_new()));
    must(EC_POINT_get_affine_coordinates(p256_group(), product.get(), x.get(), nullptr, context.get()));
    SecretBytes shared(kP256ScalarSize);
    shared.fill([&](ByteSpan span) {
        OPENPCC_ASSERT(BN_bn2binpad(x.get(), span.data(), crypto::size_for_openssl(span.size())) > 0);
    });
    return shared;
}

}  // namespace openpcc::hpke

// SPDX-License-Identifier: Apache-2.0
#include "crypto/hpke/ml_kem.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

#include "crypto/errors.hpp"
#include "crypto/hpke/hpke.hpp"

namespace openpcc::hpke {

using crypto::ErrorsLeftClean;
using crypto::must;
using crypto::Pkey;
using crypto::PkeyCtx;

namespace {

// Parameter names as text: the headers of OpenSSL 3.0 do not have them.
constexpr const char* kAlgorithm = "ML-KEM-768";
constexpr const char* kSeedParameter = "seed";
constexpr const char* kRandomParameter = "ikme";

PkeyCtx context_of(const EVP_PKEY* key) {
    return PkeyCtx(must(EVP_PKEY_CTX_new_from_pkey(nullptr, const_cast<EVP_PKEY*>(key), nullptr)));
}

}  // namespace

bool have_ml_kem() {
    static const bool kHave = [] {
        const ErrorsLeftClean clean;
        EVP_KEYMGMT* keys = EVP_KEYMGMT_fetch(nullptr, kAlgorithm, nullptr);
        EVP_KEM* kem = EVP_KEM_fetch(nullptr, kAlgorithm, nullptr);
        const bool have = keys != nullptr && kem != nullptr;
        EVP_KEYMGMT_free(keys);
        EVP_KEM_free(kem);
        return have;
    }();
    return kHave;
}

Result<Pkey> ml_kem_private(ByteView seed) {
    OPENPCC_ASSERT(have_ml_kem());
    if (seed.size() != kMlKemSeedSize) return fail(crypto::kBadKey);
    const PkeyCtx context(must(EVP_PKEY_CTX_new_from_name(nullptr, kAlgorithm, nullptr)));
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(kSeedParameter, const_cast<std::uint8_t*>(seed.data()), seed.size()),
        OSSL_PARAM_construct_end()};
    EVP_PKEY* key = nullptr;
    must(EVP_PKEY_fromdata_init(context.get()));
    must(EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_KEYPAIR, parameters));
    return Pkey(key);
}

Result<Pkey> ml_kem_public(ByteView bytes) {
    OPENPCC_ASSERT(have_ml_kem());
    const ErrorsLeftClean clean;
    if (bytes.size() != kMlKemPublicSize) return fail(crypto::kBadKey);
    Pkey key(EVP_PKEY_new_raw_public_key_ex(nullptr, kAlgorithm, nullptr, bytes.data(), bytes.size()));
    if (key == nullptr) return fail(crypto::kBadKey);
    return key;
}

Bytes ml_kem_public_bytes(const EVP_PKEY* key) {
    Bytes out(kMlKemPublicSize);
    std::size_t size = out.size();
    must(EVP_PKEY_get_raw_public_key(key, out.data(), &size));
    OPENPCC_ASSERT(size == out.size());
    return out;
}

MlKemEncapsulated ml_kem_encapsulate(const EVP_PKEY* recipient, ByteView m) {
    OPENPCC_ASSERT(m.size() == kMlKemRandomSize);
    const PkeyCtx context = context_of(recipient);
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(kRandomParameter, const_cast<std::uint8_t*>(m.data()), m.size()),
        OSSL_PARAM_construct_end()};
    must(EVP_PKEY_encapsulate_init(context.get(), parameters));
    MlKemEncapsulated out{Bytes(kMlKemCiphertextSize), SecretBytes(32)};
    std::size_t size = out.ciphertext.size();
    out.shared.fill([&](ByteSpan span) {
        std::size_t secret_size = span.size();
        must(EVP_PKEY_encapsulate(context.get(), out.ciphertext.data(), &size, span.data(), &secret_size));
        OPENPCC_ASSERT(size == kMlKemCiphertextSize && secret_size == span.size());
    });
    return out;
}

Result<SecretBytes> ml_kem_decapsulate(const EVP_PKEY* own, ByteView ciphertext) {
    if (ciphertext.size() != kMlKemCiphertextSize) return fail(crypto::kBadKey);
    const PkeyCtx context = context_of(own);
    must(EVP_PKEY_decapsulate_init(context.get(), nullptr));
    SecretBytes shared(32);
    shared.fill([&](ByteSpan span) {
        std::size_t size = span.size();
        must(EVP_PKEY_decapsulate(context.get(), span.data(), &size, ciphertext.data(), ciphertext.size()));
        OPENPCC_ASSERT(size == span.size());
    });
    return shared;
}

}  // namespace openpcc::hpke

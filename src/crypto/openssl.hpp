// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the files of crypto/ share about OpenSSL: owners, fetched algorithms, errors. Nothing outside crypto/ includes
// it.

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>

#include "core/assert.hpp"
#include "core/bytes.hpp"
#include "crypto/aead.hpp"
#include "crypto/hash.hpp"

namespace openpcc::crypto {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using MdCtx = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using CipherCtx = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;
using Pkey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using PkeyCtx = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Bignum = std::unique_ptr<BIGNUM, Freed<BN_clear_free>>;
using BignumCtx = std::unique_ptr<BN_CTX, Freed<BN_CTX_free>>;
using EcPoint = std::unique_ptr<EC_POINT, Freed<EC_POINT_clear_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;

// must is for what fails only without memory or with a broken OpenSSL: then the process ends, as with any bug of ours.
template <class T>
T* must(T* object) {
    OPENPCC_ASSERT(object != nullptr);
    return object;
}
inline void must(int one) { OPENPCC_ASSERT(one == 1); }

// ErrorsLeftClean drops what OpenSSL queues meanwhile, so that code which reads the queue later (TLS) sees its own
// errors.
class ErrorsLeftClean {
  public:
    ErrorsLeftClean() { ERR_set_mark(); }
    ~ErrorsLeftClean() { ERR_pop_to_mark(); }
    ErrorsLeftClean(const ErrorsLeftClean&) = delete;
    ErrorsLeftClean& operator=(const ErrorsLeftClean&) = delete;
};

// Algorithms are fetched once per process and stay: a fetch costs more than the hash of a short message.
const EVP_MD* fetched(Hash hash);
const EVP_CIPHER* fetched(Aead aead);

// thread_digest is this thread's own context for that hash, to be started by the caller and not kept.
EVP_MD_CTX* thread_digest(Hash hash);
// digest_into writes digest_size(hash) bytes.
void digest_into(Hash hash, std::initializer_list<ByteView> parts, ByteSpan out);

inline int size_for_openssl(std::size_t size) {
    OPENPCC_ASSERT(size <= 0x7fffffff);
    return static_cast<int>(size);
}

}  // namespace openpcc::crypto

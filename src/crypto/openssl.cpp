// SPDX-License-Identifier: Apache-2.0
#include "crypto/openssl.hpp"

namespace openpcc::crypto {

const EVP_MD* fetched(Hash hash) {
    static const EVP_MD* const kFetched[] = {
        must(EVP_MD_fetch(nullptr, "SHA2-256", nullptr)),
        must(EVP_MD_fetch(nullptr, "SHA2-384", nullptr)),
        must(EVP_MD_fetch(nullptr, "SHA2-512", nullptr)),
    };
    return kFetched[static_cast<std::size_t>(hash)];
}

const EVP_CIPHER* fetched(Aead aead) {
    static const EVP_CIPHER* const kFetched[] = {
        must(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr)),
        must(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr)),
        must(EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr)),
    };
    OPENPCC_ASSERT(is_supported(aead));
    return kFetched[static_cast<std::size_t>(aead) - 1];
}

}  // namespace openpcc::crypto

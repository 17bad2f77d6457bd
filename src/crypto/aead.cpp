// SPDX-License-Identifier: Apache-2.0
#include "crypto/aead.hpp"

#include "crypto/errors.hpp"

#include "crypto/openssl.hpp"

namespace openpcc::crypto {

bool is_supported(Aead aead) {
    return aead == Aead::kAes128Gcm || aead == Aead::kAes256Gcm || aead == Aead::kChaCha20Poly1305;
}

std::size_t key_size(Aead aead) {
    OPENPCC_ASSERT(is_supported(aead));
    return aead == Aead::kAes128Gcm ? 16 : 32;
}

struct AeadKey::Context {
    CipherCtx cipher{must(EVP_CIPHER_CTX_new())};
    Use use;
};

AeadKey::AeadKey(Aead aead, Use use, ByteView key) : context_(std::make_unique<Context>()) {
    OPENPCC_ASSERT(key.size() == key_size(aead));
    context_->use = use;
    must(EVP_CipherInit_ex2(context_->cipher.get(), fetched(aead), key.data(), nullptr, use == Use::kSeal ? 1 : 0,
                            nullptr));
}
AeadKey::~AeadKey() = default;  // EVP_CIPHER_CTX_free cleanses the key schedule
AeadKey::AeadKey(AeadKey&&) noexcept = default;
AeadKey& AeadKey::operator=(AeadKey&&) noexcept = default;

namespace {

// update feeds bytes in pieces that an int can count. Without `out` they are additional data.
bool update(EVP_CIPHER_CTX* context, ByteView in, std::uint8_t* out) {
    constexpr std::size_t kMost = std::size_t{1} << 30;
    while (!in.empty()) {
        const ByteView part = in.first(std::min(in.size(), kMost));
        int written = 0;
        if (EVP_CipherUpdate(context, out, &written, part.data(), size_for_openssl(part.size())) != 1) return false;
        if (out != nullptr) out += part.size();
        in = in.subspan(part.size());
    }
    return true;
}

}  // namespace

void AeadKey::seal(const Nonce& nonce, ByteView aad, ByteView plaintext, ByteSpan out) {
    OPENPCC_ASSERT(context_ != nullptr && context_->use == Use::kSeal);
    OPENPCC_ASSERT(out.size() == plaintext.size() + kTagSize);
    EVP_CIPHER_CTX* cipher = context_->cipher.get();
    // Only the nonce changes; the key schedule stays.
    must(EVP_EncryptInit_ex2(cipher, nullptr, nullptr, nonce.data(), nullptr));
    OPENPCC_ASSERT(update(cipher, aad, nullptr) && update(cipher, plaintext, out.data()));
    int written = 0;
    const ByteSpan tag = out.last(kTagSize);
    must(EVP_EncryptFinal_ex(cipher, tag.data(), &written));
    must(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, kTagSize, tag.data()));
}

Result<void> AeadKey::open(const Nonce& nonce, ByteView aad, ByteView ciphertext, ByteSpan out) {
    OPENPCC_ASSERT(context_ != nullptr && context_->use == Use::kOpen);
    if (ciphertext.size() < kTagSize) {
        wipe(out);
        return fail(kBadTag);
    }
    OPENPCC_ASSERT(out.size() == ciphertext.size() - kTagSize);
    EVP_CIPHER_CTX* cipher = context_->cipher.get();
    ByteArray<kTagSize> tag = ByteArray<kTagSize>::from_view(ciphertext.last(kTagSize));
    must(EVP_DecryptInit_ex2(cipher, nullptr, nullptr, nonce.data(), nullptr));
    must(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, kTagSize, tag.data()));
    int written = 0;
    std::uint8_t none = 0;
    if (update(cipher, aad, nullptr) && update(cipher, ciphertext.first(out.size()), out.data()) &&
        EVP_DecryptFinal_ex(cipher, &none, &written) == 1)
        return {};
    wipe(out);
    ERR_clear_error();
    return fail(kBadTag);
}

}  // namespace openpcc::crypto

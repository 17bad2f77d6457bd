// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"

namespace openpcc::crypto {

// AEADs by their HPKE code point (RFC 9180 section 7.3).
enum class Aead : std::uint16_t { kAes128Gcm = 0x0001, kAes256Gcm = 0x0002, kChaCha20Poly1305 = 0x0003 };

bool is_supported(Aead aead);
std::size_t key_size(Aead aead);                 // Nk
inline constexpr std::size_t kNonceSize = 12;    // Nn
inline constexpr std::size_t kTagSize = 16;      // Nt
using Nonce = ByteArray<kNonceSize, struct NonceTag>;

// AeadKey is a key ready for use: one cipher context, keyed once, for one direction. Movable, one owner, one thread at a
// time. No allocation or fetch per call.
class AeadKey {
  public:
    enum class Use { kSeal, kOpen };
    // The key's size must be key_size(aead); anything else is a bug (asserted).
    AeadKey(Aead aead, Use use, ByteView key);
    ~AeadKey();
    AeadKey(AeadKey&&) noexcept;
    AeadKey& operator=(AeadKey&&) noexcept;

    // seal writes ciphertext and tag; out.size() == plaintext.size() + kTagSize (asserted). In-place is allowed.
    void seal(const Nonce& nonce, ByteView aad, ByteView plaintext, ByteSpan out);
    // open writes the plaintext only when the tag fits; otherwise `out` is wiped and the result is crypto.bad_tag.
    // out.size() == ciphertext.size() - kTagSize; a ciphertext shorter than a tag is crypto.bad_tag.
    Result<void> open(const Nonce& nonce, ByteView aad, ByteView ciphertext, ByteSpan out);

  private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace openpcc::crypto

// SPDX-License-Identifier: Apache-2.0
#include "crypto/chunked_aead.hpp"

#include "core/assert.hpp"
#include "crypto/errors.hpp"

namespace openpcc::crypto {

namespace {

constexpr std::uint64_t kMostChunks = std::uint64_t{1} << 32;

AeadKey keyed(Aead aead, AeadKey::Use use, const StreamKeys& keys) {
    return keys.key.with([&](ByteView key) { return AeadKey(aead, use, key); });
}

// draft-ietf-ohai-chunked-ohttp-08 section 6.2: the last chunk is marked by its AAD, so a cut stream is no stream.
ByteView final_aad() { return as_bytes("final"); }

}  // namespace

Nonce nonce_for(const Nonce& base, std::uint64_t counter) {
    Nonce out = base;
    for (std::size_t i = 0; i < sizeof(counter); ++i)
        out.bytes[kNonceSize - 1 - i] ^= static_cast<std::uint8_t>(counter >> (8 * i));
    return out;
}

ChunkSealer::ChunkSealer(Aead aead, const StreamKeys& keys)
    : key_(keyed(aead, AeadKey::Use::kSeal, keys)), base_nonce_(keys.base_nonce) {}

Result<void> ChunkSealer::seal(ByteView plaintext, ByteSpan out) {
    // The last counter value is kept for the final chunk: a stream that cannot end would be useless.
    if (ended_ || counter_ >= kMostChunks - 1) return fail(kExhausted);
    key_.seal(nonce_for(base_nonce_, counter_++), {}, plaintext, out);
    return {};
}

Result<void> ChunkSealer::seal_final(ByteView plaintext, ByteSpan out) {
    if (ended_ || counter_ >= kMostChunks) return fail(kExhausted);
    ended_ = true;
    key_.seal(nonce_for(base_nonce_, counter_++), final_aad(), plaintext, out);
    return {};
}

ChunkOpener::ChunkOpener(Aead aead, const StreamKeys& keys)
    : key_(keyed(aead, AeadKey::Use::kOpen, keys)), base_nonce_(keys.base_nonce) {}

Result<void> ChunkOpener::open_with(ByteView aad, ByteView ciphertext, ByteSpan out) {
    if (dead_ || complete_ || counter_ >= kMostChunks) {
        dead_ = true;
        wipe(out);
        return fail(kBadTag);
    }
    auto opened = key_.open(nonce_for(base_nonce_, counter_), aad, ciphertext, out);
    if (!opened) {
        dead_ = true;
        return opened;
    }
    ++counter_;
    return {};
}

Result<void> ChunkOpener::open(ByteView ciphertext, ByteSpan out) { return open_with({}, ciphertext, out); }

Result<void> ChunkOpener::open_final(ByteView ciphertext, ByteSpan out) {
    OPENPCC_CHECK(open_with(final_aad(), ciphertext, out));
    complete_ = true;
    return {};
}

}  // namespace openpcc::crypto

// SPDX-License-Identifier: Apache-2.0
#include "crypto/kdf.hpp"

#include <array>

#include "crypto/openssl.hpp"

// HMAC is built here on cached digest contexts: OpenSSL's EVP_KDF and EVP_MAC spend several times the cost of the four
// compressions on fetching and parameters (measured: HKDF eight times slower).
namespace openpcc::crypto {

namespace {

constexpr std::size_t kLargestBlock = 128;
constexpr std::size_t kLargestDigest = 64;

std::size_t block_size(Hash hash) { return hash == Hash::kSha256 ? 64 : 128; }

// Hmac is one keyed HMAC that can run again and again; the padded key and the thread's digest state are wiped at the
// end.
class Hmac {
  public:
    Hmac(Hash hash, ByteView key) : hash_(hash) {
        if (key.size() > block_size(hash))
            digest_into(hash, {key}, ByteSpan(key_).first(digest_size(hash)));
        else
            std::ranges::copy(key, key_.begin());
    }
    ~Hmac() {
        wipe(key_);
        // The start of SHA-256 clears its whole state; that of the 64-bit family does not, but padding a block does.
        if (hash_ == Hash::kSha256) {
            must(EVP_DigestInit_ex2(thread_digest(hash_), fetched(hash_), nullptr));
        } else {
            std::array<std::uint8_t, kLargestDigest> unused;
            digest_into(hash_, {}, ByteSpan(unused).first(digest_size(hash_)));
        }
    }
    Hmac(const Hmac&) = delete;
    Hmac& operator=(const Hmac&) = delete;

    // RFC 2104 section 2: H(K XOR opad, H(K XOR ipad, text)). The text is `first`, then `parts`, then `last`.
    void run(ByteView first, std::initializer_list<ByteView> parts, ByteView last, ByteSpan out) {
        const std::size_t size = digest_size(hash_);
        std::array<std::uint8_t, kLargestBlock> pad;
        std::array<std::uint8_t, kLargestDigest> inner;
        EVP_MD_CTX* context = start(pad, 0x36);
        must(EVP_DigestUpdate(context, first.data(), first.size()));
        for (const ByteView part : parts) must(EVP_DigestUpdate(context, part.data(), part.size()));
        must(EVP_DigestUpdate(context, last.data(), last.size()));
        must(EVP_DigestFinal_ex(context, inner.data(), nullptr));
        context = start(pad, 0x5c);
        must(EVP_DigestUpdate(context, inner.data(), size));
        must(EVP_DigestFinal_ex(context, out.data(), nullptr));
        wipe(pad);
        wipe(inner);
    }

  private:
    EVP_MD_CTX* start(std::array<std::uint8_t, kLargestBlock>& pad, std::uint8_t with) {
        for (std::size_t i = 0; i < pad.size(); ++i) pad[i] = key_[i] ^ with;
        EVP_MD_CTX* context = thread_digest(hash_);
        must(EVP_DigestInit_ex2(context, fetched(hash_), nullptr));
        must(EVP_DigestUpdate(context, pad.data(), block_size(hash_)));
        return context;
    }

    Hash hash_;
    std::array<std::uint8_t, kLargestBlock> key_{};
};

}  // namespace

SecretBytes hmac(Hash hash, ByteView key, std::initializer_list<ByteView> parts) {
    SecretBytes out(digest_size(hash));
    Hmac mac(hash, key);
    out.fill([&](ByteSpan span) { mac.run({}, parts, {}, span); });
    return out;
}

SecretBytes hkdf_extract(Hash hash, ByteView salt, ByteView ikm) { return hmac(hash, salt, {ikm}); }

SecretBytes hkdf_extract(Hash hash, ByteView salt, std::initializer_list<ByteView> ikm) {
    return hmac(hash, salt, ikm);
}

SecretBytes hkdf_expand(Hash hash, ByteView prk, std::initializer_list<ByteView> info, std::size_t length) {
    const std::size_t size = digest_size(hash);
    OPENPCC_ASSERT(length <= 255 * size);  // RFC 5869 section 2.3
    SecretBytes out(length);
    Hmac mac(hash, prk);
    std::array<std::uint8_t, kLargestDigest> block;
    ByteView previous;
    out.fill([&](ByteSpan span) {
        std::uint8_t counter = 0;
        for (std::size_t at = 0; at < length; at += size) {
            ++counter;
            mac.run(previous, info, ByteView(&counter, 1), ByteSpan(block).first(size));
            previous = ByteView(block).first(size);
            std::ranges::copy(previous.first(std::min(size, length - at)), span.subspan(at).begin());
        }
    });
    wipe(block);
    return out;
}

SecretBytes hkdf_expand(Hash hash, ByteView prk, ByteView info, std::size_t length) {
    return hkdf_expand(hash, prk, {info}, length);
}

SecretBytes hkdf_expand(Hash hash, const SecretBytes& prk, ByteView info, std::size_t length) {
    return prk.with([&](ByteView view) { return hkdf_expand(hash, view, {info}, length); });
}

}  // namespace openpcc::crypto

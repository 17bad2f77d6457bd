// SPDX-License-Identifier: Apache-2.0
#include "crypto/hash.hpp"

#include "crypto/openssl.hpp"

namespace openpcc::crypto {

// One context per thread and algorithm: starting it again allocates nothing.
EVP_MD_CTX* thread_digest(Hash hash) {
    thread_local const MdCtx contexts[] = {MdCtx(must(EVP_MD_CTX_new())), MdCtx(must(EVP_MD_CTX_new())),
                                           MdCtx(must(EVP_MD_CTX_new()))};
    return contexts[static_cast<std::size_t>(hash)].get();
}

std::size_t digest_size(Hash hash) {
    switch (hash) {
        case Hash::kSha256:
            return 32;
        case Hash::kSha384:
            return 48;
        case Hash::kSha512:
            return 64;
    }
    OPENPCC_ASSERT(false);
}

void digest_into(Hash hash, std::initializer_list<ByteView> parts, ByteSpan out) {
    OPENPCC_ASSERT(out.size() == digest_size(hash));
    EVP_MD_CTX* context = thread_digest(hash);
    must(EVP_DigestInit_ex2(context, fetched(hash), nullptr));
    for (const ByteView part : parts) must(EVP_DigestUpdate(context, part.data(), part.size()));
    must(EVP_DigestFinal_ex(context, out.data(), nullptr));
}

Bytes digest(Hash hash, std::initializer_list<ByteView> parts) {
    Bytes out(digest_size(hash));
    digest_into(hash, parts, out.span());
    return out;
}

Digest256 sha256(std::initializer_list<ByteView> parts) {
    Digest256 out;
    digest_into(Hash::kSha256, parts, out.span());
    return out;
}

ByteArray<48> sha384(ByteView bytes) {
    ByteArray<48> out;
    digest_into(Hash::kSha384, {bytes}, out.span());
    return out;
}

ByteArray<64> sha512(std::initializer_list<ByteView> parts) {
    ByteArray<64> out;
    digest_into(Hash::kSha512, parts, out.span());
    return out;
}

struct Sha256Stream::Context {
    MdCtx md{must(EVP_MD_CTX_new())};
};

Sha256Stream::Sha256Stream() : context_(std::make_unique<Context>()) {
    must(EVP_DigestInit_ex2(context_->md.get(), fetched(Hash::kSha256), nullptr));
}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::update(ByteView bytes) {
    OPENPCC_ASSERT(context_ != nullptr);
    must(EVP_DigestUpdate(context_->md.get(), bytes.data(), bytes.size()));
}

Digest256 Sha256Stream::finish() && {
    const std::unique_ptr<Context> context = std::move(context_);
    OPENPCC_ASSERT(context != nullptr);
    Digest256 out;
    must(EVP_DigestFinal_ex(context->md.get(), out.data(), nullptr));
    return out;
}

}  // namespace openpcc::crypto

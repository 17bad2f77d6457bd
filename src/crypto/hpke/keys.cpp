// SPDX-License-Identifier: Apache-2.0
#include "crypto/errors.hpp"
#include "crypto/hpke/kem.hpp"
#include "crypto/hpke/ml_kem.hpp"

namespace openpcc::hpke {

using crypto::must;

namespace {

constexpr std::size_t kPrivateSize = 32;  // Nsk of all three KEMs; for kXWing the seed

// shake256 is how X-Wing keys grow out of their seed; the output is a secret.
SecretBytes shake256(std::initializer_list<ByteView> parts, std::size_t length) {
    static const EVP_MD* const kFetched = must(EVP_MD_fetch(nullptr, "SHAKE256", nullptr));
    const crypto::MdCtx context(must(EVP_MD_CTX_new()));
    must(EVP_DigestInit_ex2(context.get(), kFetched, nullptr));
    for (const ByteView part : parts) must(EVP_DigestUpdate(context.get(), part.data(), part.size()));
    SecretBytes out(length);
    out.fill([&](ByteSpan span) { must(EVP_DigestFinalXOF(context.get(), span.data(), span.size())); });
    return out;
}

PrivateKey make_private(PublicKey::Handle&& shown, crypto::Pkey x25519, SecretBytes p256_scalar, crypto::Pkey ml_kem) {
    PublicKey public_key(std::make_shared<const PublicKey::Handle>(std::move(shown)));
    return PrivateKey(std::make_unique<PrivateKey::Handle>(
        PrivateKey::Handle{std::move(public_key), std::move(x25519), std::move(p256_scalar), std::move(ml_kem)}));
}

PrivateKey make_x25519(ByteView scalar) {
    crypto::Pkey key = x25519_private(scalar);
    PublicKey::Handle shown{.kem = Kem::kX25519, .bytes = x25519_public_bytes(key.get())};
    return make_private(std::move(shown), std::move(key), {}, nullptr);
}

PrivateKey make_p256(ByteView scalar) {
    PublicKey::Handle shown{.kem = Kem::kP256, .bytes = p256_public_bytes(p256_base_times(scalar).get())};
    return make_private(std::move(shown), nullptr, SecretBytes::copy_from(scalar), nullptr);
}

// expandDecapsulationKey (draft-connolly-cfrg-xwing-kem section 5.2): SHAKE256(seed, 96) = d | z | X25519 scalar.
PrivateKey make_xwing(ByteView seed) {
    return shake256({seed}, kMlKemSeedSize + kX25519Size).with([](ByteView expanded) {
        crypto::Pkey ml_kem = std::move(*ml_kem_private(expanded.first(kMlKemSeedSize)));
        crypto::Pkey x25519 = x25519_private(expanded.subspan(kMlKemSeedSize));
        PublicKey::Handle shown{.kem = Kem::kXWing, .bytes = ml_kem_public_bytes(ml_kem.get())};
        shown.bytes.append(x25519_public_bytes(x25519.get()));
        return make_private(std::move(shown), std::move(x25519), {}, std::move(ml_kem));
    });
}

// DeriveKeyPair of P-256 (RFC 9180 section 7.1.3): candidates until one is in range.
Result<PrivateKey> derive_p256(const LabeledKdf& kdf, const SecretBytes& prk) {
    for (unsigned counter = 0; counter <= 255; ++counter) {
        const auto byte = static_cast<std::uint8_t>(counter);
        const SecretBytes candidate = kdf.expand(prk, "candidate", ByteView(&byte, 1), {}, kP256ScalarSize);
        if (candidate.with(p256_scalar_ok)) return candidate.with(make_p256);
    }
    return fail(crypto::kBadKey);
}

// DeriveKeyPair of draft-ietf-hpke-pq: the seed is SHAKE256.LabeledDerive(ikm, "DeriveKeyPair", "", 32).
Result<PrivateKey> derive_xwing(ByteView suite_id, ByteView ikm) {
    static constexpr std::string_view kLabel = "DeriveKeyPair";
    static constexpr std::uint8_t kLabelSize[] = {0, kLabel.size()};
    static constexpr std::uint8_t kLength[] = {0, kPrivateSize};
    return shake256({ikm, as_bytes("HPKE-v1"), suite_id, kLabelSize, as_bytes(kLabel), kLength}, kPrivateSize)
        .with(make_xwing);
}

}  // namespace

Result<PublicKey> PublicKey::parse(Kem kem, ByteView bytes) {
    if (public_key_size(kem) == 0) return fail(crypto::kUnsupported);
    if (bytes.size() != public_key_size(kem)) return fail(crypto::kBadKey);
    Handle shown{.kem = kem, .bytes = Bytes(bytes)};
    // Known and of no use here: it can be named and passed on, and every set-up refuses it.
    if (!is_supported(kem)) return PublicKey(std::make_shared<const Handle>(std::move(shown)));
    switch (kem) {
        case Kem::kX25519:
            shown.x25519 = x25519_public(bytes);
            break;
        case Kem::kP256: {
            OPENPCC_TRY(shown.p256, p256_public(bytes));
            break;
        }
        case Kem::kXWing: {
            OPENPCC_TRY(shown.ml_kem, ml_kem_public(bytes.first(kMlKemPublicSize)));
            shown.x25519 = x25519_public(bytes.subspan(kMlKemPublicSize));
            break;
        }
    }
    return PublicKey(std::make_shared<const Handle>(std::move(shown)));
}

Kem PublicKey::kem() const { return handle_->kem; }
ByteView PublicKey::bytes() const { return handle_->bytes; }

PrivateKey::PrivateKey(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
PrivateKey::PrivateKey(PrivateKey&&) noexcept = default;
PrivateKey& PrivateKey::operator=(PrivateKey&&) noexcept = default;
PrivateKey::~PrivateKey() = default;
const PublicKey& PrivateKey::public_key() const { return handle_->public_key; }

Result<PrivateKey> PrivateKey::generate(Kem kem, Random& random) {
    if (!is_supported(kem)) return fail(crypto::kUnsupported);
    const auto drawn = random.secret<Secret<kPrivateSize, struct DrawnTag>>();
    // A drawn number may be no scalar of P-256, so it is the input of the derivation (RFC 9180 section 7.1.2).
    return drawn.with([&](ByteView view) { return kem == Kem::kP256 ? derive(kem, view) : parse(kem, view); });
}

Result<PrivateKey> PrivateKey::parse(Kem kem, ByteView bytes) {
    if (!is_supported(kem)) return fail(crypto::kUnsupported);
    if (bytes.size() != kPrivateSize) return fail(crypto::kBadKey);
    if (kem == Kem::kX25519) return make_x25519(bytes);
    if (kem == Kem::kXWing) return make_xwing(bytes);
    if (!p256_scalar_ok(bytes)) return fail(crypto::kBadKey);
    return make_p256(bytes);
}

Result<PrivateKey> PrivateKey::derive(Kem kem, ByteView ikm) {
    if (!is_supported(kem)) return fail(crypto::kUnsupported);
    const auto suite_id = kem_suite_id(kem);
    if (kem == Kem::kXWing) return derive_xwing(suite_id, ikm);
    const LabeledKdf kdf(crypto::Hash::kSha256, suite_id);
    const SecretBytes prk = kdf.extract({}, "dkp_prk", ikm);
    if (kem == Kem::kP256) return derive_p256(kdf, prk);
    return kdf.expand(prk, "sk", {}, {}, kX25519Size).with(make_x25519);
}

}  // namespace openpcc::hpke

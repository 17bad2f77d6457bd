// SPDX-License-Identifier: Apache-2.0
#include "crypto/hpke/kem.hpp"

#include "crypto/errors.hpp"
#include "crypto/hpke/ml_kem.hpp"

namespace openpcc::hpke {

using crypto::must;

namespace {

constexpr std::string_view kVersion = "HPKE-v1";

std::array<std::uint8_t, 2> two_bytes(std::size_t value) {
    return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

// ExtractAndExpand (RFC 9180 section 4.1); both DHKEMs here use HKDF-SHA256 and a 32-byte secret.
SecretBytes extract_and_expand(Kem kem, const SecretBytes& dh, ByteView enc, ByteView recipient) {
    const auto suite_id = kem_suite_id(kem);
    const LabeledKdf kdf(crypto::Hash::kSha256, suite_id);
    const SecretBytes prk = dh.with([&](ByteView view) { return kdf.extract({}, "eae_prk", view); });
    return kdf.expand(prk, "shared_secret", enc, recipient, 32);
}

const EVP_MD* sha3_256() {
    static const EVP_MD* const kFetched = must(EVP_MD_fetch(nullptr, "SHA3-256", nullptr));
    return kFetched;
}

// The combiner (draft-connolly-cfrg-xwing-kem section 5.3): SHA3-256(ssM | ssX | ctX | pkX | label).
SecretBytes combine(const SecretBytes& ml_kem, const SecretBytes& x25519, ByteView ct_x25519, ByteView pk_x25519) {
    static constexpr std::uint8_t kLabel[] = {0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c};
    const crypto::MdCtx context(must(EVP_MD_CTX_new()));
    const auto add = [&](ByteView part) { must(EVP_DigestUpdate(context.get(), part.data(), part.size())); };
    must(EVP_DigestInit_ex2(context.get(), sha3_256(), nullptr));
    ml_kem.with(add);
    x25519.with(add);
    add(ct_x25519);
    add(pk_x25519);
    add(kLabel);
    SecretBytes shared(32);
    shared.fill([&](ByteSpan span) { must(EVP_DigestFinal_ex(context.get(), span.data(), nullptr)); });
    return shared;
}

Result<SecretBytes> decapsulate_xwing(const PrivateKey::Handle& own, ByteView enc) {
    const ByteView ct_ml_kem = enc.first(kMlKemCiphertextSize);
    const ByteView ct_x25519 = enc.subspan(kMlKemCiphertextSize);
    OPENPCC_TRY(const SecretBytes ml_kem, ml_kem_decapsulate(own.ml_kem.get(), ct_ml_kem));
    const crypto::Pkey peer = x25519_public(ct_x25519);
    OPENPCC_TRY(const SecretBytes dh, x25519(own.x25519.get(), peer.get()));
    return combine(ml_kem, dh, ct_x25519, own.public_key.bytes().subspan(kMlKemPublicSize));
}

}  // namespace

SecretBytes LabeledKdf::extract(ByteView salt, std::string_view label, ByteView ikm) const {
    return crypto::hkdf_extract(hash_, salt, {as_bytes(kVersion), suite_id_, as_bytes(label), ikm});
}

SecretBytes LabeledKdf::expand(const SecretBytes& prk, std::string_view label, ByteView info, ByteView more_info,
                               std::size_t length) const {
    const auto size = two_bytes(length);
    return prk.with([&](ByteView view) {
        return crypto::hkdf_expand(hash_, view, {size, as_bytes(kVersion), suite_id_, as_bytes(label), info, more_info},
                                   length);
    });
}

ByteArray<5> kem_suite_id(Kem kem) {
    const auto id = two_bytes(static_cast<std::uint16_t>(kem));
    return {{'K', 'E', 'M', id[0], id[1]}};
}

Result<Encapsulated> encapsulate_dh(const PublicKey& recipient, const PrivateKey& ephemeral) {
    const PublicKey::Handle& to = recipient.handle();
    if (!to.prepared()) {
        OPENPCC_TRY(const PublicKey prepared, PublicKey::parse(to.kem, to.bytes));
        return encapsulate_dh(prepared, ephemeral);
    }
    const PrivateKey::Handle& own = ephemeral.handle();
    OPENPCC_TRY(const SecretBytes dh, to.kem == Kem::kX25519 ? x25519(own.x25519.get(), to.x25519.get())
                                                             : own.p256_scalar.with([&](ByteView scalar) {
                                                                   return p256(scalar, to.p256.get());
                                                               }));
    const ByteView enc = own.public_key.bytes();
    return Encapsulated{Bytes(enc), extract_and_expand(to.kem, dh, enc, to.bytes)};
}

Result<Encapsulated> encapsulate_xwing(const PublicKey& recipient, ByteView random) {
    OPENPCC_ASSERT(random.size() == kXWingRandomSize);
    const PublicKey::Handle& to = recipient.handle();
    if (!to.prepared()) {
        OPENPCC_TRY(const PublicKey prepared, PublicKey::parse(to.kem, to.bytes));
        return encapsulate_xwing(prepared, random);
    }
    const crypto::Pkey ephemeral = x25519_private(random.subspan(kMlKemRandomSize));
    OPENPCC_TRY(const SecretBytes dh, x25519(ephemeral.get(), to.x25519.get()));
    MlKemEncapsulated ml_kem = ml_kem_encapsulate(to.ml_kem.get(), random.first(kMlKemRandomSize));
    const Bytes ct_x25519 = x25519_public_bytes(ephemeral.get());
    SecretBytes shared = combine(ml_kem.shared, dh, ct_x25519, to.bytes.view().subspan(kMlKemPublicSize));
    ml_kem.ciphertext.append(ct_x25519);
    return Encapsulated{std::move(ml_kem.ciphertext), std::move(shared)};
}

Result<SecretBytes> decapsulate(const PrivateKey& recipient, ByteView enc) {
    const PrivateKey::Handle& own = recipient.handle();
    const Kem kem = own.public_key.kem();
    if (enc.size() != enc_size(kem)) return fail(crypto::kBadKey);
    if (kem == Kem::kXWing) return decapsulate_xwing(own, enc);
    if (kem == Kem::kX25519) {
        const crypto::Pkey peer = x25519_public(enc);
        OPENPCC_TRY(const SecretBytes dh, x25519(own.x25519.get(), peer.get()));
        return extract_and_expand(kem, dh, enc, own.public_key.bytes());
    }
    OPENPCC_TRY(const crypto::EcPoint peer, p256_public(enc));
    OPENPCC_TRY(const SecretBytes dh, own.p256_scalar.with([&](ByteView scalar) { return p256(scalar, peer.get()); }));
    return extract_and_expand(kem, dh, enc, own.public_key.bytes());
}

}  // namespace openpcc::hpke

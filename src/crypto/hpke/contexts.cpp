// SPDX-License-Identifier: Apache-2.0
#include "core/assert.hpp"
#include "crypto/chunked_aead.hpp"
#include "crypto/errors.hpp"
#include "crypto/hpke/hpke.hpp"
#include "crypto/hpke/kem.hpp"

namespace openpcc::hpke {

bool is_supported(Kem kem) { return kem == Kem::kX25519 || kem == Kem::kP256 || (kem == Kem::kXWing && have_ml_kem()); }

std::vector<Kem> served_kems() {
    if (have_ml_kem()) return {Kem::kXWing, Kem::kX25519};
    return {Kem::kX25519};
}

bool is_supported(Kdf kdf) { return kdf == Kdf::kHkdfSha256 || kdf == Kdf::kHkdfSha384 || kdf == Kdf::kHkdfSha512; }

std::size_t public_key_size(Kem kem) {
    switch (kem) {
        case Kem::kP256:
            return 65;
        case Kem::kX25519:
            return 32;
        case Kem::kXWing:
            return 1216;
    }
    return 0;
}

std::size_t enc_size(Kem kem) { return kem == Kem::kXWing ? 1120 : public_key_size(kem); }

namespace {

crypto::Hash hash_of(Kdf kdf) {
    return kdf == Kdf::kHkdfSha256   ? crypto::Hash::kSha256
           : kdf == Kdf::kHkdfSha384 ? crypto::Hash::kSha384
                                     : crypto::Hash::kSha512;
}

bool is_supported(const Suite& suite) {
    return is_supported(suite.kem) && is_supported(suite.kdf) && crypto::is_supported(suite.aead);
}

// suite_id_of is "HPKE" | kem | kdf | aead (RFC 9180 section 5.1).
ByteArray<10> suite_id_of(const Suite& suite) {
    ByteArray<10> out{{'H', 'P', 'K', 'E'}};
    std::size_t at = 4;
    for (const auto id : {static_cast<std::uint16_t>(suite.kem), static_cast<std::uint16_t>(suite.kdf),
                          static_cast<std::uint16_t>(suite.aead)}) {
        out.bytes[at++] = static_cast<std::uint8_t>(id >> 8);
        out.bytes[at++] = static_cast<std::uint8_t>(id);
    }
    return out;
}

SecretBytes export_from(const Suite& suite, const SecretBytes& exporter, ByteView context, std::size_t length) {
    const auto suite_id = suite_id_of(suite);
    return LabeledKdf(hash_of(suite.kdf), suite_id).expand(exporter, "sec", context, {}, length);
}

}  // namespace

struct ContextAccess {
    // KeySchedule with mode_base, psk and psk_id empty (RFC 9180 section 5.1).
    template <class Context>
    static Context make(const Suite& suite, crypto::AeadKey::Use use, const SecretBytes& shared, ByteView info) {
        const auto suite_id = suite_id_of(suite);
        const LabeledKdf kdf(hash_of(suite.kdf), suite_id);
        Bytes schedule{0x00};  // mode_base
        kdf.extract({}, "psk_id_hash", {}).with([&](ByteView view) { schedule.append(view); });
        kdf.extract({}, "info_hash", info).with([&](ByteView view) { schedule.append(view); });
        const SecretBytes secret = shared.with([&](ByteView salt) { return kdf.extract(salt, "secret", {}); });
        const SecretBytes key = kdf.expand(secret, "key", schedule, {}, crypto::key_size(suite.aead));
        const SecretBytes nonce = kdf.expand(secret, "base_nonce", schedule, {}, crypto::kNonceSize);
        SecretBytes exporter = kdf.expand(secret, "exp", schedule, {}, crypto::digest_size(kdf.hash()));
        return Context(suite.aead, key.with([&](ByteView view) { return crypto::AeadKey(suite.aead, use, view); }),
                       nonce.with([](ByteView view) { return crypto::Nonce::from_view(view); }), std::move(exporter),
                       suite);
    }

    static Sender make_sender(const Suite& suite, Encapsulated&& encapsulated, ByteView info) {
        return Sender{std::move(encapsulated.enc),
                      make<SenderContext>(suite, crypto::AeadKey::Use::kSeal, encapsulated.shared, info)};
    }
};

Result<void> SenderContext::seal(ByteView aad, ByteView plaintext, ByteSpan out) {
    if (sequence_ == UINT64_MAX) return fail(crypto::kExhausted);  // RFC 9180 section 5.2: never wrap
    key_.seal(crypto::nonce_for(base_nonce_, sequence_++), aad, plaintext, out);
    return {};
}

Result<Bytes> SenderContext::seal(ByteView aad, ByteView plaintext) {
    Bytes out(plaintext.size() + crypto::kTagSize);
    OPENPCC_CHECK(seal(aad, plaintext, out.span()));
    return out;
}

SecretBytes SenderContext::export_secret(ByteView exporter_context, std::size_t length) const {
    return export_from(suite_, exporter_, exporter_context, length);
}

Result<void> ReceiverContext::open(ByteView aad, ByteView ciphertext, ByteSpan out) {
    if (sequence_ == UINT64_MAX) return fail(crypto::kExhausted);
    OPENPCC_CHECK(key_.open(crypto::nonce_for(base_nonce_, sequence_), aad, ciphertext, out));
    ++sequence_;
    return {};
}

Result<SecretBytes> ReceiverContext::open(ByteView aad, ByteView ciphertext) {
    if (ciphertext.size() < crypto::kTagSize) return fail(crypto::kBadTag);
    SecretBytes out(ciphertext.size() - crypto::kTagSize);
    OPENPCC_CHECK(out.fill([&](ByteSpan span) { return open(aad, ciphertext, span); }));
    return out;
}

SecretBytes ReceiverContext::export_secret(ByteView exporter_context, std::size_t length) const {
    return export_from(suite_, exporter_, exporter_context, length);
}

Result<Sender> setup_sender(const Suite& suite, const PublicKey& recipient, ByteView info, Random& random) {
    if (!is_supported(suite) || suite.kem != recipient.kem()) return fail(crypto::kUnsupported);
    if (suite.kem == Kem::kXWing) {
        const auto drawn = random.secret<Secret<kXWingRandomSize, struct DrawnTag>>();
        return drawn.with([&](ByteView view) { return setup_sender_with(suite, recipient, info, view); });
    }
    OPENPCC_TRY(PrivateKey ephemeral, PrivateKey::generate(suite.kem, random));
    return setup_sender_with(suite, recipient, info, std::move(ephemeral));
}

Result<Sender> setup_sender_with(const Suite& suite, const PublicKey& recipient, ByteView info, ByteView ephemeral) {
    if (!is_supported(suite) || suite.kem != recipient.kem()) return fail(crypto::kUnsupported);
    if (suite.kem == Kem::kXWing) {
        if (ephemeral.size() != kXWingRandomSize) return fail(crypto::kBadKey);
        OPENPCC_TRY(Encapsulated encapsulated, encapsulate_xwing(recipient, ephemeral));
        return ContextAccess::make_sender(suite, std::move(encapsulated), info);
    }
    OPENPCC_TRY(PrivateKey key, PrivateKey::parse(suite.kem, ephemeral));
    return setup_sender_with(suite, recipient, info, std::move(key));
}

Result<Sender> setup_sender_with(const Suite& suite, const PublicKey& recipient, ByteView info, PrivateKey ephemeral) {
    if (!is_supported(suite) || suite.kem != recipient.kem() || suite.kem == Kem::kXWing ||
        suite.kem != ephemeral.public_key().kem())
        return fail(crypto::kUnsupported);
    OPENPCC_TRY(Encapsulated encapsulated, encapsulate_dh(recipient, ephemeral));
    return ContextAccess::make_sender(suite, std::move(encapsulated), info);
}

Result<ReceiverContext> setup_receiver(const Suite& suite, const PrivateKey& recipient, ByteView enc, ByteView info) {
    if (!is_supported(suite) || suite.kem != recipient.public_key().kem()) return fail(crypto::kUnsupported);
    OPENPCC_TRY(const SecretBytes shared, decapsulate(recipient, enc));
    return ContextAccess::make<ReceiverContext>(suite, crypto::AeadKey::Use::kOpen, shared, info);
}

}  // namespace openpcc::hpke

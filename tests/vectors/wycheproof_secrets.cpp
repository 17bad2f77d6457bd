// SPDX-License-Identifier: Apache-2.0
// AEADs, key agreement, key derivation and ML-KEM.
#include <fmt/format.h>

#include "crypto/aead.hpp"
#include "crypto/hpke/dh.hpp"
#include "crypto/hpke/hpke.hpp"
#include "crypto/hpke/ml_kem.hpp"
#include "crypto/kdf.hpp"
#include "vectors/wycheproof.hpp"

namespace openpcc::vectors {

namespace {

bool same(const SecretBytes& secret, ByteView expected) {
    return secret.with([&](ByteView view) { return equal(view, expected); });
}

std::optional<crypto::Aead> aead_of(std::string_view algorithm, std::uint64_t key_bits) {
    if (algorithm == "CHACHA20-POLY1305" && key_bits == 256) return crypto::Aead::kChaCha20Poly1305;
    if (algorithm != "AES-GCM") return std::nullopt;
    if (key_bits == 128) return crypto::Aead::kAes128Gcm;
    if (key_bits == 256) return crypto::Aead::kAes256Gcm;
    return std::nullopt;
}

const char* replay_one_aead(crypto::Aead aead, const json::object& test) {
    const Bytes key = hex(test, "key");
    const Bytes aad = hex(test, "aad");
    const Bytes message = hex(test, "msg");
    const Bytes sealed = concat(hex(test, "ct"), hex(test, "tag"));
    const auto nonce = crypto::Nonce::from_view(hex(test, "iv"));
    if (key.size() != crypto::key_size(aead) || sealed.size() < crypto::kTagSize) return "sizes not as the group says";
    crypto::AeadKey opener(aead, crypto::AeadKey::Use::kOpen, key);
    Bytes opened(sealed.size() - crypto::kTagSize);
    const bool accepted = opener.open(nonce, aad, sealed, opened.span()).has_value();
    if (!must_accept(test, false)) {
        if (accepted) return "accepted";
        return std::ranges::count(opened, 0) == static_cast<long>(opened.size()) ? nullptr : "output not wiped";
    }
    if (!accepted || opened != message) return "not opened";
    crypto::AeadKey sealer(aead, crypto::AeadKey::Use::kSeal, key);
    Bytes out(message.size() + crypto::kTagSize);
    sealer.seal(nonce, aad, message, out.span());
    if (out != sealed) return "sealed otherwise";
    // In place, as the interface allows.
    std::ranges::copy(message, out.span().begin());
    sealer.seal(nonce, aad, out.view().first(message.size()), out.span());
    return out == sealed ? nullptr : "sealed otherwise in place";
}

std::optional<crypto::Hash> hash_of(std::string_view algorithm) {
    if (algorithm.ends_with("256")) return crypto::Hash::kSha256;
    if (algorithm.ends_with("384")) return crypto::Hash::kSha384;
    if (algorithm.ends_with("512")) return crypto::Hash::kSha512;
    return std::nullopt;
}

// Numbers come with a leading zero octet or without leading zeros; ours have their full width.
Bytes full_width(ByteView number) {
    while (number.size() > hpke::kP256ScalarSize && number[0] == 0) number = number.subspan(1);
    Bytes out(hpke::kP256ScalarSize - std::min(number.size(), hpke::kP256ScalarSize));
    out.append(number);
    return out;
}

bool ml_kem_here(const Group& group, Tally& tally) {
    if (text(*group.object, "parameterSet") != "ML-KEM-768")
        skip_group(group, tally, "ML-KEM parameter sets other than 768 are not used here");
    else if (!hpke::have_ml_kem())
        skip_group(group, tally, "ML-KEM: needs ML-KEM (OpenSSL 3.5)");
    else
        return true;
    return false;
}

}  // namespace

void replay_aead(const Group& group, Tally& tally) {
    const auto aead = aead_of(group.algorithm, number(*group.object, "keySize"));
    if (!aead) return skip_group(group, tally, fmt::format("{} with this key size is not used here", group.algorithm));
    if (number(*group.object, "ivSize") != 96)
        return skip_group(group, tally, "AEAD nonces other than 96 bits cannot be expressed (crypto::Nonce)");
    if (number(*group.object, "tagSize") != 128)
        return skip_group(group, tally, "AEAD tags other than 128 bits cannot be expressed");
    for (const auto& value : group.tests()) {
        const json::object& test = value.as_object();
        const char* problem = replay_one_aead(*aead, test);
        tally.check(problem == nullptr, group.where(test), problem == nullptr ? "" : problem);
    }
}

void replay_x25519(const Group& group, Tally& tally) {
    if (text(*group.object, "curve") != "curve25519")
        return skip_group(group, tally, "XDH other than X25519 is not used");
    for (const auto& value : group.tests()) {
        const json::object& test = value.as_object();
        const bool wanted = must_accept(test, !has_flag(test, "ZeroSharedSecret"));
        const Bytes point = hex(test, "public");
        const Bytes scalar = hex(test, "private");
        bool good = false;
        if (point.size() == hpke::kX25519Size && scalar.size() == hpke::kX25519Size) {
            const auto own = hpke::x25519_private(scalar);
            const auto shared = hpke::x25519(own.get(), hpke::x25519_public(point).get());
            good = shared && same(*shared, hex(test, "shared"));
        }
        tally.check(good == wanted, group.where(test), wanted ? "refused, or another secret" : "accepted");
    }
}

void replay_ecdh(const Group& group, Tally& tally) {
    if (text(*group.object, "curve") != "secp256r1")
        return skip_group(group, tally, "ECDH other than P-256 is not used");
    for (const auto& value : group.tests()) {
        const json::object& test = value.as_object();
        const bool wanted = must_accept(test, false);
        const Bytes scalar = full_width(hex(test, "private"));
        const auto peer = hpke::p256_public(hex(test, "public"));
        bool good = false;
        if (peer && hpke::p256_scalar_ok(scalar)) {
            const auto shared = hpke::p256(scalar, peer->get());
            good = shared && same(*shared, hex(test, "shared"));
        }
        tally.check(good == wanted, group.where(test), wanted ? "refused, or another secret" : "accepted");
    }
}

void replay_hkdf(const Group& group, Tally& tally) {
    const auto hash = hash_of(group.algorithm);
    if (!hash) return skip_group(group, tally, fmt::format("{} is not used here", group.algorithm));
    for (const auto& value : group.tests()) {
        const json::object& test = value.as_object();
        const auto size = static_cast<std::size_t>(number(test, "size"));
        if (size > 255 * crypto::digest_size(*hash)) {
            tally.skip("HKDF beyond 255 digests is a bug of the caller here (asserted), not an input");
            continue;
        }
        const SecretBytes prk = crypto::hkdf_extract(*hash, hex(test, "salt"), hex(test, "ikm"));
        const SecretBytes okm = crypto::hkdf_expand(*hash, prk, hex(test, "info"), size);
        tally.check(same(okm, hex(test, "okm")) == must_accept(test, false), group.where(test), "another output");
    }
}

void replay_hmac(const Group& group, Tally& tally) {
    if (group.algorithm != "HMACSHA256") return skip_group(group, tally, "HMAC other than with SHA-256 is not used");
    if (number(*group.object, "tagSize") != 256)
        return skip_group(group, tally, "HMAC: truncated tags are not offered");
    for (const auto& value : group.tests()) {
        const json::object& test = value.as_object();
        const SecretBytes tag = crypto::hmac(crypto::Hash::kSha256, hex(test, "key"), {hex(test, "msg")});
        const bool good = tag.ct_equal(SecretBytes::copy_from(hex(test, "tag")));
        tally.check(good == must_accept(test, false), group.where(test), "another tag");
    }
}

void replay_ml_kem(const Group& group, Tally& tally) {
    if (!ml_kem_here(group, tally)) return;
    for (const auto& value : group.tests()) {
        const json::object& test = value.as_object();
        const auto own = hpke::ml_kem_private(hex(test, "seed"));
        bool good = false;
        if (own) {
            const auto shared = hpke::ml_kem_decapsulate(own->get(), hex(test, "c"));
            good = shared && same(*shared, hex(test, "K")) && hpke::ml_kem_public_bytes(own->get()) == hex(test, "ek");
        }
        tally.check(good == must_accept(test, false), group.where(test), "decapsulated otherwise");
    }
}

void replay_ml_kem_encapsulate(const Group& group, Tally& tally) {
    if (!ml_kem_here(group, tally)) return;
    for (const auto& value : group.tests()) {
        const json::object& test = value.as_object();
        const auto to = hpke::ml_kem_public(hex(test, "ek"));
        const Bytes m = hex(test, "m");
        bool good = false;
        if (to && m.size() == hpke::kMlKemRandomSize) {
            const auto made = hpke::ml_kem_encapsulate(to->get(), m);
            good = made.ciphertext == hex(test, "c") && same(made.shared, hex(test, "K"));
        }
        tally.check(good == must_accept(test, false), group.where(test), "encapsulated otherwise");
    }
}

void replay_ml_kem_keys(const Group& group, Tally& tally) {
    if (!ml_kem_here(group, tally)) return;
    for (const auto& value : group.tests()) {
        const json::object& test = value.as_object();
        const auto own = hpke::ml_kem_private(hex(test, "seed"));
        const bool good = own && hpke::ml_kem_public_bytes(own->get()) == hex(test, "ek");
        tally.check(good == must_accept(test, false), group.where(test), "another public key");
    }
}

}  // namespace openpcc::vectors

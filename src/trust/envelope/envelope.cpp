// SPDX-License-Identifier: Apache-2.0
#include "trust/envelope/envelope.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "crypto/hash.hpp"
#include "wire/json.hpp"

namespace openpcc::envelope {

namespace {

constexpr std::size_t kMaxDepth = 4;
constexpr std::size_t kMaxType = 128;
constexpr std::size_t kMaxKeyId = 128;
constexpr std::size_t kMaxSignature = 256;
constexpr std::string_view kEd25519Prefix = "openpcc-signer:ed25519:";
constexpr std::string_view kP256Prefix = "openpcc-signer:p256:";
constexpr std::size_t kEd25519Size = 32;
constexpr std::size_t kP256Size = 64;

std::unexpected<Error> malformed(std::string text) { return fail(kMalformed, std::move(text)); }

// members_are: exactly these, in any order; strict JSON has none twice.
bool members_are(const json::Value& value, std::span<const std::string_view> names) {
    return value.is_object() && value.members().size() == names.size() &&
           std::ranges::all_of(names, [&](std::string_view name) { return value.get(name) != nullptr; });
}

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<std::string> text_of(const json::Value& object, std::string_view name, std::size_t limit) {
    const auto text = object.get(name)->as_string();
    if (!text || text->size() > limit || !is_printable(*text))
        return malformed("member `" + std::string(name) + "`: not a printable text, or too long");
    return std::string(*text);
}

Result<Bytes> bytes_of(const json::Value& object, std::string_view name) {
    const auto text = object.get(name)->as_string();
    auto bytes = text ? from_base64(*text) : Result<Bytes>(fail(kMalformed));
    if (!bytes) return malformed("member `" + std::string(name) + "`: not canonical base64");
    return bytes;
}

Result<Signature> read_signature(const json::Value& value) {
    static constexpr std::array<std::string_view, 2> kMembers{"keyid", "sig"};
    if (!members_are(value, kMembers)) return malformed("a signature has other members than keyid and sig");
    Signature out;
    OPENPCC_TRY(out.key_id, text_of(value, "keyid", kMaxKeyId));
    OPENPCC_TRY(out.bytes, bytes_of(value, "sig"));
    if (out.bytes.empty() || out.bytes.size() > kMaxSignature) return malformed("member `sig`: not 1 to 256 bytes");
    return out;
}

bool signed_by(const Signer& signer, ByteView message, const std::vector<Signature>& signatures) {
    return std::ranges::any_of(signatures, [&](const Signature& signature) {
        return signer.key().verify(signer.scheme(), message, signature.bytes).has_value();
    });
}

}  // namespace

Bytes pae(std::string_view type, ByteView payload) {
    const std::string head =
        "DSSEv1 " + std::to_string(type.size()) + " " + std::string(type) + " " + std::to_string(payload.size()) + " ";
    return concat(as_bytes(head), payload);
}

Result<Signer> Signer::of(const crypto::VerifyingKey& key) {
    const auto raw = key.raw();
    if (raw && raw->size() == kEd25519Size) return Signer(key, crypto::Scheme::kEd25519);
    if (raw && raw->size() == kP256Size) return Signer(key, crypto::Scheme::kEcdsaP256Sha256Der);
    return fail(kBadSigner, "neither an Ed25519 nor a P-256 key");
}

Result<Signer> Signer::parse(std::string_view text) {
    const auto raw_after = [&](std::string_view prefix) {
        return text.starts_with(prefix) ? from_hex(text.substr(prefix.size())) : fail(core::kBadText);
    };
    if (const auto raw = raw_after(kEd25519Prefix); raw && raw->size() == kEd25519Size) {
        OPENPCC_TRY(const auto key, crypto::VerifyingKey::parse_ed25519(*raw));
        return of(key);
    }
    if (const auto raw = raw_after(kP256Prefix); raw && raw->size() == kP256Size) {
        OPENPCC_TRY(const auto key, crypto::VerifyingKey::parse_p256(*raw));
        return of(key);
    }
    return fail(kBadSigner, "expected openpcc-signer:ed25519: and 64 hex digits, or openpcc-signer:p256: and 128");
}

std::string Signer::to_text() const {
    const std::string_view prefix = scheme_ == crypto::Scheme::kEd25519 ? kEd25519Prefix : kP256Prefix;
    return std::string(prefix) + to_hex(key_.raw().value_or(Bytes()));
}

std::string Signer::key_id() const { return to_hex(crypto::sha256(key_.spki())); }

Result<SignerSet> SignerSet::make(std::vector<Signer> signers, std::size_t threshold) {
    if (signers.empty() || signers.size() > kMaxSigners) return fail(kBadSigner, "not 1 to 16 signers");
    if (threshold < 1 || threshold > signers.size())
        return fail(kBadSigner, "the threshold is not from 1 to the number of signers");
    for (std::size_t i = 0; i < signers.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (signers[i].key_id() == signers[j].key_id()) return fail(kBadSigner, "a signer stands twice");
    return SignerSet(std::move(signers), threshold);
}

Result<Unverified<Envelope>> Envelope::parse(ByteView text) {
    static constexpr std::array<std::string_view, 3> kMembers{"payload", "payloadType", "signatures"};
    if (text.size() > kMaxEnvelope) return malformed("longer than 512 KiB");
    const auto value = json::parse(text, kMaxDepth);
    if (!value) return malformed("not strict JSON");
    if (!members_are(*value, kMembers)) return malformed("other members than payload, payloadType and signatures");
    Envelope out;
    OPENPCC_TRY(out.type, text_of(*value, "payloadType", kMaxType));
    OPENPCC_TRY(out.payload, bytes_of(*value, "payload"));
    const json::Value& signatures = *value->get("signatures");
    if (!signatures.is_array() || signatures.elements().empty() || signatures.elements().size() > kMaxSignatures)
        return malformed("member `signatures`: not a list of 1 to 16");
    for (const json::Value& entry : signatures.elements()) {
        OPENPCC_TRY(auto signature, read_signature(entry));
        out.signatures.push_back(std::move(signature));
    }
    return Unverified<Envelope>(std::move(out));
}

std::string Envelope::to_json() const {
    auto out = json::Value::object();
    out.set("payload", json::Value::string(to_base64(payload)));
    out.set("payloadType", json::Value::string(type));
    auto& list = out.set("signatures", json::Value::array());
    for (const Signature& signature : signatures) {
        auto& entry = list.push(json::Value::object());
        entry.set("keyid", json::Value::string(signature.key_id));
        entry.set("sig", json::Value::string(to_base64(signature.bytes)));
    }
    return out.to_text();
}

Result<void> Envelope::sign(const crypto::SigningKey& key) {
    OPENPCC_TRY(const Signer signer, Signer::of(key.verifying_key()));
    OPENPCC_TRY(Bytes bytes, key.sign(signer.scheme(), pae(type, payload)));
    std::erase_if(signatures, [&](const Signature& other) { return other.key_id == signer.key_id(); });
    if (signatures.size() >= kMaxSignatures) return malformed("16 signatures already");
    signatures.push_back({signer.key_id(), std::move(bytes)});
    return {};
}

bool looks_like_envelope(ByteView text) {
    if (text.size() > kMaxEnvelope) return false;
    const auto value = json::parse(text);
    return value && value->is_object() && value->get("payloadType") != nullptr;
}

Result<Bytes> open(ByteView text, std::string_view type, const SignerSet& signers) {
    OPENPCC_TRY(const auto parsed, Envelope::parse(text));
    const Envelope& envelope = parsed.claimed();
    if (envelope.type != type) return malformed("the payload is of another type");
    const Bytes message = pae(envelope.type, envelope.payload);
    const auto count = std::ranges::count_if(
        signers.signers(), [&](const Signer& signer) { return signed_by(signer, message, envelope.signatures); });
    if (static_cast<std::size_t>(count) < signers.threshold())
        return fail(kUnderSigned, "signed by " + std::to_string(count) + " of the " +
                                      std::to_string(signers.threshold()) + " known keys that it takes");
    return envelope.payload;
}

}  // namespace openpcc::envelope

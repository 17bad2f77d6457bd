// SPDX-License-Identifier: Apache-2.0
#include "protocol/ohttp/exchange.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "crypto/kdf.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace openpcc::ohttp {

namespace {

// RFC 9458 section 4.3 and 4.4; draft-ietf-ohai-chunked-ohttp-08 section 6.
std::string_view request_label(Form form) {
    return form == Form::kOneShot ? "message/bhttp request" : "message/bhttp chunked request";
}
std::string_view response_label(Form form) {
    return form == Form::kOneShot ? "message/bhttp response" : "message/bhttp chunked response";
}

crypto::Hash hash_of(hpke::Kdf kdf) {
    switch (kdf) {
        case hpke::Kdf::kHkdfSha384:
            return crypto::Hash::kSha384;
        case hpke::Kdf::kHkdfSha512:
            return crypto::Hash::kSha512;
        case hpke::Kdf::kHkdfSha256:
            break;
    }
    OPENPCC_ASSERT(kdf == hpke::Kdf::kHkdfSha256);
    return crypto::Hash::kSha256;
}

// Makes the rest once the header is known; `set_up` does the public-key work.
template <class SetUp>
Result<Outgoing> start(Form form, const KeyConfig& config, const SymmetricSuite& suite, SetUp set_up) {
    if (!config.offers(suite)) return fail(kBadSuite);
    const RequestHeader header{.key_id = config.key_id, .suite = {config.key.kem(), suite.kdf, suite.aead}};
    Result<hpke::Sender> sender = set_up(header.suite, header.info(form));
    // The configuration was well-formed, but its key cannot be used (a point of low order, for one).
    if (!sender) return fail(kBadKeyConfig, "key");
    return Outgoing{.header = concat(header.encode(), sender->enc),
                    .suite = suite,
                    .enc = std::move(sender->enc),
                    .context = std::move(sender->context)};
}

}  // namespace

Bytes RequestHeader::encode() const {
    wire::Writer out;
    out.u8(key_id);
    out.u16(static_cast<std::uint16_t>(suite.kem));
    out.u16(static_cast<std::uint16_t>(suite.kdf));
    out.u16(static_cast<std::uint16_t>(suite.aead));
    return std::move(out).take();
}

RequestHeader RequestHeader::parse(const ByteArray<kSize>& bytes) {
    wire::Reader reader(bytes);
    RequestHeader out;
    out.key_id = reader.u8().value();
    out.suite.kem = static_cast<hpke::Kem>(reader.u16().value());
    out.suite.kdf = static_cast<hpke::Kdf>(reader.u16().value());
    out.suite.aead = static_cast<hpke::Aead>(reader.u16().value());
    return out;
}

Bytes RequestHeader::info(Form form) const {
    wire::Writer out;
    out.raw(as_bytes(request_label(form))).u8(0).raw(encode());
    return std::move(out).take();
}

ByteView ResponseSecret::label(Form form) { return as_bytes(response_label(form)); }

std::size_t ResponseSecret::nonce_size() const { return std::max(crypto::kNonceSize, crypto::key_size(suite.aead)); }

crypto::StreamKeys ResponseSecret::keys(ByteView response_nonce) const {
    OPENPCC_ASSERT(response_nonce.size() == nonce_size());
    const crypto::Hash hash = hash_of(suite.kdf);
    const Bytes salt = concat(enc, response_nonce);
    const SecretBytes prk = secret.with([&](ByteView ikm) { return crypto::hkdf_extract(hash, salt, ikm); });
    const SecretBytes nonce = crypto::hkdf_expand(hash, prk, as_bytes("nonce"), crypto::kNonceSize);
    return {.key = crypto::hkdf_expand(hash, prk, as_bytes("key"), crypto::key_size(suite.aead)),
            .base_nonce = nonce.with([](ByteView view) { return crypto::Nonce::from_view(view); })};
}

Result<Outgoing> start_request(Form form, const KeyConfig& config, const SymmetricSuite& suite, Random& random) {
    return start(form, config, suite, [&](const hpke::Suite& full, const Bytes& info) {
        return hpke::setup_sender(full, config.key, info, random);
    });
}

Result<Outgoing> start_request_with(Form form, const KeyConfig& config, const SymmetricSuite& suite,
                                    ByteView ephemeral) {
    return start(form, config, suite, [&](const hpke::Suite& full, const Bytes& info) {
        return hpke::setup_sender_with(full, config.key, info, ephemeral);
    });
}

}  // namespace openpcc::ohttp

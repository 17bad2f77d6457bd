// SPDX-License-Identifier: Apache-2.0
#include "vectors/ohttp_case.hpp"

#include <fmt/format.h>

#include "crypto/kdf.hpp"
#include "wire/writer.hpp"

namespace openpcc::vectors {

namespace {

crypto::Hash hash_of(hpke::Kdf kdf) {
    return kdf == hpke::Kdf::kHkdfSha256   ? crypto::Hash::kSha256
           : kdf == hpke::Kdf::kHkdfSha384 ? crypto::Hash::kSha384
                                           : crypto::Hash::kSha512;
}

bool same(const SecretBytes& secret, ByteView expected) {
    return secret.with([&](ByteView view) { return equal(view, expected); });
}

// The labelled steps of RFC 9180 section 4, on public copies: these are vectors.
class Labelled {
  public:
    explicit Labelled(const hpke::Suite& suite) : hash_(hash_of(suite.kdf)) {
        wire::Writer id;
        id.raw(as_bytes("HPKE")).u16(static_cast<std::uint16_t>(suite.kem));
        id.u16(static_cast<std::uint16_t>(suite.kdf)).u16(static_cast<std::uint16_t>(suite.aead));
        id_ = std::move(id).take();
    }
    Bytes extract(ByteView salt, std::string_view label, ByteView ikm) const {
        return copy(crypto::hkdf_extract(hash_, salt, concat(as_bytes("HPKE-v1"), id_, as_bytes(label), ikm)));
    }
    Bytes expand(ByteView prk, std::string_view label, ByteView info, std::size_t length) const {
        wire::Writer head;
        head.u16(static_cast<std::uint16_t>(length));
        return copy(crypto::hkdf_expand(hash_, prk,
                                        concat(head.view(), as_bytes("HPKE-v1"), id_, as_bytes(label), info), length));
    }
    std::size_t size() const { return crypto::digest_size(hash_); }

  private:
    static Bytes copy(const SecretBytes& secret) {
        return secret.with([](ByteView view) { return Bytes(view); });
    }
    crypto::Hash hash_;
    Bytes id_;
};

}  // namespace

std::string unsupported_suite(const hpke::Suite& suite) {
    if (suite.kem == hpke::Kem::kXWing && !hpke::have_ml_kem()) return "needs ML-KEM (OpenSSL 3.5)";
    if (!hpke::is_supported(suite.kem))
        return fmt::format("KEM {:#06x} not part of this product", static_cast<unsigned>(suite.kem));
    if (!hpke::is_supported(suite.kdf))
        return fmt::format("KDF {:#06x} not part of this product", static_cast<unsigned>(suite.kdf));
    if (!crypto::is_supported(suite.aead))
        return fmt::format("AEAD {:#06x} not part of this product", static_cast<unsigned>(suite.aead));
    return {};
}

hpke::Suite suite_of(const json::object& test) {
    return {static_cast<hpke::Kem>(number(test, "kem_id")), static_cast<hpke::Kdf>(number(test, "kdf_id")),
            static_cast<hpke::Aead>(number(test, "aead_id"))};
}

ohttp::SymmetricSuite symmetric(const hpke::Suite& suite) { return {suite.kdf, suite.aead}; }

ohttp::OneKey gateway_of(const json::object& test) {
    const Bytes sk = hex(test, "gateway_sk");
    if (test.contains("key_config")) {
        const Bytes config = hex(test, "key_config");
        const auto kem = static_cast<hpke::Kem>(config[1] << 8 | config[2]);
        return ohttp::OneKey(kem, sk, config);
    }
    const hpke::Suite suite = suite_of(test);
    return ohttp::OneKey(hpke::PrivateKey::parse(suite.kem, sk).value(),
                         static_cast<std::uint8_t>(number(test, "key_id")), {symmetric(suite)});
}

Bytes ephemeral_of(const json::object& test) {
    return hex(test, test.contains("xwing_eseed") ? "xwing_eseed" : "client_skE");
}

ohttp::ResponseSecret secret_from_shared(ohttp::Form form, const json::object& test) {
    const hpke::Suite suite = suite_of(test);
    const Labelled kdf(suite);
    const Bytes schedule =
        concat(Bytes{0}, kdf.extract({}, "psk_id_hash", {}), kdf.extract({}, "info_hash", hex(test, "info")));
    const Bytes secret = kdf.extract(hex(test, "shared_secret"), "secret", {});
    const Bytes exporter = kdf.expand(secret, "exp", schedule, kdf.size());
    ohttp::ResponseSecret out{.suite = symmetric(suite), .enc = hex(test, "enc"), .secret = {}};
    out.secret =
        SecretBytes::copy_from(kdf.expand(exporter, "sec", ohttp::ResponseSecret::label(form), out.nonce_size()));
    return out;
}

std::string check_derivation(ohttp::Form form, const json::object& test, const ohttp::KeyConfig& config) {
    const hpke::Suite suite = suite_of(test);
    const ohttp::RequestHeader header{.key_id = config.key_id, .suite = suite};
    if (test.contains("gateway_pk") && !equal(config.key.bytes(), hex(test, "gateway_pk"))) return "gateway_pk";
    if (header.info(form) != hex(test, "info")) return "info";
    auto outgoing = ohttp::start_request_with(form, config, symmetric(suite), ephemeral_of(test));
    if (!outgoing) return outgoing.error().describe();
    if (outgoing->enc != hex(test, "enc")) return "enc";
    const auto secret = ohttp::ResponseSecret::from(form, outgoing->context, symmetric(suite), outgoing->enc);
    if (!same(secret.secret, hex(test, "export_secret"))) return "export_secret";
    if (test.contains("shared_secret") && !secret_from_shared(form, test).secret.ct_equal(secret.secret))
        return "shared_secret";
    const Bytes encapsulated = hex(test, "encapsulated_response");
    const ByteView nonce = encapsulated.view().first(secret.nonce_size());
    const Bytes salt = concat(secret.enc, nonce);
    if (test.contains("salt") && salt != hex(test, "salt")) return "salt";
    const auto prk =
        secret.secret.with([&](ByteView ikm) { return crypto::hkdf_extract(hash_of(suite.kdf), salt, ikm); });
    if (!same(prk, hex(test, "prk"))) return "prk";
    const crypto::StreamKeys keys = secret.keys(nonce);
    if (!same(keys.key, hex(test, "aead_key"))) return "aead_key";
    if (!equal(keys.base_nonce, hex(test, "aead_nonce"))) return "aead_nonce";
    if (!test.contains("chunk_nonces")) return {};
    std::uint64_t counter = 0;
    for (const auto& wanted : test.at("chunk_nonces").as_array())
        if (!equal(crypto::nonce_for(keys.base_nonce, counter++), unhex(std::string_view(wanted.as_string()))))
            return "chunk_nonces";
    return {};
}

void replay_cases(const std::filesystem::path& folder, Tally& tally,
                  const std::function<void(const json::object&, std::string_view, Tally&)>& replay) {
    for (const auto& file : files(folder, ".json")) {
        const json::value content = load(file);
        const std::string name = file.filename().string();
        if (!content.as_object().contains("cases")) {
            replay(content.as_object(), name, tally);
            continue;
        }
        for (const auto& entry : content.as_object().at("cases").as_array())
            replay(entry.as_object(), fmt::format("{} {}", name, text(entry.as_object(), "id")), tally);
    }
}

}  // namespace openpcc::vectors

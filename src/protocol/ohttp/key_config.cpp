// SPDX-License-Identifier: Apache-2.0
#include "protocol/ohttp/key_config.hpp"

#include <algorithm>
#include <bitset>
#include <tuple>

#include "core/assert.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace openpcc::ohttp {

namespace {

// One entry, parsed as far as it concerns us.
struct Entry {
    std::uint8_t key_id;
    std::vector<KeyConfig> config;  // empty: a KEM that we do not know
};

Result<std::vector<SymmetricSuite>> parse_suites(ByteView bytes) {
    // RFC 9458 section 3.1: "HPKE Symmetric Algorithms Length (16) = 4..65532", pairs of four bytes.
    if (bytes.empty() || bytes.size() % 4 != 0) return fail(kBadKeyConfig, "symmetric algorithms");
    std::vector<SymmetricSuite> out;
    wire::Reader reader(bytes);
    while (!reader.done()) {
        OPENPCC_TRY(const std::uint16_t kdf, reader.u16());
        OPENPCC_TRY(const std::uint16_t aead, reader.u16());
        out.push_back({static_cast<hpke::Kdf>(kdf), static_cast<hpke::Aead>(aead)});
    }
    return out;
}

Result<Entry> parse_entry(ByteView bytes) {
    wire::Reader reader(bytes);
    OPENPCC_TRY(const std::uint8_t key_id, reader.u8());
    OPENPCC_TRY(const std::uint16_t kem_id, reader.u16());
    const auto kem = static_cast<hpke::Kem>(kem_id);
    if (!hpke::is_supported(kem)) return Entry{key_id, {}};
    OPENPCC_TRY(const ByteView raw_key, reader.take(hpke::public_key_size(kem)));
    OPENPCC_TRY(const ByteView raw_suites, reader.vec16());
    OPENPCC_CHECK(reader.finish());
    OPENPCC_TRY(auto suites, parse_suites(raw_suites));
    OPENPCC_TRY(auto key, hpke::PublicKey::parse(kem, raw_key));
    Entry out{key_id, {}};
    out.config.push_back({.key_id = key_id, .key = std::move(key), .suites = std::move(suites)});
    return out;
}

// Smaller is preferred.
int rank(hpke::Kem kem) {
    switch (kem) {
        case hpke::Kem::kXWing:
            return 0;
        case hpke::Kem::kX25519:
            return 1;
        case hpke::Kem::kP256:
            return 2;
    }
    return 3;
}

int rank(hpke::Aead aead) {
    switch (aead) {
        case hpke::Aead::kAes256Gcm:
            return 0;
        case hpke::Aead::kChaCha20Poly1305:
            return 1;
        case hpke::Aead::kAes128Gcm:
            return 2;
    }
    return 3;
}

auto rank(const KeyConfig& config, const SymmetricSuite& suite) {
    return std::tuple(rank(config.key.kem()), rank(suite.aead), suite.kdf == hpke::Kdf::kHkdfSha256 ? 0 : 1);
}

}  // namespace

bool is_supported(const SymmetricSuite& suite) {
    return hpke::is_supported(suite.kdf) && crypto::is_supported(suite.aead);
}

bool KeyConfig::offers(const SymmetricSuite& suite) const {
    return is_supported(suite) && std::ranges::find(suites, suite) != suites.end();
}

Bytes KeyConfig::encode() const {
    constexpr std::size_t kMostSuites = 0xffff / 4;
    OPENPCC_ASSERT(!suites.empty() && suites.size() <= kMostSuites);
    wire::Writer out;
    out.u8(key_id).u16(static_cast<std::uint16_t>(key.kem())).raw(key.bytes());
    out.u16(static_cast<std::uint16_t>(suites.size() * 4));
    for (const SymmetricSuite& suite : suites)
        out.u16(static_cast<std::uint16_t>(suite.kdf)).u16(static_cast<std::uint16_t>(suite.aead));
    return std::move(out).take();
}

Result<KeyConfig> KeyConfig::parse(ByteView bytes) {
    auto entry = parse_entry(bytes);
    if (!entry) return fail(kBadKeyConfig);
    if (entry->config.empty()) return fail(kNoUsableKey, "KEM not supported");
    return std::move(entry->config.front());
}

Bytes encode_key_configs(const std::vector<KeyConfig>& configs) {
    wire::Writer out;
    for (const KeyConfig& config : configs) out.vec16(config.encode());
    return std::move(out).take();
}

Result<std::vector<KeyConfig>> parse_key_configs(ByteView body) {
    if (body.empty()) return fail(kBadKeyConfig, "empty");
    std::vector<KeyConfig> out;
    std::bitset<256> seen;
    wire::Reader reader(body);
    while (!reader.done()) {
        const auto raw = reader.vec16();
        if (!raw) return fail(kBadKeyConfig, "length");
        auto entry = parse_entry(*raw);
        if (!entry) return fail(kBadKeyConfig, "entry");
        if (seen.test(entry->key_id)) return fail(kBadKeyConfig, "key id used twice");
        seen.set(entry->key_id);
        std::ranges::move(entry->config, std::back_inserter(out));
    }
    return out;
}

Result<Choice> choose(const std::vector<KeyConfig>& configs) {
    const KeyConfig* best = nullptr;
    SymmetricSuite best_suite;
    for (const KeyConfig& config : configs) {
        for (const SymmetricSuite& suite : config.suites) {
            if (!hpke::is_supported(config.key.kem()) || !is_supported(suite)) continue;
            if (best != nullptr && rank(config, suite) >= rank(*best, best_suite)) continue;
            best = &config;
            best_suite = suite;
        }
    }
    if (best == nullptr) return fail(kNoUsableKey);
    return Choice{*best, best_suite};
}

}  // namespace openpcc::ohttp

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "crypto/hpke/hpke.hpp"

namespace openpcc::ohttp {

struct SymmetricSuite {
    hpke::Kdf kdf = hpke::Kdf::kHkdfSha256;
    hpke::Aead aead = hpke::Aead::kAes256Gcm;
    friend bool operator==(const SymmetricSuite&, const SymmetricSuite&) = default;
};

// KeyConfig is one key configuration (RFC 9458 section 3.1) whose KEM this build knows. Code points of KDF and AEAD that
// we do not support stay in `suites` as they came.
struct KeyConfig {
    std::uint8_t key_id = 0;
    hpke::PublicKey key;
    std::vector<SymmetricSuite> suites;

    Bytes encode() const;
    static Result<KeyConfig> parse(ByteView bytes);
};

// Bodies of application/ohttp-keys (section 3.2): each configuration has a two-byte length before it. An entry with a KEM
// we do not know is skipped by its length; any encoding error refuses the whole; so does an empty body. A body without
// prefixes (drafts before the RFC) is refused.
Bytes encode_key_configs(const std::vector<KeyConfig>& configs);
Result<std::vector<KeyConfig>> parse_key_configs(ByteView body);

// choose picks the configuration and suite to use: X-Wing before X25519 before P-256 where supported, AES-256-GCM before
// ChaCha20-Poly1305 before AES-128-GCM, HKDF-SHA256 before others; the order of the list breaks ties. It depends on
// nothing else, so that all clients of a build choose alike (RFC 9458 section 6.?: no partitioning).
struct Choice {
    KeyConfig config;
    SymmetricSuite suite;
};
Result<Choice> choose(const std::vector<KeyConfig>& configs);

}  // namespace openpcc::ohttp

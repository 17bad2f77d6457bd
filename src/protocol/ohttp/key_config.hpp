// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "crypto/hpke/hpke.hpp"
#include "protocol/ohttp/errors.hpp"

namespace openpcc::ohttp {

struct SymmetricSuite {
    hpke::Kdf kdf = hpke::Kdf::kHkdfSha256;
    hpke::Aead aead = hpke::Aead::kAes256Gcm;
    friend bool operator==(const SymmetricSuite&, const SymmetricSuite&) = default;
};

// is_supported: this build can use both.
bool is_supported(const SymmetricSuite& suite);

// KeyConfig is one key configuration (RFC 9458 section 3.1) whose KEM this build knows. Code points of KDF and AEAD
// that we do not support stay in `suites` as they came.
struct KeyConfig {
    std::uint8_t key_id = 0;
    hpke::PublicKey key;
    std::vector<SymmetricSuite> suites;

    // offers: the suite is listed and this build supports it.
    bool offers(const SymmetricSuite& suite) const;
    Bytes encode() const;
    // parse reads one configuration without a length before it. A KEM that we do not know is ohttp.no_usable_key,
    // everything else that is wrong is ohttp.bad_key_config.
    static Result<KeyConfig> parse(ByteView bytes);
};

// Bodies of application/ohttp-keys (section 3.2): each configuration has a two-byte length before it. An entry with a
// KEM we do not know is skipped by its length; any encoding error refuses the whole, for to take the good part would
// let a server tag clients; so does an empty body. A body without prefixes (drafts before the RFC) is refused. Two
// entries with one key id are refused too: the RFC is silent, but a request could not say which one it means.
Bytes encode_key_configs(const std::vector<KeyConfig>& configs);
Result<std::vector<KeyConfig>> parse_key_configs(ByteView body);

// choose picks the configuration and suite to use: X-Wing before X25519 before P-256 where supported, AES-256-GCM
// before ChaCha20-Poly1305 before AES-128-GCM, HKDF-SHA256 before others; the order of the list breaks ties. It depends
// on nothing else, so that all clients of a build choose alike: a key or suite of one's own is a smaller crowd to hide
// in (RFC 9458 section 7). Without a usable one it is ohttp.no_usable_key.
struct Choice {
    KeyConfig config;
    SymmetricSuite suite;
};
Result<Choice> choose(const std::vector<KeyConfig>& configs);

}  // namespace openpcc::ohttp

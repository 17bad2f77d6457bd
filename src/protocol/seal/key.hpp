// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "crypto/hpke/hpke.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace openpcc::seal {

// KeyId names a node's key for all the world: the first 16 bytes of
// SHA-256("openpcc seal v1 key id" | u16 kem | public key). (spec seal-2.2)
using KeyId = ByteArray<16, struct KeyIdTag>;
// StatementName names what a node says of itself, whatever proof of freshness comes with it; trust/statement computes it.
using StatementName = ByteArray<32, struct StatementNameTag>;

struct SymmetricSuite {
    hpke::Kdf kdf = hpke::Kdf::kHkdfSha256;
    hpke::Aead aead = hpke::Aead::kAes256Gcm;
    friend bool operator==(const SymmetricSuite&, const SymmetricSuite&) = default;
};

// KeyConfig is one public key of a node and the suites that it opens. (spec seal-2.1)
//   u16 kem | opaque public_key<1..2^16-1> | { u16 kdf | u16 aead }<4..64>
struct KeyConfig {
    hpke::PublicKey key;
    std::vector<SymmetricSuite> suites;

    KeyId id() const;
    void write(wire::Writer& out) const;
    // read refuses a KEM, KDF or AEAD whose code point is unknown. A KEM that is known and not supported by this build
    // (X-Wing without ML-KEM) is read: the node has other keys, and its statement must stay the same for all.
    static Result<KeyConfig> read(wire::Reader& in);
};

}  // namespace openpcc::seal

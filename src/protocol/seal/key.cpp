// SPDX-License-Identifier: Apache-2.0
#include "protocol/seal/key.hpp"

#include "crypto/hash.hpp"
#include "protocol/seal/errors.hpp"

namespace openpcc::seal {

namespace {
constexpr std::size_t kMaxSuites = 16;
}

KeyId KeyConfig::id() const {  // spec seal-2.2
    wire::Writer in;
    in.vec8(as_bytes("openpcc seal v1 key id")).u16(static_cast<std::uint16_t>(key.kem())).vec16(key.bytes());
    return KeyId::from_view(crypto::sha256(in.view()).view().first(KeyId::kSize));
}

void KeyConfig::write(wire::Writer& out) const {  // spec seal-2.1
    out.u16(static_cast<std::uint16_t>(key.kem())).vec16(key.bytes());
    wire::Writer list;
    for (const SymmetricSuite& suite : suites)
        list.u16(static_cast<std::uint16_t>(suite.kdf)).u16(static_cast<std::uint16_t>(suite.aead));
    out.vec16(list.view());
}

Result<KeyConfig> KeyConfig::read(wire::Reader& in) {
    OPENPCC_TRY(const std::uint16_t kem, in.u16());
    OPENPCC_TRY(const ByteView key_bytes, in.vec16());
    OPENPCC_TRY(const ByteView list, in.vec16());
    OPENPCC_TRY(auto key, hpke::PublicKey::parse(static_cast<hpke::Kem>(kem), key_bytes));
    if (list.empty() || list.size() % 4 != 0 || list.size() / 4 > kMaxSuites) return fail(kMalformed);
    KeyConfig config{std::move(key), {}};
    wire::Reader suites(list);
    while (!suites.done()) {
        OPENPCC_TRY(const std::uint16_t kdf, suites.u16());
        OPENPCC_TRY(const std::uint16_t aead, suites.u16());
        const SymmetricSuite suite{static_cast<hpke::Kdf>(kdf), static_cast<hpke::Aead>(aead)};
        if (suite.kdf != hpke::Kdf::kHkdfSha256 || !crypto::is_supported(suite.aead)) return fail(kBadSuite);
        config.suites.push_back(suite);
    }
    return config;
}

}  // namespace openpcc::seal

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/text.hpp"
#include "protocol/ohttp/chunked.hpp"

// For tests: a gateway with one key, and streams fed in any pieces.
namespace openpcc::ohttp {

inline Bytes unhex(std::string_view text) { return from_hex(text).value(); }

inline KeyConfig config_of(const hpke::PrivateKey& key, std::uint8_t key_id, std::vector<SymmetricSuite> suites) {
    return {.key_id = key_id, .key = key.public_key(), .suites = std::move(suites)};
}

class OneKey final : public KeySource {
  public:
    OneKey(hpke::PrivateKey key, std::uint8_t key_id, std::vector<SymmetricSuite> suites)
        : key_{config_of(key, key_id, std::move(suites)), std::move(key)} {}
    // From a configuration and its private key, as vectors give them.
    OneKey(hpke::Kem kem, ByteView private_key, ByteView config)
        : key_{KeyConfig::parse(config).value(), hpke::PrivateKey::parse(kem, private_key).value()} {}

    const GatewayKey* find(std::uint8_t key_id) const override {
        ++asked;
        return key_id == key_.config.key_id ? &key_ : nullptr;
    }
    bool admit(std::uint8_t, ByteView enc) override {
        admitted.emplace_back(enc);
        return willing;
    }
    const KeyConfig& config() const { return key_.config; }

    mutable int asked = 0;
    std::vector<Bytes> admitted;
    bool willing = true;

  private:
    GatewayKey key_;
};

// What came out of a stream. The pieces of plaintext have no meaning, so only their sum is compared.
struct Heard {
    std::string error;  // empty: complete
    Bytes plaintext;
    friend bool operator==(const Heard&, const Heard&) = default;
};

// feed gives the stream to an opener in pieces of the given sizes, the last size repeated.
template <class Opener>
Heard feed(Opener& opener, ByteView stream, const std::vector<std::size_t>& sizes) {
    Heard heard;
    const Deliver deliver = [&](ByteView bytes) -> Result<void> {
        heard.plaintext.append(bytes);
        return {};
    };
    Result<void> result;
    for (std::size_t turn = 0; !stream.empty() && result; ++turn) {
        const std::size_t size = std::min(stream.size(), sizes[std::min(turn, sizes.size() - 1)]);
        result = opener.update(stream.first(size), deliver);
        stream = stream.subspan(size);
    }
    if (result) result = opener.finish(deliver);
    if (!result) heard.error = result.error().name();
    return heard;
}

}  // namespace openpcc::ohttp

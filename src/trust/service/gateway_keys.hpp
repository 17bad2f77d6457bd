// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "crypto/signature.hpp"
#include "protocol/ohttp/key_config.hpp"

// The gateway's key configurations under the service's signature (docs/protocol/gateway-keys.md). Clients pin the
// service key, so a relay that hands out a key of its own is refused. The log takes this over later.
namespace openpcc::service {

inline constexpr ErrorCode kBadDocument{"service.bad_document", Category::kBadInput};
inline constexpr ErrorCode kBadSignature{"service.bad_signature", Category::kUnverified};
inline constexpr ErrorCode kNotInForce{"service.not_in_force", Category::kUnverified};

inline constexpr std::string_view kGatewayKeysType = "application/openpcc-gateway-keys";
inline constexpr std::size_t kMaxDocument = 64 * 1024;

struct GatewayKeys {
    TimePoint not_before;
    TimePoint not_after;
    std::vector<ohttp::KeyConfig> configs;

    // sign writes the document: opaque content<vec16> | Ed25519 signature over
    // vec8("openpcc gateway keys v1") | content.
    Result<Bytes> sign(const crypto::SigningKey& service_key) const;
    // verify: the signature first, over the bytes as they came; then the content; then that `now` is in its time.
    static Result<GatewayKeys> verify(ByteView document, const crypto::VerifyingKey& service_key, TimePoint now);
};

}  // namespace openpcc::service

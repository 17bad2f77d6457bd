// SPDX-License-Identifier: Apache-2.0
#include "trust/profile/service_key.hpp"

#include "core/text.hpp"

namespace openpcc::profile {

namespace {
constexpr std::string_view kPrefix = "openpcc-service:";
}

std::string service_key_text(const crypto::VerifyingKey& key) {
    return std::string(kPrefix) + to_hex(key.raw().value_or(Bytes()));
}

Result<crypto::VerifyingKey> parse_service_key(std::string_view text) {
    if (!text.starts_with(kPrefix)) return fail(core::kBadText, "expected openpcc-service: and 64 hex digits");
    OPENPCC_TRY(const Bytes raw, from_hex(text.substr(kPrefix.size())));
    return crypto::VerifyingKey::parse_ed25519(raw);
}

}  // namespace openpcc::profile

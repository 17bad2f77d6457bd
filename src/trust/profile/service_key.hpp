// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "crypto/signature.hpp"

namespace openpcc::profile {

// The text form of a service key: "openpcc-service:" and 64 hex digits of an Ed25519 key.
std::string service_key_text(const crypto::VerifyingKey& key);
Result<crypto::VerifyingKey> parse_service_key(std::string_view text);

}  // namespace openpcc::profile

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::crypto {

inline constexpr ErrorCode kBadKey{"crypto.bad_key", Category::kBadInput};
inline constexpr ErrorCode kBadTag{"crypto.bad_tag", Category::kUnauthenticated};
inline constexpr ErrorCode kBadSignature{"crypto.bad_signature", Category::kUnauthenticated};
inline constexpr ErrorCode kUnsupported{"crypto.unsupported", Category::kBadInput};
inline constexpr ErrorCode kExhausted{"crypto.exhausted", Category::kInternal};  // a counter may not wrap
inline constexpr ErrorCode kBadCertificate{"crypto.bad_certificate", Category::kBadInput};
inline constexpr ErrorCode kUntrusted{"crypto.untrusted", Category::kUnverified};

}  // namespace openpcc::crypto

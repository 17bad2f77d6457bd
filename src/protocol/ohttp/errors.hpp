// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::ohttp {

inline constexpr ErrorCode kBadKeyConfig{"ohttp.bad_key_config", Category::kBadInput};
inline constexpr ErrorCode kNoUsableKey{"ohttp.no_usable_key", Category::kUnavailable};
inline constexpr ErrorCode kMalformed{"ohttp.malformed", Category::kBadInput};
inline constexpr ErrorCode kUnknownKey{"ohttp.unknown_key", Category::kUnauthenticated};  // problem type #ohttp-key
inline constexpr ErrorCode kBadSuite{"ohttp.bad_suite", Category::kUnauthenticated};
inline constexpr ErrorCode kOpenFailed{"ohttp.open_failed", Category::kUnauthenticated};
inline constexpr ErrorCode kEmptyChunk{"ohttp.empty_chunk", Category::kBadInput};
inline constexpr ErrorCode kTruncated{"ohttp.truncated", Category::kBadInput};
inline constexpr ErrorCode kTooLarge{"ohttp.too_large", Category::kBadInput};
inline constexpr ErrorCode kReplayed{"ohttp.replayed", Category::kUnauthenticated};

}  // namespace openpcc::ohttp

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::http {

inline constexpr ErrorCode kMalformed{"http.malformed", Category::kBadInput};
inline constexpr ErrorCode kTooLarge{"http.too_large", Category::kBadInput};
inline constexpr ErrorCode kTruncated{"http.truncated", Category::kUnavailable};
inline constexpr ErrorCode kExpectation{"http.expectation", Category::kBadInput};
inline constexpr ErrorCode kTimeout{"http.timeout", Category::kTimeout};
inline constexpr ErrorCode kMisuse{"http.misuse", Category::kInternal};

}  // namespace openpcc::http

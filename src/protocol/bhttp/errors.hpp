// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::bhttp {

inline constexpr ErrorCode kMalformed{"bhttp.malformed", Category::kBadInput};
inline constexpr ErrorCode kTruncated{"bhttp.truncated", Category::kBadInput};
inline constexpr ErrorCode kTooLarge{"bhttp.too_large", Category::kBadInput};

}  // namespace openpcc::bhttp

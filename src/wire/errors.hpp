// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::wire {

inline constexpr ErrorCode kTruncated{"wire.truncated", Category::kBadInput};
inline constexpr ErrorCode kTrailing{"wire.trailing", Category::kBadInput};
inline constexpr ErrorCode kTooLong{"wire.too_long", Category::kBadInput};
inline constexpr ErrorCode kBadDer{"wire.bad_der", Category::kBadInput};
inline constexpr ErrorCode kBadJson{"wire.bad_json", Category::kBadInput};

}  // namespace openpcc::wire

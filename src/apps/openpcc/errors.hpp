// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::cli {

inline constexpr ErrorCode kNoProfile{"add.no_profile", Category::kUnavailable};
inline constexpr ErrorCode kOtherFingerprint{"add.other_fingerprint", Category::kUnverified};
inline constexpr ErrorCode kNotConfirmed{"add.not_confirmed", Category::kUnverified};

}  // namespace openpcc::cli

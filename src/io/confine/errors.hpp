// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::confine {

inline constexpr ErrorCode kCannotStart{"confine.cannot_start", Category::kInternal};
inline constexpr ErrorCode kNoSandbox{"confine.no_sandbox", Category::kInternal};
inline constexpr ErrorCode kNotHardened{"confine.not_hardened", Category::kInternal};
inline constexpr ErrorCode kGone{"confine.gone", Category::kUnavailable};

}  // namespace openpcc::confine

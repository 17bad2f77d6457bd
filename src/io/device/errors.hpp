// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::device {

inline constexpr ErrorCode kNone{"device.none", Category::kUnavailable};
inline constexpr ErrorCode kBusy{"device.busy", Category::kUnavailable};
inline constexpr ErrorCode kTimeout{"device.timeout", Category::kTimeout};
inline constexpr ErrorCode kFailed{"device.failed", Category::kInternal};         // the kernel said no
inline constexpr ErrorCode kBadReport{"device.bad_report", Category::kInternal};  // not what was asked for
inline constexpr ErrorCode kBadTable{"device.bad_table", Category::kBadInput};    // the host's certificates
inline constexpr ErrorCode kNotExtended{"device.not_extended", Category::kInternal};

}  // namespace openpcc::device

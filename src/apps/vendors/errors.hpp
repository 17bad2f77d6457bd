// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::vendors {

inline constexpr ErrorCode kNotServed{"vendors.not_served", Category::kUnavailable};  // another status than 200
inline constexpr ErrorCode kBadAnswer{"vendors.bad_answer", Category::kBadInput};     // not what was asked for

}  // namespace openpcc::vendors

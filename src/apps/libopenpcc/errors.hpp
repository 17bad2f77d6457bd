// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::library {

inline constexpr ErrorCode kBadArgument{"library.bad_argument", Category::kBadInput};

}  // namespace openpcc::library

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::statement {

inline constexpr ErrorCode kMalformed{"statement.malformed", Category::kBadInput};
inline constexpr ErrorCode kBadBundle{"statement.bad_bundle", Category::kBadInput};

}  // namespace openpcc::statement

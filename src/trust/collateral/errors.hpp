// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::collateral {

inline constexpr ErrorCode kMalformed{"collateral.malformed", Category::kBadInput};  // not the file form
inline constexpr ErrorCode kTooLarge{"collateral.too_large", Category::kBadInput};   // beyond a limit of the file form
inline constexpr ErrorCode kUnknown{"collateral.unknown", Category::kBadInput};  // none of the forms that others write

}  // namespace openpcc::collateral

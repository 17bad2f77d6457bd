// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::tdx {

inline constexpr ErrorCode kMalformed{"tdx.malformed", Category::kBadInput};
inline constexpr ErrorCode kBadPck{"tdx.bad_pck", Category::kBadInput};  // a PCK certificate's SGX extension
inline constexpr ErrorCode kBadCollateral{"tdx.bad_collateral", Category::kBadInput};  // what Intel signs, misread

}  // namespace openpcc::tdx

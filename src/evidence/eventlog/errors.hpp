// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::eventlog {

inline constexpr ErrorCode kMalformed{"eventlog.malformed", Category::kBadInput};
inline constexpr ErrorCode kTooLarge{"eventlog.too_large", Category::kBadInput};
inline constexpr ErrorCode kSha1Only{"eventlog.sha1_only", Category::kUnverified};  // nothing but SHA-1 digests

}  // namespace openpcc::eventlog

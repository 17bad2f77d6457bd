// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::proxy {

inline constexpr ErrorCode kForeignHost{"proxy.foreign_host", Category::kUnauthenticated};
inline constexpr ErrorCode kForeignOrigin{"proxy.foreign_origin", Category::kUnauthenticated};
inline constexpr ErrorCode kNoKey{"proxy.no_key", Category::kUnauthenticated};
inline constexpr ErrorCode kNotJson{"proxy.not_json", Category::kBadInput};
inline constexpr ErrorCode kBadKeyFile{"proxy.bad_key_file", Category::kBadInput};

}  // namespace openpcc::proxy

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::gateway {

inline constexpr ErrorCode kBadInner{"gateway.bad_inner", Category::kBadInput};
inline constexpr ErrorCode kUnknownPath{"gateway.unknown_path", Category::kBadInput};
inline constexpr ErrorCode kUnknownNode{"gateway.unknown_node", Category::kUnauthenticated};
inline constexpr ErrorCode kUnknownCollateral{"gateway.unknown_collateral", Category::kUnauthenticated};
inline constexpr ErrorCode kNoNode{"gateway.no_node", Category::kUnavailable};
inline constexpr ErrorCode kTooManyKeys{"gateway.too_many_keys", Category::kInternal};
inline constexpr ErrorCode kBadNode{"gateway.bad_node", Category::kUnavailable};

}  // namespace openpcc::gateway

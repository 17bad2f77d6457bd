// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::node {

inline constexpr ErrorCode kNoHardware{"node.no_hardware", Category::kUnavailable};
inline constexpr ErrorCode kUnknownStatement{"node.unknown_statement", Category::kUnauthenticated};
inline constexpr ErrorCode kNotLocal{"node.not_local", Category::kUnverified};
inline constexpr ErrorCode kBadInner{"node.bad_inner", Category::kBadInput};
inline constexpr ErrorCode kUnlockedMemory{"node.unlocked_memory", Category::kInternal};
inline constexpr ErrorCode kEngineDown{"node.engine_down", Category::kUnavailable};
inline constexpr ErrorCode kEngineBusy{"node.engine_busy", Category::kUnavailable};
inline constexpr ErrorCode kEngineRefused{"node.engine_refused", Category::kBadInput};
inline constexpr ErrorCode kBadProfile{"node.bad_profile", Category::kBadInput};

}  // namespace openpcc::node

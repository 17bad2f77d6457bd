// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::client {

inline constexpr ErrorCode kRelayRefused{"client.relay_refused", Category::kUnavailable};
inline constexpr ErrorCode kGatewayRefused{"client.gateway_refused", Category::kUnavailable};
// Two keys can be gone, and each is renewed by who owns it: the gateway's (Oblivious) and a node's (Session).
inline constexpr ErrorCode kGatewayKeyGone{"client.gateway_key_gone", Category::kUnauthenticated};
inline constexpr ErrorCode kKeyGone{"client.key_gone", Category::kUnauthenticated};
inline constexpr ErrorCode kBadDirectory{"client.bad_directory", Category::kBadInput};
inline constexpr ErrorCode kBadCollateral{"client.bad_collateral", Category::kBadInput};
inline constexpr ErrorCode kNoNode{"client.no_node", Category::kUnavailable};
inline constexpr ErrorCode kNotVerified{"client.not_verified", Category::kUnverified};
inline constexpr ErrorCode kNotLocal{"client.not_local", Category::kUnverified};
inline constexpr ErrorCode kHeadTooLarge{"client.head_too_large", Category::kBadInput};
inline constexpr ErrorCode kTruncated{"client.truncated", Category::kUnavailable};
inline constexpr ErrorCode kUnreadable{"client.unreadable", Category::kUnauthenticated};
inline constexpr ErrorCode kEngineFailed{"client.engine_failed", Category::kUnavailable};

}  // namespace openpcc::client

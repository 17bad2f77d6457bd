// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::net {

inline constexpr ErrorCode kBadEndpoint{"net.bad_endpoint", Category::kBadInput};
inline constexpr ErrorCode kUnreachable{"net.unreachable", Category::kUnavailable};
inline constexpr ErrorCode kTimeout{"net.timeout", Category::kTimeout};
inline constexpr ErrorCode kClosed{"net.closed", Category::kUnavailable};
inline constexpr ErrorCode kCancelled{"net.cancelled", Category::kUnavailable};
inline constexpr ErrorCode kTruncated{"net.truncated", Category::kUnavailable};
inline constexpr ErrorCode kTls{"net.tls", Category::kUnauthenticated};
inline constexpr ErrorCode kCannotListen{"net.cannot_listen", Category::kUnavailable};
inline constexpr ErrorCode kBadFile{"net.bad_file", Category::kBadInput};

}  // namespace openpcc::net

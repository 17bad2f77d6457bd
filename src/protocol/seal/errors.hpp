// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::seal {

inline constexpr ErrorCode kMalformed{"seal.malformed", Category::kBadInput};
inline constexpr ErrorCode kTooLarge{"seal.too_large", Category::kBadInput};
inline constexpr ErrorCode kBadSuite{"seal.bad_suite", Category::kBadInput};
inline constexpr ErrorCode kUnknownSnapshot{"seal.unknown_snapshot", Category::kUnauthenticated};
inline constexpr ErrorCode kUnknownKey{"seal.unknown_key", Category::kUnauthenticated};  // problem type #key
inline constexpr ErrorCode kReplayed{"seal.replayed", Category::kUnauthenticated};
inline constexpr ErrorCode kReplaySetFull{"seal.replay_set_full", Category::kUnavailable};
inline constexpr ErrorCode kOpenFailed{"seal.open_failed", Category::kUnauthenticated};
inline constexpr ErrorCode kEmptyChunk{"seal.empty_chunk", Category::kBadInput};
inline constexpr ErrorCode kBadRecord{"seal.bad_record", Category::kBadInput};
inline constexpr ErrorCode kTruncated{"seal.truncated", Category::kBadInput};

}  // namespace openpcc::seal

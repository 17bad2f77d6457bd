// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::openai {

inline constexpr ErrorCode kBadRequest{"openai.bad_request", Category::kBadInput};
inline constexpr ErrorCode kUnsupportedField{"openai.unsupported_field", Category::kBadInput};
inline constexpr ErrorCode kUnknownPath{"openai.unknown_path", Category::kBadInput};
inline constexpr ErrorCode kUnknownModel{"openai.unknown_model", Category::kBadInput};
inline constexpr ErrorCode kTooLarge{"openai.too_large", Category::kBadInput};
inline constexpr ErrorCode kBadAnswer{"openai.bad_answer", Category::kUnavailable};
inline constexpr ErrorCode kTruncated{"openai.truncated", Category::kUnavailable};

}  // namespace openpcc::openai

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "protocol/openai/api.hpp"
#include "wire/json.hpp"

namespace openpcc::openai {

inline constexpr std::size_t kMostObjectBytes = 16 << 20;

// rewrite_object reads an answer that an engine gives as one object and writes the caller's, with members by
// allow-list. openai.bad_answer for what is not of the dialect.
Result<json::Value> rewrite_object(Api api, ByteView engine_bytes, std::string_view public_model);

}  // namespace openpcc::openai

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "wire/json.hpp"

namespace openpcc::openai {

// A tree of numbers takes ten times its text.
inline constexpr std::size_t kMostObjectBytes = 8 << 20;

// read_object reads an answer that an engine gives as one object. openai.bad_answer for anything else, and for an error
// that it reports, whose words are not passed on.
Result<json::Value> read_object(ByteView engine_bytes);

// rewrite_count writes the caller's answer to "how many tokens".
Result<json::Value> rewrite_count(const json::Value& engine);

}  // namespace openpcc::openai

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"
#include "wire/json.hpp"

namespace openpcc::openai {

// admit_tools copies tools, tool_choice and parallel_tool_calls; admit_format copies response_format. A schema is data
// of the caller's that the engine turns into a grammar: it is bounded in size, depth and repetition, and refers to
// itself only.
Result<void> admit_tools(const json::Value& from, json::Value& to);
Result<void> admit_format(const json::Value& from, json::Value& to);

// Their parts, for APIs that call the members otherwise. pass_name copies `name`, of letters, digits, _ and -;
// pass_schema copies the schema `name` as `new_name`.
inline constexpr std::size_t kMostTools = 128;         // the API's own limit
inline constexpr std::size_t kMostWordsBytes = 16384;  // a description
Result<void> pass_name(const json::Value& from, json::Value& to, std::string_view where);
Result<void> pass_schema(const json::Value& from, std::string_view name, json::Value& to, std::string_view new_name,
                         std::string_view where);

}  // namespace openpcc::openai

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

}  // namespace openpcc::openai

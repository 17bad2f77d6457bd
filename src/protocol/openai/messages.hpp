// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"
#include "protocol/openai/request.hpp"
#include "wire/json.hpp"

namespace openpcc::openai {

// admit_messages writes a conversation anew: roles, texts and tool calls, and nothing else.
Result<json::Value> admit_messages(const json::Value& messages, const Limits& limits);

}  // namespace openpcc::openai

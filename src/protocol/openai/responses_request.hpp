// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"
#include "protocol/openai/request.hpp"
#include "wire/json.hpp"

// OpenAI's Responses API, written anew as a chat. Nothing is remembered between requests: what needs that is refused.
namespace openpcc::openai {

Result<void> admit_responses(const json::Value& from, json::Value& to, EngineRequest& request, const Dialect& dialect);

// admit_input appends the member `input`, a text or a list of items, to a conversation.
Result<void> admit_input(const json::Value& input, json::Value& out, const Limits& limits);

}  // namespace openpcc::openai

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"
#include "protocol/openai/request.hpp"
#include "wire/json.hpp"

// Anthropic's Messages API, written anew as a chat in OpenAI's form.
namespace openpcc::openai {

// admit_anthropic checks a request of POST /v1/messages or of /v1/messages/count_tokens.
Result<void> admit_anthropic(const json::Value& from, json::Value& to, EngineRequest& request, const Dialect& dialect);

// admit_anthropic_messages appends a conversation to `out`, a list. A message there may become several: a tool's result
// is a message of its own here.
Result<void> admit_anthropic_messages(const json::Value& messages, json::Value& out, const Limits& limits);
// anthropic_text is the member `name`, a text or a list of parts that are texts, as one text.
Result<json::Value> anthropic_text(const json::Value& content, std::string_view where);

}  // namespace openpcc::openai

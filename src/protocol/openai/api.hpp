// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The APIs that a node answers, and what differs between them for whoever only passes them on: paths and errors.
namespace openpcc::openai {

enum class Api : std::uint8_t {
    kChat,         // POST /v1/chat/completions
    kCompletions,  // POST /v1/completions
    kMessages,     // POST /v1/messages, Anthropic's form of a chat
    kCountTokens,  // POST /v1/messages/count_tokens
    kResponses,    // POST /v1/responses, OpenAI's newer form of a chat, without its memory
    kEmbeddings,   // POST /v1/embeddings
};

// api_of is the API that is asked at a path by POST; nothing for any other path.
std::optional<Api> api_of(std::string_view path);
// kPaths says to a caller what there is.
extern const std::string_view kPaths;

// without_mark is a path without "?beta=true", which Anthropic's SDKs add to some; any other query stays, and no such
// path is served.
std::string_view without_mark(std::string_view path);

// ErrorShape is which API's error object a caller reads.
enum class ErrorShape : std::uint8_t { kOpenAi, kAnthropic };
ErrorShape shape_of(std::string_view path);

// error_body is the API's own error object for a request that was refused; `code` and `message` are texts of ours.
std::string error_body(ErrorShape shape, std::string_view type, std::string_view code, std::string_view message);
// error_event is the same as the last event of a stream that breaks off.
std::string error_event(ErrorShape shape, std::string_view body);

}  // namespace openpcc::openai

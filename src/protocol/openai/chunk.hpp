// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "wire/json.hpp"

namespace openpcc::openai {

// Usage is what a request has cost. How much of it came from a cache is not among it: that would tell one caller about
// another.
struct Usage {
    std::int64_t prompt_tokens = 0;
    std::int64_t completion_tokens = 0;
    std::int64_t total_tokens = 0;
    json::Value to_json() const;
};

// ChoicePart is what one event says about one choice, written anew with members by allow-list.
struct ChoicePart {
    std::uint32_t index = 0;
    json::Value delta;                    // chat: role, content, refusal, reasoning_content, tool_calls
    json::Value text;                     // completions
    std::optional<json::Value> logprobs;  // {"content": [...]}, when there are any
    std::string_view finish_reason;       // one of our constants, or empty
    json::Value stop_text;                // where the engine says that it stopped at one of the caller's texts
};

struct Chunk {
    std::vector<ChoicePart> choices;
    std::optional<Usage> usage;
    std::optional<std::int64_t> prompt_tokens;  // reported while the prompt is read (llama-server)
};

// parse_chunk reads one event of an engine's stream. openai.bad_answer for what is not of the dialect and for an error
// that the engine reports, whose words are not passed on; openai.truncated when it says that it gave a request up.
Result<Chunk> parse_chunk(ByteView event, bool chat, std::uint32_t choices);

}  // namespace openpcc::openai

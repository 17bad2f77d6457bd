// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "protocol/openai/fields.hpp"

namespace openpcc::openai {

namespace {

using enum Treatment;

constexpr auto kFields = std::to_array<FieldRule>({
    {"model", kSet},
    {"max_tokens", kPassed},
    {"messages", kPassed},
    {"system", kPassed},
    {"stop_sequences", kPassed},
    {"temperature", kPassed},
    {"top_p", kPassed},
    {"top_k", kPassed},
    {"tools", kPassed},
    {"tool_choice", kPassed},
    {"output_config", kPassed},
    {"stream", kSet},
    // Who the caller is.
    {"metadata", kDropped},
    {"user_profile_id", kDropped},
    // Nothing is kept between requests, so there is nothing to mark.
    {"cache_control", kDropped},
    {"thinking", kDropped},  // "disabled"; the others are refused
    // The API's own, not supported.
    {"container", kRefused},
    {"context_management", kRefused},
    {"diagnostics", kRefused},
    {"inference_geo", kRefused},
    {"mcp_servers", kRefused},
    {"output_format", kRefused},
    {"service_tier", kRefused},
    {"speed", kRefused},
    {"workspace_id", kRefused},
    // Engines' own; any other is refused too, and not named.
    {"cache_prompt", kRefused},
    {"cache_salt", kRefused},
    {"chat_template_kwargs", kRefused},
    {"id_slot", kRefused},
    {"kv_transfer_params", kRefused},
    {"thinking_budget_tokens", kRefused},
});

constexpr auto kText = std::to_array<FieldRule>({
    {"type", kPassed},
    {"text", kPassed},
    {"cache_control", kDropped},
    {"citations", kDropped},  // a client's copy of an earlier answer's
});
constexpr auto kImage = std::to_array<FieldRule>({
    {"type", kPassed},
    {"source", kPassed},
    {"cache_control", kDropped},
    {"transformations", kRefused},
});
constexpr auto kToolUse = std::to_array<FieldRule>({
    {"type", kPassed},
    {"id", kPassed},
    {"name", kPassed},
    {"input", kPassed},
    {"cache_control", kDropped},
    {"caller", kDropped},  // a client's copy
    {"toolset_name", kRefused},
});
constexpr auto kToolResult = std::to_array<FieldRule>({
    {"type", kPassed},
    {"tool_use_id", kPassed},
    {"content", kPassed},
    {"cache_control", kDropped},
    {"is_error", kDropped},  // templates of models have no such mark; the content says it
    {"toolset_name", kRefused},
});

constexpr auto kBlocks = std::to_array<BlockRule>({
    {"text", kPassed, kText},
    {"image", kPassed, kImage},
    {"tool_use", kPassed, kToolUse},
    {"tool_result", kPassed, kToolResult},
    // Thoughts of earlier answers are not sent again.
    {"thinking", kDropped},
    {"redacted_thinking", kDropped},
    {"document", kRefused},
    {"search_result", kRefused},
    {"container_upload", kRefused},
    {"server_tool_use", kRefused},
    {"web_search_tool_result", kRefused},
    {"web_fetch_tool_result", kRefused},
    {"code_execution_tool_result", kRefused},
    {"bash_code_execution_tool_result", kRefused},
    {"text_editor_code_execution_tool_result", kRefused},
    {"tool_search_tool_result", kRefused},
    {"tool_reference", kRefused},
    {"mcp_tool_use", kRefused},
    {"mcp_tool_result", kRefused},
});

}  // namespace

std::span<const FieldRule> anthropic_fields() { return kFields; }
std::span<const BlockRule> anthropic_blocks() { return kBlocks; }

}  // namespace openpcc::openai

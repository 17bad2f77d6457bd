// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "protocol/openai/fields.hpp"

namespace openpcc::openai {

namespace {

using enum Treatment;

constexpr auto kFields = std::to_array<FieldRule>({
    {"model", kSet},
    {"input", kPassed},
    {"instructions", kPassed},
    {"max_output_tokens", kPassed},
    {"temperature", kPassed},
    {"top_p", kPassed},
    {"tools", kPassed},
    {"tool_choice", kPassed},
    {"parallel_tool_calls", kPassed},
    {"text", kPassed},
    {"stream", kSet},
    {"stream_options", kSet},
    // Who the caller is.
    {"user", kDropped},
    {"metadata", kDropped},
    {"safety_identifier", kDropped},
    {"prompt_cache_key", kDropped},
    // The value that asks for nothing; any other is refused.
    {"store", kDropped},
    {"background", kDropped},
    {"include", kDropped},
    {"truncation", kDropped},
    // What needs a memory, and there is none.
    {"conversation", kRefused},
    {"previous_response_id", kRefused},
    {"prompt", kRefused},
    // The API's own, not supported.
    {"access_programs", kRefused},
    {"background_options", kRefused},
    {"context_management", kRefused},
    {"image", kRefused},
    {"max_tool_calls", kRefused},
    {"moderation", kRefused},
    {"prompt_cache_options", kRefused},
    {"prompt_cache_retention", kRefused},
    {"reasoning", kRefused},
    {"service_tier", kRefused},
    {"top_logprobs", kRefused},
});

constexpr auto kMessage = std::to_array<FieldRule>(
    {{"type", kPassed}, {"role", kPassed}, {"content", kPassed}, {"id", kDropped}, {"status", kDropped}});
constexpr auto kCall = std::to_array<FieldRule>({{"type", kPassed},
                                                 {"call_id", kPassed},
                                                 {"name", kPassed},
                                                 {"arguments", kPassed},
                                                 {"id", kDropped},
                                                 {"status", kDropped}});
constexpr auto kOutput = std::to_array<FieldRule>(
    {{"type", kPassed}, {"call_id", kPassed}, {"output", kPassed}, {"id", kDropped}, {"status", kDropped}});

constexpr auto kItems = std::to_array<BlockRule>({
    {"message", kPassed, kMessage},
    {"function_call", kPassed, kCall},
    {"function_call_output", kPassed, kOutput},
    {"reasoning", kDropped},  // thoughts of earlier answers are not sent again
    {"item_reference", kRefused},
    {"file_search_call", kRefused},
    {"web_search_call", kRefused},
    {"computer_call", kRefused},
    {"computer_call_output", kRefused},
    {"code_interpreter_call", kRefused},
    {"image_generation_call", kRefused},
    {"local_shell_call", kRefused},
    {"local_shell_call_output", kRefused},
    {"shell_call", kRefused},
    {"shell_call_output", kRefused},
    {"apply_patch_call", kRefused},
    {"apply_patch_call_output", kRefused},
    {"mcp_list_tools", kRefused},
    {"mcp_approval_request", kRefused},
    {"mcp_approval_response", kRefused},
    {"mcp_call", kRefused},
    {"custom_tool_call", kRefused},
    {"custom_tool_call_output", kRefused},
    {"compaction", kRefused},
});

constexpr auto kInputText = std::to_array<FieldRule>({{"type", kPassed}, {"text", kPassed}});
constexpr auto kOutputText =
    std::to_array<FieldRule>({{"type", kPassed}, {"text", kPassed}, {"annotations", kDropped}, {"logprobs", kDropped}});
constexpr auto kRefusal = std::to_array<FieldRule>({{"type", kPassed}, {"refusal", kPassed}});
constexpr auto kInputImage =
    std::to_array<FieldRule>({{"type", kPassed}, {"image_url", kPassed}, {"detail", kDropped}, {"file_id", kRefused}});

constexpr auto kParts = std::to_array<BlockRule>({
    {"input_text", kPassed, kInputText},
    {"output_text", kPassed, kOutputText},
    {"refusal", kPassed, kRefusal},
    {"input_image", kPassed, kInputImage},
    {"input_file", kRefused},
    {"input_audio", kRefused},
});

constexpr auto kEmbeddings = std::to_array<FieldRule>({
    {"model", kSet},
    {"input", kPassed},
    {"encoding_format", kSet},
    {"user", kDropped},
    {"dimensions", kRefused},
});

}  // namespace

std::span<const FieldRule> responses_fields() { return kFields; }
std::span<const BlockRule> responses_items() { return kItems; }
std::span<const BlockRule> responses_parts() { return kParts; }
std::span<const FieldRule> embeddings_fields() { return kEmbeddings; }

}  // namespace openpcc::openai

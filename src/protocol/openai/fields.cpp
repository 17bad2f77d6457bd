// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/fields.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "protocol/openai/errors.hpp"
#include "protocol/openai/pass.hpp"

namespace openpcc::openai {

namespace {

using enum Treatment;
using enum Place;

constexpr auto kRequestFields = std::to_array<FieldRule>({
    {"model", kSet},
    {"messages", kPassed, kChat},
    {"prompt", kPassed, kCompletions},
    {"temperature", kPassed},
    {"top_p", kPassed},
    {"n", kPassed},
    {"stop", kPassed},
    {"max_tokens", kPassed},
    {"max_completion_tokens", kPassed, kChat},
    {"presence_penalty", kPassed},
    {"frequency_penalty", kPassed},
    {"seed", kPassed},
    {"response_format", kPassed, kChat},
    {"tools", kPassed, kChat},
    {"tool_choice", kPassed, kChat},
    {"parallel_tool_calls", kPassed, kChat},
    {"logprobs", kPassed, kChat},
    {"top_logprobs", kPassed, kChat},
    {"stream", kSet},
    {"stream_options", kSet},
    // Who the caller is, is nobody's business behind the gateway.
    {"user", kDropped},
    {"metadata", kDropped},
    {"safety_identifier", kDropped},
    {"prompt_cache_key", kDropped},
    {"store", kDropped},  // false; true is refused
    // The API's own, not supported.
    {"audio", kRefused},
    {"best_of", kRefused},
    {"echo", kRefused},
    {"function_call", kRefused},
    {"functions", kRefused},
    {"logit_bias", kRefused},
    {"modalities", kRefused},
    {"prediction", kRefused},
    {"prompt_cache_retention", kRefused},
    {"reasoning_effort", kRefused},
    {"service_tier", kRefused},
    {"suffix", kRefused},
    {"verbosity", kRefused},
    {"web_search_options", kRefused},
    // Engines' own. Each has let one caller reach another's words, or the engine's inside, in some version of some
    // engine.
    {"allowed_token_ids", kRefused},
    {"cache_prompt", kRefused},
    {"cache_salt", kRefused},
    {"chat_template", kRefused},
    {"chat_template_kwargs", kRefused},
    {"grammar", kRefused},
    {"guided_grammar", kRefused},
    {"guided_json", kRefused},
    {"guided_regex", kRefused},
    {"id_slot", kRefused},
    {"ignore_eos", kRefused},
    {"json_schema", kRefused},
    {"kv_transfer_params", kRefused},
    {"lora", kRefused},
    {"media_io_kwargs", kRefused},
    {"min_p", kRefused},
    {"mm_processor_kwargs", kRefused},
    {"n_predict", kRefused},
    {"n_probs", kRefused},
    {"priority", kRefused},
    {"prompt_embeds", kRefused},
    {"prompt_logprobs", kRefused},
    {"repetition_penalty", kRefused},
    {"request_id", kRefused},
    {"structured_outputs", kRefused},
    {"thinking_token_budget", kRefused},
    {"top_k", kRefused},
    {"vllm_xargs", kRefused},
});

constexpr auto kMessageFields = std::to_array<FieldRule>({
    {"role", kPassed},
    {"content", kPassed},
    {"name", kPassed},
    {"tool_calls", kPassed},
    {"tool_call_id", kPassed},
    // What an answer carried and a client sends back with its conversation.
    {"refusal", kDropped},
    {"annotations", kDropped},
    {"reasoning_content", kDropped},
    {"audio", kRefused},
    {"function_call", kRefused},
});

constexpr auto kNodeFields = std::to_array<std::string_view>(
    {"model", "stream", "stream_options", "max_tokens", "cache_prompt", "return_progress", "cache_salt"});

}  // namespace

std::span<const FieldRule> request_fields() { return kRequestFields; }
std::span<const FieldRule> message_fields() { return kMessageFields; }
std::span<const std::string_view> node_fields() { return kNodeFields; }

Result<void> check_names(const json::Value& object, std::span<const FieldRule> rules, Place place,
                         std::string_view where) {
    for (const auto& [name, value] : object.members()) {
        const auto rule = std::ranges::find(rules, std::string_view(name), &FieldRule::name);
        if (rule == rules.end()) return fail(kUnsupportedField, std::string(where) + "a field that is not in the list");
        if (value.kind() == json::Value::Kind::kNull) continue;
        const bool here = (static_cast<unsigned>(rule->place) & static_cast<unsigned>(place)) != 0;
        if (rule->treatment == kRefused || !here)
            return fail(kUnsupportedField, std::string(where) + std::string(rule->name));
    }
    return {};
}

Result<const BlockRule*> find_block(const json::Value& part, std::span<const BlockRule> rules, std::string_view where) {
    if (!part.is_object()) return bad(where, "parts are objects");
    const json::Value* type = present(part, "type");
    const auto name = type != nullptr ? type->as_string() : std::nullopt;
    if (!name) return bad(where, "a part needs its type");
    const auto rule = std::ranges::find(rules, *name, &BlockRule::type);
    if (rule == rules.end()) return fail(kUnsupportedField, std::string(where));
    const std::string full = std::string(where) + "." + std::string(rule->type);
    if (rule->treatment == kRefused) return fail(kUnsupportedField, full);
    // A part that is thrown away is not looked into.
    if (rule->treatment != kDropped) OPENPCC_CHECK(check_names(part, rule->members, kBoth, full + "."));
    return &*rule;
}

}  // namespace openpcc::openai

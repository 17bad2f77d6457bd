// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/anthropic_request.hpp"

#include <fmt/format.h>

#include <array>

#include "protocol/openai/errors.hpp"
#include "protocol/openai/fields.hpp"
#include "protocol/openai/pass.hpp"
#include "protocol/openai/sampling.hpp"
#include "protocol/openai/tools.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

constexpr std::int64_t kMostTopK = 1'000'000;
constexpr std::size_t kMostWordBytes = 64;

constexpr auto kMetadataFields = std::to_array<FieldRule>({{"user_id", Treatment::kDropped}});
constexpr auto kToolFields = std::to_array<FieldRule>({
    {"type", Treatment::kPassed},
    {"name", Treatment::kPassed},
    {"description", Treatment::kPassed},
    {"input_schema", Treatment::kPassed},
    {"strict", Treatment::kPassed},
    {"cache_control", Treatment::kDropped},
    {"eager_input_streaming", Treatment::kDropped},  // how an answer is cut is nobody's promise
    {"allowed_callers", Treatment::kRefused},
    {"defer_loading", Treatment::kRefused},
    {"input_examples", Treatment::kRefused},
});
constexpr auto kChoiceFields = std::to_array<FieldRule>({
    {"type", Treatment::kPassed},
    {"name", Treatment::kPassed},
    {"disable_parallel_tool_use", Treatment::kPassed},
});
constexpr auto kOutputFields =
    std::to_array<FieldRule>({{"format", Treatment::kPassed}, {"effort", Treatment::kRefused}});
constexpr auto kFormatFields = std::to_array<FieldRule>({{"type", Treatment::kPassed}, {"schema", Treatment::kPassed}});

Result<Value> admit_tool(const Value& tool) {
    if (!tool.is_object()) return bad("tools", "each is an object");
    // Tools that a service would run itself are of other types, and have other members.
    if (const Value* type = present(tool, "type"); type != nullptr && type->as_string() != "custom")
        return fail(kUnsupportedField, "tools.type: only tools of the caller's own");
    OPENPCC_CHECK(check_names(tool, kToolFields, Place::kBoth, "tools."));
    Value out = Value::object();
    out.set("type", Value::string("function"));
    Value& function = out.set("function", Value::object());
    OPENPCC_CHECK(pass_name(tool, function, "tools.name"));
    OPENPCC_CHECK(pass_text(tool, function, "description", kMostWordsBytes));
    OPENPCC_CHECK(pass_schema(tool, "input_schema", function, "parameters", "tools.input_schema"));
    if (function.get("parameters") == nullptr) return bad("tools.input_schema", "missing");
    OPENPCC_CHECK(pass_bool(tool, function, "strict"));
    return out;
}

Result<Value> admit_choice(const Value& choice, Value& to) {
    if (!choice.is_object()) return bad("tool_choice", "an object");
    OPENPCC_CHECK(check_names(choice, kChoiceFields, Place::kBoth, "tool_choice."));
    OPENPCC_TRY(const std::string_view type, read_text(choice, "type", kMostWordBytes));
    if (present(choice, "disable_parallel_tool_use") != nullptr) {
        OPENPCC_TRY(const bool one, read_bool(choice, "disable_parallel_tool_use", false));
        to.set("parallel_tool_calls", Value::boolean(!one));
    }
    if (type == "tool") {
        Value out = Value::object();
        out.set("type", Value::string("function"));
        OPENPCC_CHECK(pass_name(choice, out.set("function", Value::object()), "tool_choice.name"));
        return out;
    }
    if (present(choice, "name") != nullptr) return bad("tool_choice.name", "only with type tool");
    if (type == "any") return Value::string("required");
    if (type == "auto" || type == "none") return Value::string(type);
    return bad("tool_choice.type", "auto, any, tool or none");
}

Result<void> admit_anthropic_tools(const Value& from, Value& to) {
    const Value* tools = present(from, "tools");
    const Value* choice = present(from, "tool_choice");
    if (tools != nullptr && (!tools->is_array() || tools->elements().size() > kMostTools))
        return bad("tools", fmt::format("a list of at most {}", kMostTools));
    if (tools == nullptr || tools->elements().empty())
        return choice == nullptr ? Result<void>{} : bad("tool_choice", "there are no tools");
    Value& list = to.set("tools", Value::array());
    for (const Value& tool : tools->elements()) {
        OPENPCC_TRY(Value admitted, admit_tool(tool));
        list.push(std::move(admitted));
    }
    if (choice == nullptr) return {};
    OPENPCC_TRY(Value admitted, admit_choice(*choice, to));
    to.set("tool_choice", std::move(admitted));
    return {};
}

Result<void> admit_output(const Value& from, Value& to) {
    const Value* config = present(from, "output_config");
    if (config == nullptr) return {};
    if (!config->is_object()) return bad("output_config", "an object");
    OPENPCC_CHECK(check_names(*config, kOutputFields, Place::kBoth, "output_config."));
    const Value* format = present(*config, "format");
    if (format == nullptr) return {};
    if (!format->is_object()) return bad("output_config.format", "an object");
    OPENPCC_CHECK(check_names(*format, kFormatFields, Place::kBoth, "output_config.format."));
    OPENPCC_TRY(const std::string_view type, read_text(*format, "type", kMostWordBytes));
    if (type != "json_schema") return bad("output_config.format.type", "json_schema");
    Value& out = to.set("response_format", Value::object());
    out.set("type", Value::string(type));
    Value& inner = out.set("json_schema", Value::object());
    inner.set("name", Value::string("output"));
    OPENPCC_CHECK(pass_schema(*format, "schema", inner, "schema", "output_config.format.schema"));
    if (inner.get("schema") == nullptr) return bad("output_config.format.schema", "missing");
    inner.set("strict", Value::boolean(true));
    return {};
}

// What is accepted and thrown away must still be what it says: a caller who asks for thoughts is told that there are
// none to order.
Result<void> check_dropped(const Value& from) {
    if (const Value* metadata = present(from, "metadata")) {
        if (!metadata->is_object()) return bad("metadata", "an object");
        OPENPCC_CHECK(check_names(*metadata, kMetadataFields, Place::kBoth, "metadata."));
    }
    const Value* thinking = present(from, "thinking");
    const Value* type = thinking != nullptr ? present(*thinking, "type") : nullptr;
    if (thinking != nullptr && (type == nullptr || type->as_string() != "disabled"))
        return fail(kUnsupportedField, "thinking: only of type disabled");
    return {};
}

Result<void> admit_conversation(const Value& from, Value& to, const Limits& limits) {
    Value list = Value::array();
    if (const Value* system = present(from, "system")) {
        OPENPCC_TRY(Value text, anthropic_text(*system, "system"));
        Value& message = list.push(Value::object());
        message.set("role", Value::string("system"));
        message.set("content", std::move(text));
    }
    const Value* messages = present(from, "messages");
    if (messages == nullptr) return bad("messages", "missing");
    OPENPCC_CHECK(admit_anthropic_messages(*messages, list, limits));
    to.set("messages", std::move(list));
    return {};
}

Result<void> admit_sampling(const Value& from, Value& to, EngineRequest& request, const Dialect& dialect) {
    OPENPCC_CHECK(pass_number(from, to, "temperature", 0, 1));
    OPENPCC_CHECK(pass_number(from, to, "top_p", 0, 1));
    OPENPCC_CHECK(pass_integer(from, to, "top_k", 0, kMostTopK));
    OPENPCC_CHECK(pass_stop(from, "stop_sequences", to, request, dialect.limits));
    if (present(from, "max_tokens") == nullptr) return bad("max_tokens", "missing");
    return pass_max_tokens(from, {"max_tokens"}, to, dialect);
}

}  // namespace

Result<void> admit_anthropic(const Value& from, Value& to, EngineRequest& request, const Dialect& dialect) {
    OPENPCC_CHECK(check_names(from, anthropic_fields(), Place::kBoth, ""));
    OPENPCC_CHECK(check_model(from, dialect));
    OPENPCC_CHECK(check_dropped(from));
    OPENPCC_TRY(request.caller_streams, read_bool(from, "stream", false));
    request.caller_wants_usage = true;
    OPENPCC_CHECK(admit_conversation(from, to, dialect.limits));
    OPENPCC_CHECK(admit_anthropic_tools(from, to));
    if (request.api == Api::kMessages) {
        OPENPCC_CHECK(admit_output(from, to));
        return admit_sampling(from, to, request, dialect);
    }
    // A count is of the prompt; how the answer would be made is not looked at.
    if (request.caller_streams) return bad("stream", "a count comes whole");
    request.gives = EngineAnswer::kObject;
    return {};
}

}  // namespace openpcc::openai

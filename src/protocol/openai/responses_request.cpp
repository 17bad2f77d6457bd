// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/responses_request.hpp"

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

constexpr std::size_t kMostWordBytes = 64;

constexpr auto kStreamOptionFields = std::to_array<FieldRule>({{"include_obfuscation", Treatment::kDropped}});
constexpr auto kToolFields = std::to_array<FieldRule>({
    {"type", Treatment::kPassed},
    {"name", Treatment::kPassed},
    {"description", Treatment::kPassed},
    {"parameters", Treatment::kPassed},
    {"strict", Treatment::kPassed},
});
constexpr auto kChoiceFields = std::to_array<FieldRule>({{"type", Treatment::kPassed}, {"name", Treatment::kPassed}});
constexpr auto kTextFields =
    std::to_array<FieldRule>({{"format", Treatment::kPassed}, {"verbosity", Treatment::kRefused}});
constexpr auto kFormatFields = std::to_array<FieldRule>({
    {"type", Treatment::kPassed},
    {"name", Treatment::kPassed},
    {"description", Treatment::kPassed},
    {"schema", Treatment::kPassed},
    {"strict", Treatment::kPassed},
});

Result<Value> admit_tool(const Value& tool) {
    if (!tool.is_object()) return bad("tools", "each is an object");
    OPENPCC_TRY(const std::string_view type, read_text(tool, "type", kMostWordBytes));
    if (type != "function") return fail(kUnsupportedField, "tools.type: only functions");
    OPENPCC_CHECK(check_names(tool, kToolFields, Place::kBoth, "tools."));
    Value out = Value::object();
    out.set("type", Value::string("function"));
    Value& function = out.set("function", Value::object());
    OPENPCC_CHECK(pass_name(tool, function, "tools.name"));
    OPENPCC_CHECK(pass_text(tool, function, "description", kMostWordsBytes));
    OPENPCC_CHECK(pass_schema(tool, "parameters", function, "parameters", "tools.parameters"));
    OPENPCC_CHECK(pass_bool(tool, function, "strict"));
    return out;
}

Result<Value> admit_choice(const Value& choice) {
    if (const auto word = choice.as_string()) {
        if (*word != "none" && *word != "auto" && *word != "required")
            return bad("tool_choice", "none, auto, required or a function");
        return Value::string(*word);
    }
    if (!choice.is_object()) return bad("tool_choice", "a word or a function");
    OPENPCC_TRY(const std::string_view type, read_text(choice, "type", kMostWordBytes));
    if (type != "function") return fail(kUnsupportedField, "tool_choice.type: only functions");
    OPENPCC_CHECK(check_names(choice, kChoiceFields, Place::kBoth, "tool_choice."));
    Value out = Value::object();
    out.set("type", Value::string("function"));
    OPENPCC_CHECK(pass_name(choice, out.set("function", Value::object()), "tool_choice.name"));
    return out;
}

// The answer repeats what it was asked with, as the API's does: what has been checked, and no words of a prompt.
Result<void> admit_response_tools(const Value& from, Value& to, Value& echo) {
    OPENPCC_TRY(const bool parallel, read_bool(from, "parallel_tool_calls", true));
    echo.set("parallel_tool_calls", Value::boolean(parallel));
    echo.set("tool_choice", Value::string("auto"));
    echo.set("tools", Value::array());
    const Value* tools = present(from, "tools");
    if (tools != nullptr && (!tools->is_array() || tools->elements().size() > kMostTools))
        return bad("tools", fmt::format("a list of at most {}", kMostTools));
    const bool any = tools != nullptr && !tools->elements().empty();
    if (any) {
        Value list = Value::array();
        for (const Value& tool : tools->elements()) {
            OPENPCC_TRY(Value admitted, admit_tool(tool));
            list.push(std::move(admitted));
        }
        to.set("tools", std::move(list));
        OPENPCC_CHECK(pass_bool(from, to, "parallel_tool_calls"));
        echo.set("tools", tools->clone());
    }
    const Value* choice = present(from, "tool_choice");
    if (choice == nullptr) return {};
    OPENPCC_TRY(Value admitted, admit_choice(*choice));
    echo.set("tool_choice", choice->clone());
    if (any) {
        to.set("tool_choice", std::move(admitted));
    } else if (const auto word = admitted.as_string(); word != "none" && word != "auto") {
        return bad("tool_choice", "there are no tools");
    }
    return {};
}

Result<void> admit_text(const Value& from, Value& to, Value& echo) {
    const Value* text = present(from, "text");
    if (text == nullptr) return {};
    if (!text->is_object()) return bad("text", "an object");
    OPENPCC_CHECK(check_names(*text, kTextFields, Place::kBoth, "text."));
    const Value* format = present(*text, "format");
    if (format == nullptr) return {};
    if (!format->is_object()) return bad("text.format", "an object");
    OPENPCC_CHECK(check_names(*format, kFormatFields, Place::kBoth, "text.format."));
    OPENPCC_TRY(const std::string_view type, read_text(*format, "type", kMostWordBytes));
    if (type != "text" && type != "json_object" && type != "json_schema")
        return bad("text.format.type", "text, json_object or json_schema");
    Value out = Value::object();
    out.set("type", Value::string(type));
    if (type == "json_schema") {
        Value& inner = out.set("json_schema", Value::object());
        OPENPCC_CHECK(pass_name(*format, inner, "text.format.name"));
        OPENPCC_CHECK(pass_text(*format, inner, "description", kMostWordsBytes));
        OPENPCC_CHECK(pass_schema(*format, "schema", inner, "schema", "text.format.schema"));
        if (inner.get("schema") == nullptr) return bad("text.format.schema", "missing");
        OPENPCC_CHECK(pass_bool(*format, inner, "strict"));
    }
    to.set("response_format", std::move(out));
    echo.set("text", Value::object()).set("format", format->clone());
    return {};
}

// Members that are taken in the one form that asks for nothing.
Result<void> check_dropped(const Value& from) {
    OPENPCC_CHECK(refuse_storage(from));
    OPENPCC_TRY(const bool background, read_bool(from, "background", false));
    if (background) return fail(kUnsupportedField, "background");
    const Value* include = present(from, "include");
    if (include != nullptr && !(include->is_array() && include->elements().empty()))
        return fail(kUnsupportedField, "include");
    const Value* truncation = present(from, "truncation");
    if (truncation != nullptr && truncation->as_string() != "disabled") return fail(kUnsupportedField, "truncation");
    return {};
}

Result<void> read_stream(const Value& from, EngineRequest& request) {
    OPENPCC_TRY(request.caller_streams, read_bool(from, "stream", false));
    request.caller_wants_usage = true;
    const Value* options = present(from, "stream_options");
    if (options == nullptr) return {};
    if (!request.caller_streams) return bad("stream_options", "only with stream");
    if (!options->is_object()) return bad("stream_options", "an object");
    return check_names(*options, kStreamOptionFields, Place::kBoth, "stream_options.");
}

Result<void> admit_conversation(const Value& from, Value& to, const Limits& limits) {
    Value list = Value::array();
    if (const Value* instructions = present(from, "instructions")) {
        if (!instructions->is_string()) return bad("instructions", "a text");
        Value& message = list.push(Value::object());
        message.set("role", Value::string("system"));
        message.set("content", instructions->clone());
    }
    const Value* input = present(from, "input");
    if (input == nullptr) return bad("input", "missing");
    OPENPCC_CHECK(admit_input(*input, list, limits));
    to.set("messages", std::move(list));
    return {};
}

}  // namespace

Result<void> admit_responses(const Value& from, Value& to, EngineRequest& request, const Dialect& dialect) {
    OPENPCC_CHECK(check_names(from, responses_fields(), Place::kBoth, ""));
    OPENPCC_CHECK(check_model(from, dialect));
    OPENPCC_CHECK(check_dropped(from));
    OPENPCC_CHECK(read_stream(from, request));
    OPENPCC_CHECK(admit_conversation(from, to, dialect.limits));
    request.echo = Value::object();
    OPENPCC_CHECK(admit_response_tools(from, to, request.echo));
    OPENPCC_CHECK(admit_text(from, to, request.echo));
    OPENPCC_CHECK(pass_number(from, to, "temperature", 0, 2));
    OPENPCC_CHECK(pass_number(from, to, "top_p", 0, 1));
    for (const std::string_view name : {"temperature", "top_p", "max_output_tokens"})
        if (const Value* value = present(from, name)) request.echo.set(name, value->clone());
    return pass_max_tokens(from, {"max_output_tokens"}, to, dialect);
}

}  // namespace openpcc::openai

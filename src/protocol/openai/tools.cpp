// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/tools.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/openai/errors.hpp"
#include "protocol/openai/fields.hpp"
#include "protocol/openai/pass.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

constexpr std::size_t kMostNameBytes = 64;  // the API's own limit
constexpr std::size_t kSchemaNodes = 4096;
constexpr std::size_t kSchemaDepth = 16;
constexpr std::size_t kSchemaPatternBytes = 256;
constexpr std::int64_t kSchemaRepetition = 2000;  // llama.cpp refuses grammars that repeat more

constexpr auto kToolFields = std::to_array<FieldRule>({{"type", Treatment::kPassed}, {"function", Treatment::kPassed}});
constexpr auto kFunctionFields = std::to_array<FieldRule>({
    {"name", Treatment::kPassed},
    {"description", Treatment::kPassed},
    {"parameters", Treatment::kPassed},
    {"strict", Treatment::kPassed},
});
constexpr auto kChoiceFunctionFields = std::to_array<FieldRule>({{"name", Treatment::kPassed}});
constexpr auto kFormatFields =
    std::to_array<FieldRule>({{"type", Treatment::kPassed}, {"json_schema", Treatment::kPassed}});
constexpr auto kSchemaFields = std::to_array<FieldRule>({
    {"name", Treatment::kPassed},
    {"description", Treatment::kPassed},
    {"schema", Treatment::kPassed},
    {"strict", Treatment::kPassed},
});

bool is_name(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

// A keyword that would make the engine work without end, or look elsewhere.
bool keyword_ok(std::string_view name, const Value& value) {
    constexpr auto kRepetitions = std::to_array<std::string_view>(
        {"maxItems", "minItems", "maxLength", "minLength", "maxProperties", "minProperties"});
    if (std::ranges::find(kRepetitions, name) != kRepetitions.end() && value.kind() == Value::Kind::kNumber) {
        const auto count = value.as_int();
        return count && *count >= 0 && *count <= kSchemaRepetition;
    }
    const auto text = value.as_string();
    if (!text) return true;
    if (name == "$ref" || name == "$dynamicRef") return text->starts_with('#');
    if (name == "pattern") return text->size() <= kSchemaPatternBytes;
    return true;
}

Result<void> check_schema(const Value& schema, std::size_t depth, std::size_t& nodes, std::string_view where) {
    if (depth == 0) return bad(where, fmt::format("at most {} levels", kSchemaDepth));
    if (nodes-- == 0) return bad(where, fmt::format("at most {} values", kSchemaNodes));
    for (const Value& element : schema.elements()) OPENPCC_CHECK(check_schema(element, depth - 1, nodes, where));
    for (const auto& [name, value] : schema.members()) {
        if (!keyword_ok(name, value)) return bad(where, "a reference, pattern or repetition beyond what is allowed");
        OPENPCC_CHECK(check_schema(value, depth - 1, nodes, where));
    }
    return {};
}

}  // namespace

Result<void> pass_name(const Value& from, Value& to, std::string_view where) {
    OPENPCC_TRY(const std::string_view name, read_text(from, "name", kMostNameBytes));
    if (!is_name(name)) return bad(where, "a name of letters, digits, _ and -");
    to.set("name", Value::string(name));
    return {};
}

Result<void> pass_schema(const Value& from, std::string_view name, Value& to, std::string_view new_name,
                         std::string_view where) {
    const Value* schema = present(from, name);
    if (schema == nullptr) return {};
    if (!schema->is_object()) return bad(where, "a schema is an object");
    std::size_t nodes = kSchemaNodes;
    OPENPCC_CHECK(check_schema(*schema, kSchemaDepth, nodes, where));
    to.set(new_name, schema->clone());
    return {};
}

namespace {

Result<Value> admit_tool(const Value& tool) {
    if (!tool.is_object()) return bad("tools", "each is an object");
    OPENPCC_CHECK(check_names(tool, kToolFields, Place::kChat, "tools."));
    OPENPCC_TRY(const std::string_view type, read_text(tool, "type", kMostNameBytes));
    const Value* function = present(tool, "function");
    if (type != "function" || function == nullptr || !function->is_object()) return bad("tools", "only functions");
    OPENPCC_CHECK(check_names(*function, kFunctionFields, Place::kChat, "tools.function."));
    Value out = Value::object();
    out.set("type", Value::string("function"));
    Value& inner = out.set("function", Value::object());
    OPENPCC_CHECK(pass_name(*function, inner, "tools.function.name"));
    OPENPCC_CHECK(pass_text(*function, inner, "description", kMostWordsBytes));
    OPENPCC_CHECK(pass_schema(*function, "parameters", inner, "parameters", "tools.function.parameters"));
    OPENPCC_CHECK(pass_bool(*function, inner, "strict"));
    return out;
}

Result<Value> admit_choice(const Value& choice) {
    if (const auto word = choice.as_string()) {
        if (*word != "none" && *word != "auto" && *word != "required")
            return bad("tool_choice", "none, auto or required");
        return Value::string(*word);
    }
    if (!choice.is_object()) return bad("tool_choice", "a word or a function");
    OPENPCC_CHECK(check_names(choice, kToolFields, Place::kChat, "tool_choice."));
    OPENPCC_TRY(const std::string_view type, read_text(choice, "type", kMostNameBytes));
    const Value* function = present(choice, "function");
    if (type != "function" || function == nullptr || !function->is_object())
        return bad("tool_choice", "only functions");
    OPENPCC_CHECK(check_names(*function, kChoiceFunctionFields, Place::kChat, "tool_choice.function."));
    Value out = Value::object();
    out.set("type", Value::string("function"));
    OPENPCC_CHECK(pass_name(*function, out.set("function", Value::object()), "tool_choice.function.name"));
    return out;
}

}  // namespace

Result<void> admit_tools(const Value& from, Value& to) {
    const Value* tools = present(from, "tools");
    const bool any = tools != nullptr && !(tools->is_array() && tools->elements().empty());
    if (any) {
        if (!tools->is_array() || tools->elements().size() > kMostTools)
            return bad("tools", fmt::format("a list of at most {}", kMostTools));
        Value& list = to.set("tools", Value::array());
        for (const Value& tool : tools->elements()) {
            OPENPCC_TRY(Value admitted, admit_tool(tool));
            list.push(std::move(admitted));
        }
        OPENPCC_CHECK(pass_bool(from, to, "parallel_tool_calls"));
    }
    if (const Value* choice = present(from, "tool_choice")) {
        OPENPCC_TRY(Value admitted, admit_choice(*choice));
        if (any) {
            to.set("tool_choice", std::move(admitted));
        } else if (const auto word = admitted.as_string(); word != "none" && word != "auto") {
            return bad("tool_choice", "there are no tools");
        }
    }
    return {};
}

Result<void> admit_format(const Value& from, Value& to) {
    const Value* format = present(from, "response_format");
    if (format == nullptr) return {};
    if (!format->is_object()) return bad("response_format", "an object");
    OPENPCC_CHECK(check_names(*format, kFormatFields, Place::kChat, "response_format."));
    OPENPCC_TRY(const std::string_view type, read_text(*format, "type", kMostNameBytes));
    if (type != "text" && type != "json_object" && type != "json_schema")
        return bad("response_format.type", "text, json_object or json_schema");
    Value out = Value::object();
    out.set("type", Value::string(type));
    const Value* given = present(*format, "json_schema");
    if ((type == "json_schema") != (given != nullptr) || (given != nullptr && !given->is_object()))
        return bad("response_format.json_schema", "an object, with type json_schema only");
    if (given != nullptr) {
        OPENPCC_CHECK(check_names(*given, kSchemaFields, Place::kChat, "response_format.json_schema."));
        Value& inner = out.set("json_schema", Value::object());
        OPENPCC_CHECK(pass_name(*given, inner, "response_format.json_schema.name"));
        OPENPCC_CHECK(pass_text(*given, inner, "description", kMostWordsBytes));
        OPENPCC_CHECK(pass_schema(*given, "schema", inner, "schema", "response_format.json_schema.schema"));
        if (present(inner, "schema") == nullptr) return bad("response_format.json_schema.schema", "missing");
        OPENPCC_CHECK(pass_bool(*given, inner, "strict"));
    }
    to.set("response_format", std::move(out));
    return {};
}

}  // namespace openpcc::openai

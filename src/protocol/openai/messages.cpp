// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/openai/errors.hpp"
#include "protocol/openai/fields.hpp"
#include "protocol/openai/images.hpp"
#include "protocol/openai/pass.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

constexpr std::size_t kMostNameBytes = 64;        // the API's own limit
constexpr std::size_t kMostCallIdBytes = 128;     // engines make ids of 9 to 50 bytes
constexpr std::size_t kMostToolCalls = 128;       // the API's own limit for tools
constexpr std::size_t kMostParts = 256;           // more is no way to write a text
constexpr std::size_t kAnyText = ~std::size_t{};  // the body's limit is what counts

constexpr auto kPartFields = std::to_array<FieldRule>({{"type", Treatment::kPassed}, {"text", Treatment::kPassed}});
constexpr auto kImagePartFields =
    std::to_array<FieldRule>({{"type", Treatment::kPassed}, {"image_url", Treatment::kPassed}});
constexpr auto kImageFields = std::to_array<FieldRule>({
    {"url", Treatment::kPassed}, {"detail", Treatment::kDropped},  // engines have one way to look
});
constexpr auto kCallFields = std::to_array<FieldRule>({
    {"id", Treatment::kPassed},
    {"type", Treatment::kPassed},
    {"function", Treatment::kPassed},
    {"index", Treatment::kDropped},  // clients that gather a stream leave it in
});
constexpr auto kFunctionFields =
    std::to_array<FieldRule>({{"name", Treatment::kPassed}, {"arguments", Treatment::kPassed}});
// Kinds of content that we know of and do not take; the answer may name them.
constexpr auto kOtherParts = std::to_array<std::string_view>(
    {"image_url", "input_audio", "file", "refusal", "video_url", "audio_url", "image_embeds", "thinking"});

Result<Value> admit_image(const Value& part, const Limits& limits) {
    OPENPCC_CHECK(check_names(part, kImagePartFields, Place::kChat, "messages.content."));
    const Value* image = present(part, "image_url");
    if (image == nullptr || !image->is_object()) return bad("messages.content.image_url", "an object");
    OPENPCC_CHECK(check_names(*image, kImageFields, Place::kChat, "messages.content.image_url."));
    OPENPCC_TRY(const std::string_view url, read_text(*image, "url", kAnyText));
    return image_of_url(url, limits, "messages.content.image_url");
}

Result<Value> admit_part(const Value& part, const Limits& limits) {
    constexpr std::string_view kName = "messages.content";
    if (!part.is_object()) return bad(kName, "parts are objects");
    const Value* type = present(part, "type");
    const auto kind = type != nullptr ? type->as_string() : std::nullopt;
    if (!kind) return bad(kName, "a part needs its type");
    if (*kind == "image_url" && limits.images > 0) return admit_image(part, limits);
    if (*kind != "text") {
        // Media are refused, by address above all: an engine that fetches what a caller names is a way out.
        const auto known = std::ranges::find(kOtherParts, *kind);
        return fail(kUnsupportedField,
                    known == kOtherParts.end() ? std::string(kName) : fmt::format("{}.{}", kName, *known));
    }
    OPENPCC_CHECK(check_names(part, kPartFields, Place::kChat, "messages.content."));
    OPENPCC_TRY(const std::string_view text, read_text(part, "text", kAnyText));
    Value out = Value::object();
    out.set("type", Value::string("text"));
    out.set("text", Value::string(text));
    return out;
}

Result<Value> admit_content(const Value& content, const Limits& limits) {
    constexpr std::string_view kName = "messages.content";
    if (const auto text = content.as_string()) return Value::string(*text);
    if (!content.is_array()) return bad(kName, "a text or a list of parts");
    if (content.elements().empty() || content.elements().size() > kMostParts)
        return bad(kName, fmt::format("1 to {} parts", kMostParts));
    Value out = Value::array();
    for (const Value& part : content.elements()) {
        OPENPCC_TRY(Value admitted, admit_part(part, limits));
        out.push(std::move(admitted));
    }
    return out;
}

Result<Value> admit_call(const Value& call) {
    constexpr std::string_view kName = "messages.tool_calls";
    if (!call.is_object()) return bad(kName, "calls are objects");
    OPENPCC_CHECK(check_names(call, kCallFields, Place::kChat, "messages.tool_calls."));
    const Value* function = present(call, "function");
    if (function == nullptr || !function->is_object()) return bad(kName, "only calls of functions");
    OPENPCC_CHECK(check_names(*function, kFunctionFields, Place::kChat, "messages.tool_calls.function."));
    OPENPCC_TRY(const std::string_view type, read_text(call, "type", kAnyText));
    if (type != "function") return bad(kName, "only calls of functions");
    OPENPCC_TRY(const std::string_view id, read_text(call, "id", kMostCallIdBytes));
    OPENPCC_TRY(const std::string_view name, read_text(*function, "name", kMostNameBytes));
    OPENPCC_TRY(const std::string_view arguments, read_text(*function, "arguments", kAnyText));
    Value out = Value::object();
    out.set("id", Value::string(id));
    out.set("type", Value::string("function"));
    Value& inner = out.set("function", Value::object());
    inner.set("name", Value::string(name));
    inner.set("arguments", Value::string(arguments));
    return out;
}

Result<void> admit_calls(const Value& message, Value& out) {
    const Value* calls = present(message, "tool_calls");
    if (calls == nullptr) return {};
    if (!calls->is_array() || calls->elements().size() > kMostToolCalls)
        return bad("messages.tool_calls", fmt::format("a list of at most {} calls", kMostToolCalls));
    if (calls->elements().empty()) return {};
    Value& list = out.set("tool_calls", Value::array());
    for (const Value& call : calls->elements()) {
        OPENPCC_TRY(Value admitted, admit_call(call));
        list.push(std::move(admitted));
    }
    return {};
}

// role_for_engine is empty for a role that we do not know. Templates of open models have no "developer"; it is the
// newer name of "system".
std::string_view role_for_engine(std::string_view role) {
    if (role == "system" || role == "user" || role == "assistant" || role == "tool") return role;
    return role == "developer" ? "system" : "";
}

Result<Value> admit_message(const Value& message, const Limits& limits) {
    if (!message.is_object()) return bad("messages", "each is an object");
    OPENPCC_CHECK(check_names(message, message_fields(), Place::kChat, "messages."));
    OPENPCC_TRY(const std::string_view given, read_text(message, "role", kAnyText));
    const std::string_view role = role_for_engine(given);
    if (role.empty()) return bad("messages.role", "system, developer, user, assistant or tool");
    Value out = Value::object();
    out.set("role", Value::string(role));
    const Value* content = present(message, "content");
    if (content != nullptr) {
        OPENPCC_TRY(Value admitted, admit_content(*content, role == "user" ? limits : Limits{}));
        out.set("content", std::move(admitted));
    } else if (role != "assistant") {
        return bad("messages.content", "missing");
    } else {
        out.set("content", Value::string(""));
    }
    OPENPCC_CHECK(pass_text(message, out, "name", kMostNameBytes));
    if (role == "assistant") {
        OPENPCC_CHECK(admit_calls(message, out));
    } else if (present(message, "tool_calls") != nullptr) {
        return bad("messages.tool_calls", "only an assistant calls tools");
    }
    if (role == "tool" && present(message, "tool_call_id") == nullptr) return bad("messages.tool_call_id", "missing");
    OPENPCC_CHECK(pass_text(message, out, "tool_call_id", kMostCallIdBytes));
    return out;
}

}  // namespace

Result<Value> admit_messages(const Value& messages, const Limits& limits) {
    if (!messages.is_array() || messages.elements().empty()) return bad("messages", "a list of at least one message");
    if (messages.elements().size() > limits.messages)
        return fail(kTooLarge, fmt::format("messages: at most {}", limits.messages));
    Value out = Value::array();
    for (const Value& message : messages.elements()) {
        OPENPCC_TRY(Value admitted, admit_message(message, limits));
        out.push(std::move(admitted));
    }
    return out;
}

}  // namespace openpcc::openai

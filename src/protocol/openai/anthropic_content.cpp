// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <optional>

#include "protocol/openai/anthropic_request.hpp"
#include "protocol/openai/errors.hpp"
#include "protocol/openai/fields.hpp"
#include "protocol/openai/images.hpp"
#include "protocol/openai/pass.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

constexpr std::string_view kContent = "messages.content";
constexpr std::size_t kMostParts = 256;  // more is no way to write a text
constexpr std::size_t kMostIdBytes = 128;
constexpr std::size_t kMostNameBytes = 64;
constexpr std::size_t kMostToolCalls = 128;
constexpr std::size_t kAnyText = ~std::size_t{};  // the body's limit is what counts

constexpr auto kMessageFields =
    std::to_array<FieldRule>({{"role", Treatment::kPassed}, {"content", Treatment::kPassed}});

constexpr auto kSourceFields = std::to_array<FieldRule>(
    {{"type", Treatment::kPassed}, {"media_type", Treatment::kPassed}, {"data", Treatment::kPassed}});

Result<void> check_parts(const Value& content, std::string_view where) {
    if (!content.is_array()) return bad(where, "a text or a list of parts");
    if (content.elements().size() > kMostParts) return bad(where, fmt::format("at most {} parts", kMostParts));
    return {};
}

Result<Value> text_part(const Value& part, std::string_view where) {
    const Value* text = present(part, "text");
    if (text == nullptr || !text->is_string()) return bad(where, "a part of type text has its text");
    Value out = Value::object();
    out.set("type", Value::string("text"));
    out.set("text", text->clone());
    return out;
}

// A function's arguments are a text there and an object here: the same JSON.
Value text_of(const Value& object) {
    Plaintext written;
    object.write(written);
    return written.with([](ByteView text) { return Value::string(as_text(text)); });
}

Result<Value> tool_call(const Value& part) {
    OPENPCC_TRY(const std::string_view id, read_text(part, "id", kMostIdBytes));
    OPENPCC_TRY(const std::string_view name, read_text(part, "name", kMostNameBytes));
    const Value* input = present(part, "input");
    if (input == nullptr || !input->is_object()) return bad("messages.content.tool_use.input", "an object");
    Value out = Value::object();
    out.set("id", Value::string(id));
    out.set("type", Value::string("function"));
    Value& function = out.set("function", Value::object());
    function.set("name", Value::string(name));
    function.set("arguments", text_of(*input));
    return out;
}

Result<Value> tool_message(const Value& part) {
    OPENPCC_TRY(const std::string_view id, read_text(part, "tool_use_id", kMostIdBytes));
    Value out = Value::object();
    out.set("role", Value::string("tool"));
    out.set("tool_call_id", Value::string(id));
    Value text = Value::string("");
    if (const Value* content = present(part, "content")) {
        OPENPCC_TRY(text, anthropic_text(*content, "messages.content.tool_result.content"));
    }
    out.set("content", std::move(text));
    return out;
}

Result<Value> image_part(const Value& part, const Limits& limits) {
    constexpr std::string_view kImage = "messages.content.image";
    if (limits.images == 0) return fail(kUnsupportedField, std::string(kImage));
    const Value* source = present(part, "source");
    if (source == nullptr || !source->is_object()) return bad(kImage, "a source");
    OPENPCC_TRY(const std::string_view type, read_text(*source, "type", kAnyText));
    if (type != "base64")
        return fail(kUnsupportedField, std::string(kImage) + ": only of type base64; no address is ever fetched");
    OPENPCC_CHECK(check_names(*source, kSourceFields, Place::kBoth, "messages.content.image.source."));
    OPENPCC_TRY(const std::string_view media_type, read_text(*source, "media_type", kAnyText));
    OPENPCC_TRY(const std::string_view data, read_text(*source, "data", kAnyText));
    return image_of_base64(media_type, data, limits, kImage);
}

// Turn is one message of the caller's while it is written anew: what it says, and what it calls.
struct Turn {
    std::string_view role;
    Value parts = Value::array();
    Value calls = Value::array();

    void end(Value& out) {
        if (parts.elements().empty() && calls.elements().empty()) return;
        Value& message = out.push(Value::object());
        message.set("role", Value::string(role));
        message.set("content", parts.elements().empty() ? Value::string("") : std::move(parts));
        if (!calls.elements().empty()) message.set("tool_calls", std::move(calls));
        parts = Value::array();
        calls = Value::array();
    }
};

Result<void> take_part(const Value& part, Turn& turn, Value& out, const Limits& limits) {
    OPENPCC_TRY(const BlockRule* rule, find_block(part, anthropic_blocks(), kContent));
    if (rule->treatment == Treatment::kDropped) return {};
    if (rule->type == "text") {
        OPENPCC_TRY(Value text, text_part(part, kContent));
        turn.parts.push(std::move(text));
        return {};
    }
    const bool assistant = turn.role == "assistant";
    if (rule->type == "image") {
        if (assistant) return bad("messages.content.image", "only a user shows images");
        OPENPCC_TRY(Value image, image_part(part, limits));
        turn.parts.push(std::move(image));
        return {};
    }
    if (rule->type == "tool_use") {
        if (!assistant) return bad("messages.content.tool_use", "only an assistant calls tools");
        if (turn.calls.elements().size() == kMostToolCalls)
            return bad("messages.content.tool_use", fmt::format("at most {}", kMostToolCalls));
        OPENPCC_TRY(Value call, tool_call(part));
        turn.calls.push(std::move(call));
        return {};
    }
    if (assistant) return bad("messages.content.tool_result", "only a user has results");
    OPENPCC_TRY(Value result, tool_message(part));
    turn.end(out);  // in the order in which they were said
    out.push(std::move(result));
    return {};
}

Result<void> admit_message(const Value& message, Value& out, const Limits& limits) {
    if (!message.is_object()) return bad("messages", "each is an object");
    OPENPCC_CHECK(check_names(message, kMessageFields, Place::kBoth, "messages."));
    OPENPCC_TRY(const std::string_view role, read_text(message, "role", kAnyText));
    if (role != "user" && role != "assistant") return bad("messages.role", "user or assistant");
    const Value* content = present(message, "content");
    if (content == nullptr) return bad(kContent, "missing");
    if (content->is_string()) {
        Value& one = out.push(Value::object());
        one.set("role", Value::string(role));
        one.set("content", content->clone());
        return {};
    }
    OPENPCC_CHECK(check_parts(*content, kContent));
    if (content->elements().empty()) return bad(kContent, "at least one part");
    Turn turn{.role = role};
    for (const Value& part : content->elements()) OPENPCC_CHECK(take_part(part, turn, out, limits));
    turn.end(out);
    return {};
}

}  // namespace

Result<Value> anthropic_text(const Value& content, std::string_view where) {
    if (content.is_string()) return content.clone();
    OPENPCC_CHECK(check_parts(content, where));
    Plaintext whole;
    for (const Value& part : content.elements()) {
        OPENPCC_TRY(const BlockRule* rule, find_block(part, anthropic_blocks(), where));
        if (rule->type != "text") return fail(kUnsupportedField, fmt::format("{}.{}", where, rule->type));
        OPENPCC_TRY(const Value text, text_part(part, where));
        whole.append(as_bytes(*text.get("text")->as_string()));
    }
    return whole.with([](ByteView text) { return Value::string(as_text(text)); });
}

Result<void> admit_anthropic_messages(const Value& messages, Value& out, const Limits& limits) {
    if (!messages.is_array() || messages.elements().empty()) return bad("messages", "a list of at least one message");
    if (messages.elements().size() > limits.messages)
        return fail(kTooLarge, fmt::format("messages: at most {}", limits.messages));
    const std::size_t before = out.elements().size();
    for (const Value& message : messages.elements()) OPENPCC_CHECK(admit_message(message, out, limits));
    if (out.elements().size() == before) return bad("messages", "nothing but thoughts");
    return {};
}

}  // namespace openpcc::openai

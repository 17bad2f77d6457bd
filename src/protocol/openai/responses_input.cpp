// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <optional>

#include "protocol/openai/errors.hpp"
#include "protocol/openai/fields.hpp"
#include "protocol/openai/images.hpp"
#include "protocol/openai/pass.hpp"
#include "protocol/openai/responses_request.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

constexpr std::string_view kContent = "input.content";
constexpr std::size_t kMostParts = 256;
constexpr std::size_t kMostIdBytes = 128;
constexpr std::size_t kMostNameBytes = 64;
constexpr std::size_t kMostToolCalls = 128;
constexpr std::size_t kAnyText = ~std::size_t{};  // the body's limit is what counts

Result<Value> admit_part(const Value& part, bool assistant, const Limits& limits) {
    OPENPCC_TRY(const BlockRule* rule, find_block(part, responses_parts(), kContent));
    const bool answers = rule->type == "output_text" || rule->type == "refusal";
    if (answers != assistant) return bad(kContent, "input_text for what is asked, output_text for what was answered");
    if (rule->type == "input_image") {
        if (limits.images == 0) return fail(kUnsupportedField, "input.content.input_image");
        OPENPCC_TRY(const std::string_view url, read_text(part, "image_url", kAnyText));
        return image_of_url(url, limits, "input.content.input_image");
    }
    OPENPCC_TRY(const std::string_view text, read_text(part, rule->type == "refusal" ? "refusal" : "text", kAnyText));
    Value out = Value::object();
    out.set("type", Value::string("text"));
    out.set("text", Value::string(text));
    return out;
}

Result<Value> admit_content(const Value& content, bool assistant, const Limits& limits) {
    if (content.is_string()) return content.clone();
    if (!content.is_array() || content.elements().empty() || content.elements().size() > kMostParts)
        return bad(kContent, fmt::format("a text or 1 to {} parts", kMostParts));
    Value out = Value::array();
    for (const Value& part : content.elements()) {
        OPENPCC_TRY(Value admitted, admit_part(part, assistant, limits));
        out.push(std::move(admitted));
    }
    return out;
}

Result<Value> admit_message(const Value& item, const Limits& limits) {
    OPENPCC_TRY(std::string_view role, read_text(item, "role", kAnyText));
    if (role != "user" && role != "assistant" && role != "system" && role != "developer")
        return bad("input.role", "user, assistant, system or developer");
    if (role == "developer") role = "system";
    const Value* content = present(item, "content");
    if (content == nullptr) return bad(kContent, "missing");
    Value out = Value::object();
    out.set("role", Value::string(role));
    OPENPCC_TRY(Value admitted, admit_content(*content, role == "assistant", role == "user" ? limits : Limits{}));
    out.set("content", std::move(admitted));
    return out;
}

Result<Value> admit_call(const Value& item) {
    OPENPCC_TRY(const std::string_view id, read_text(item, "call_id", kMostIdBytes));
    OPENPCC_TRY(const std::string_view name, read_text(item, "name", kMostNameBytes));
    OPENPCC_TRY(const std::string_view arguments, read_text(item, "arguments", kAnyText));
    Value out = Value::object();
    out.set("id", Value::string(id));
    out.set("type", Value::string("function"));
    Value& function = out.set("function", Value::object());
    function.set("name", Value::string(name));
    function.set("arguments", Value::string(arguments));
    return out;
}

Result<Value> admit_output(const Value& item) {
    OPENPCC_TRY(const std::string_view id, read_text(item, "call_id", kMostIdBytes));
    const Value* output = present(item, "output");
    if (output == nullptr) return bad("input.output", "missing");
    OPENPCC_TRY(Value content, admit_content(*output, false, Limits{}));
    Value out = Value::object();
    out.set("role", Value::string("tool"));
    out.set("tool_call_id", Value::string(id));
    out.set("content", std::move(content));
    return out;
}

// Conversation is the list for the engine. Calls belong to the assistant's message before them; one that has none
// before it gets an empty one.
class Conversation {
  public:
    explicit Conversation(Value& out) : out_(out) {}

    void say(Value message) {
        flush();
        const bool assistant = message.get("role")->as_string() == "assistant";
        (assistant ? last_ : out_.push(Value())) = std::move(message);
    }

    Result<void> call(Value one) {
        if (!last_.is_object()) {
            last_ = Value::object();
            last_.set("role", Value::string("assistant"));
            last_.set("content", Value::string(""));
        }
        Value* calls = last_.get("tool_calls");
        if (calls == nullptr) calls = &last_.set("tool_calls", Value::array());
        if (calls->elements().size() == kMostToolCalls)
            return bad("input.function_call", fmt::format("at most {}", kMostToolCalls));
        calls->push(std::move(one));
        return {};
    }

    void flush() {
        if (last_.is_object()) out_.push(std::move(last_));
        last_ = Value();
    }

  private:
    Value& out_;
    Value last_;  // the assistant's, while calls may still join it
};

Result<void> take_item(const Value& item, Conversation& to, const Limits& limits) {
    if (!item.is_object()) return bad("input", "each is an object");
    // A message may leave its type out.
    std::optional<Value> typed;
    if (present(item, "type") == nullptr && present(item, "role") != nullptr) {
        typed = item.clone();
        typed->set("type", Value::string("message"));
    }
    const Value& whole = typed ? *typed : item;
    OPENPCC_TRY(const BlockRule* rule, find_block(whole, responses_items(), "input"));
    if (rule->treatment == Treatment::kDropped) return {};
    if (rule->type == "function_call") {
        OPENPCC_TRY(Value call, admit_call(whole));
        return to.call(std::move(call));
    }
    if (rule->type == "function_call_output") {
        OPENPCC_TRY(Value output, admit_output(whole));
        to.say(std::move(output));
        return {};
    }
    OPENPCC_TRY(Value message, admit_message(whole, limits));
    to.say(std::move(message));
    return {};
}

}  // namespace

Result<void> admit_input(const Value& input, Value& out, const Limits& limits) {
    if (input.is_string()) {
        Value& message = out.push(Value::object());
        message.set("role", Value::string("user"));
        message.set("content", input.clone());
        return {};
    }
    if (!input.is_array() || input.elements().empty()) return bad("input", "a text or a list of at least one item");
    if (input.elements().size() > limits.messages)
        return fail(kTooLarge, fmt::format("input: at most {} items", limits.messages));
    const std::size_t before = out.elements().size();
    Conversation conversation(out);
    for (const Value& item : input.elements()) OPENPCC_CHECK(take_item(item, conversation, limits));
    conversation.flush();
    if (out.elements().size() == before) return bad("input", "nothing but thoughts");
    return {};
}

}  // namespace openpcc::openai

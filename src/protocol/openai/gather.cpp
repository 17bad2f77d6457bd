// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/gather.hpp"

#include "core/assert.hpp"
#include "protocol/openai/errors.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

constexpr std::size_t kLogprobBytes = 64;  // what one entry costs at least

Value text_of(const Plaintext& words) {
    return words.with([](ByteView view) { return Value::string(as_text(view)); });
}

}  // namespace

Result<void> Gatherer::append(Plaintext& to, const Value* text, bool* seen) {
    const auto words = text != nullptr ? text->as_string() : std::nullopt;
    if (!words) return {};
    bytes_ += words->size();
    if (bytes_ > kMostBytes) return fail(kBadAnswer, "the answer is too long");
    to.append(as_bytes(*words));
    if (seen != nullptr) *seen = true;
    return {};
}

Result<void> Gatherer::add_call(Choice& choice, const Value& call) {
    Call& whole = choice.calls[call.get("index")->as_int().value_or(0)];
    if (const Value* id = call.get("id"); id != nullptr && whole.id.empty()) whole.id = id->as_string().value_or("");
    const Value* function = call.get("function");
    if (function == nullptr) return {};
    OPENPCC_CHECK(append(whole.name, function->get("name"), nullptr));
    return append(whole.arguments, function->get("arguments"), nullptr);
}

Result<void> Gatherer::add_delta(Choice& choice, const Value& delta) {
    OPENPCC_CHECK(append(choice.content, delta.get("content"), &choice.has_content));
    OPENPCC_CHECK(append(choice.refusal, delta.get("refusal"), &choice.has_refusal));
    OPENPCC_CHECK(append(choice.reasoning, delta.get("reasoning_content"), &choice.has_reasoning));
    if (const Value* calls = delta.get("tool_calls"))
        for (const Value& call : calls->elements()) OPENPCC_CHECK(add_call(choice, call));
    return {};
}

Result<void> Gatherer::add(ChoicePart part) {
    OPENPCC_ASSERT(part.index < choices_.size());  // parse_chunk has seen to it
    Choice& choice = choices_[part.index];
    if (chat_) {
        OPENPCC_CHECK(add_delta(choice, part.delta));
    } else {
        OPENPCC_CHECK(append(choice.content, &part.text, &choice.has_content));
    }
    if (part.logprobs) {
        choice.has_logprobs = true;
        for (const Value& token : part.logprobs->get("content")->elements()) {
            bytes_ += kLogprobBytes * (1 + token.get("top_logprobs")->elements().size());
            if (bytes_ > kMostBytes) return fail(kBadAnswer, "the answer is too long");
            choice.logprobs.push_back(token.clone());
        }
    }
    if (!part.finish_reason.empty()) choice.finish_reason = part.finish_reason;
    return {};
}

Value Gatherer::message_of(const Choice& choice) {
    Value message = Value::object();
    message.set("role", Value::string("assistant"));
    const bool only_calls = !choice.calls.empty() && choice.content.empty();
    message.set("content", only_calls || choice.has_refusal ? Value() : text_of(choice.content));
    if (choice.has_refusal) message.set("refusal", text_of(choice.refusal));
    if (choice.has_reasoning) message.set("reasoning_content", text_of(choice.reasoning));
    if (choice.calls.empty()) return message;
    Value& calls = message.set("tool_calls", Value::array());
    for (const auto& [index, call] : choice.calls) {
        Value out = Value::object();
        out.set("id", Value::string(call.id));
        out.set("type", Value::string("function"));
        Value& function = out.set("function", Value::object());
        function.set("name", text_of(call.name));
        function.set("arguments", text_of(call.arguments));
        calls.push(std::move(out));
    }
    return message;
}

Value Gatherer::take_choices() {
    Value out = Value::array();
    for (std::size_t i = 0; i < choices_.size(); ++i) {
        Choice& choice = choices_[i];
        Value one = Value::object();
        one.set("index", Value::integer(static_cast<std::int64_t>(i)));
        if (chat_) {
            one.set("message", message_of(choice));
        } else {
            one.set("text", text_of(choice.content));
        }
        Value logprobs;
        if (choice.has_logprobs) {
            logprobs = Value::object();
            Value& list = logprobs.set("content", Value::array());
            for (Value& token : choice.logprobs) list.push(std::move(token));
        }
        one.set("logprobs", std::move(logprobs));
        one.set("finish_reason", Value::string(choice.finish_reason));
        out.push(std::move(one));
    }
    return out;
}

}  // namespace openpcc::openai

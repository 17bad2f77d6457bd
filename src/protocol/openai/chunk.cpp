// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/chunk.hpp"

#include <algorithm>
#include <array>

#include "protocol/openai/errors.hpp"
#include "protocol/openai/pass.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

constexpr std::int64_t kMostToolCalls = 128;
constexpr std::size_t kMostIdBytes = 128;
constexpr std::size_t kMostTopLogprobs = 64;
constexpr auto kFinishReasons = std::to_array<std::string_view>({"stop", "length", "tool_calls", "content_filter"});

std::unexpected<Error> bad_answer(std::string_view what) { return fail(kBadAnswer, std::string(what)); }

Result<void> copy_text(const Value& from, std::string_view name, Value& to, std::string_view new_name) {
    const Value* value = from.get(name);
    if (value == nullptr) return {};
    if (value->kind() != Value::Kind::kNull && !value->is_string()) return bad_answer("a text is something else");
    to.set(new_name, value->clone());
    return {};
}

Result<Value> read_call(const Value& call) {
    if (!call.is_object()) return bad_answer("a tool call is not an object");
    const Value* index = call.get("index");
    const auto number = index != nullptr ? index->as_int() : std::nullopt;
    if (!number || *number < 0 || *number >= kMostToolCalls) return bad_answer("a tool call has no index");
    Value out = Value::object();
    out.set("index", Value::integer(*number));
    if (const Value* id = present(call, "id")) {
        const auto text = id->as_string();
        if (!text || text->size() > kMostIdBytes) return bad_answer("a tool call's id");
        out.set("id", Value::string(*text));
    }
    if (const Value* type = present(call, "type")) {
        if (type->as_string() != "function") return bad_answer("a tool call of another type");
        out.set("type", Value::string("function"));
    }
    if (const Value* function = present(call, "function")) {
        if (!function->is_object()) return bad_answer("a tool call's function is not an object");
        Value inner = Value::object();
        if (present(*function, "name") != nullptr) OPENPCC_CHECK(copy_text(*function, "name", inner, "name"));
        if (present(*function, "arguments") != nullptr)
            OPENPCC_CHECK(copy_text(*function, "arguments", inner, "arguments"));
        out.set("function", std::move(inner));
    }
    return out;
}

Result<Value> read_delta(const Value& delta) {
    if (!delta.is_object()) return bad_answer("a delta is not an object");
    Value out = Value::object();
    if (const Value* role = present(delta, "role")) {
        if (role->as_string() != "assistant") return bad_answer("another role than the assistant's");
        out.set("role", Value::string("assistant"));
    }
    OPENPCC_CHECK(copy_text(delta, "content", out, "content"));
    if (present(delta, "refusal") != nullptr) OPENPCC_CHECK(copy_text(delta, "refusal", out, "refusal"));
    // Two names for the same in versions of engines; the older one is the one that clients know.
    for (const std::string_view name : {"reasoning", "reasoning_content"})
        if (present(delta, name) != nullptr) OPENPCC_CHECK(copy_text(delta, name, out, "reasoning_content"));
    const Value* calls = present(delta, "tool_calls");
    if (calls == nullptr) return out;
    if (!calls->is_array()) return bad_answer("tool calls are not a list");
    if (calls->elements().empty()) return out;
    Value& list = out.set("tool_calls", Value::array());
    for (const Value& call : calls->elements()) {
        OPENPCC_TRY(Value read, read_call(call));
        list.push(std::move(read));
    }
    return out;
}

Result<Value> read_token(const Value& token) {
    if (!token.is_object()) return bad_answer("a token is not an object");
    Value out = Value::object();
    const Value* text = token.get("token");
    if (text == nullptr || !text->is_string()) return bad_answer("a token without text");
    out.set("token", text->clone());
    const Value* logprob = present(token, "logprob");
    if (logprob != nullptr && !logprob->as_double()) return bad_answer("a logprob is not a number");
    // The API's own sign for "very unlikely"; engines write null for minus infinity.
    out.set("logprob", logprob != nullptr ? logprob->clone() : Value::integer(-9999));
    Value bytes;
    if (const Value* given = present(token, "bytes")) {
        bytes = Value::array();
        for (const Value& byte : given->elements()) {
            const auto number = byte.as_int();
            if (!number || *number < 0 || *number > 255) return bad_answer("a byte is not one");
            bytes.push(Value::integer(*number));
        }
    }
    out.set("bytes", std::move(bytes));
    return out;
}

Result<Value> read_logprobs(const Value& logprobs) {
    const Value* content = present(logprobs, "content");
    Value list = Value::array();
    if (content != nullptr) {
        for (const Value& token : content->elements()) {
            OPENPCC_TRY(Value read, read_token(token));
            Value& top = read.set("top_logprobs", Value::array());
            if (const Value* given = present(token, "top_logprobs")) {
                if (given->elements().size() > kMostTopLogprobs) return bad_answer("too many logprobs");
                for (const Value& other : given->elements()) {
                    OPENPCC_TRY(Value inner, read_token(other));
                    top.push(std::move(inner));
                }
            }
            list.push(std::move(read));
        }
    }
    Value out = Value::object();
    out.set("content", std::move(list));
    return out;
}

Result<std::string_view> read_finish_reason(const Value& choice) {
    const Value* reason = present(choice, "finish_reason");
    if (reason == nullptr) return std::string_view();
    const auto text = reason->as_string();
    if (text == "abort") return fail(kTruncated, "the engine gave the request up");
    const auto* known = text ? std::ranges::find(kFinishReasons, *text) : kFinishReasons.end();
    if (known == kFinishReasons.end()) return bad_answer("an unknown reason to finish");
    return *known;
}

Result<ChoicePart> read_choice(const Value& choice, bool chat, std::uint32_t choices) {
    if (!choice.is_object()) return bad_answer("a choice is not an object");
    const Value* index = choice.get("index");
    const auto number = index != nullptr ? index->as_int() : std::nullopt;
    if (!number || *number < 0 || *number >= choices) return bad_answer("a choice that was not asked for");
    ChoicePart part;
    part.index = static_cast<std::uint32_t>(*number);
    if (chat) {
        const Value* delta = choice.get("delta");
        if (delta == nullptr) return bad_answer("a choice without delta");
        OPENPCC_TRY(part.delta, read_delta(*delta));
    } else {
        const Value* text = choice.get("text");
        if (text == nullptr || !text->is_string()) return bad_answer("a choice without text");
        part.text = text->clone();
    }
    if (const Value* logprobs = present(choice, "logprobs")) {
        OPENPCC_TRY(part.logprobs, read_logprobs(*logprobs));
    }
    OPENPCC_TRY(part.finish_reason, read_finish_reason(choice));
    // vLLM's; a number there is a token's.
    const Value* stop = present(choice, "stop_reason");
    if (stop != nullptr && stop->is_string()) part.stop_text = stop->clone();
    return part;
}

Result<Usage> read_usage(const Value& usage) {
    Usage out;
    const std::pair<std::string_view, std::int64_t*> members[] = {{"prompt_tokens", &out.prompt_tokens},
                                                                  {"completion_tokens", &out.completion_tokens},
                                                                  {"total_tokens", &out.total_tokens}};
    for (const auto& [name, number] : members) {
        const Value* value = usage.get(name);
        const auto count = value != nullptr ? value->as_int() : std::nullopt;
        if (!count || *count < 0) return bad_answer("usage is not a count");
        *number = *count;
    }
    return out;
}

}  // namespace

Value Usage::to_json() const {
    Value out = Value::object();
    out.set("prompt_tokens", Value::integer(prompt_tokens));
    out.set("completion_tokens", Value::integer(completion_tokens));
    out.set("total_tokens", Value::integer(total_tokens));
    return out;
}

Result<Chunk> parse_chunk(ByteView event, bool chat, std::uint32_t choices) {
    const auto parsed = json::parse(event);
    if (!parsed || !parsed->is_object()) return bad_answer("an event is not a JSON object");
    if (present(*parsed, "error") != nullptr) return bad_answer("the engine reports an error");
    const Value* list = parsed->get("choices");
    if (list == nullptr || !list->is_array()) return bad_answer("an event without choices");
    Chunk out;
    for (const Value& choice : list->elements()) {
        OPENPCC_TRY(ChoicePart part, read_choice(choice, chat, choices));
        out.choices.push_back(std::move(part));
    }
    if (const Value* usage = present(*parsed, "usage")) {
        OPENPCC_TRY(out.usage, read_usage(*usage));
    }
    if (const Value* progress = present(*parsed, "prompt_progress")) {
        const Value* total = progress->get("total");
        const auto count = total != nullptr ? total->as_int() : std::nullopt;
        if (!count || *count < 0) return bad_answer("a progress without its total");
        out.prompt_tokens = count;
    }
    return out;
}

}  // namespace openpcc::openai

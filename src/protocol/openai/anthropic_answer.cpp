// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/answer_form.hpp"
#include "protocol/openai/errors.hpp"
#include "protocol/openai/pass.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

// What the API calls the reasons. One of the caller's texts is told where the engine tells it.
std::string_view stop_reason(std::string_view finish_reason, const Ending& ending) {
    if (finish_reason == "length") return "max_tokens";
    if (finish_reason == "tool_calls") return "tool_use";
    if (finish_reason == "content_filter") return "refusal";
    return ending.stop_text.is_string() ? "stop_sequence" : "end_turn";
}

Value usage_json(std::int64_t input, std::int64_t output) {
    Value out = Value::object();
    out.set("input_tokens", Value::integer(input));
    out.set("output_tokens", Value::integer(output));
    return out;
}

std::string_view text_of(const Value& object, std::string_view name) {
    const Value* value = object.get(name);
    return value != nullptr ? value->as_string().value_or("") : "";
}

// A call's arguments are an object here. A call that the limit has cut off has none that can be read; `stop_reason`
// says so.
Result<Value> input_of(std::string_view arguments, bool cut) {
    if (arguments.empty()) return Value::object();
    auto parsed = json::parse(as_bytes(arguments));
    if (parsed && parsed->is_object()) return std::move(*parsed);
    if (cut) return Value::object();
    return fail(kBadAnswer, "a tool call's arguments are not an object");
}

Value text_block(std::string_view text) {
    Value out = Value::object();
    out.set("type", Value::string("text"));
    out.set("text", Value::string(text));
    return out;
}

Value thinking_block(std::string_view text) {
    Value out = Value::object();
    out.set("type", Value::string("thinking"));
    out.set("thinking", Value::string(text));
    out.set("signature", Value::string(""));
    return out;
}

Value tool_block(std::string_view id, std::string_view name, Value input) {
    Value out = Value::object();
    out.set("type", Value::string("tool_use"));
    out.set("id", Value::string(id));
    out.set("name", Value::string(name));
    out.set("input", std::move(input));
    return out;
}

// Messages of Anthropic's API. A stream is a sequence of blocks that are open one at a time; the engine's deltas say
// which block they belong to by what they carry.
class AnthropicForm final : public AnswerForm {
  public:
    AnthropicForm(Frame frame, Random& random) : id_(fresh_id("msg_", random)), frame_(std::move(frame)) {}

    Result<void> event(Chunk chunk, Plaintext& out) override {
        begin(chunk.prompt_tokens.value_or(0), out);
        for (const ChoicePart& part : chunk.choices) {
            OPENPCC_CHECK(take_delta(part.delta, out));
            if (!part.finish_reason.empty()) finish_reason_ = part.finish_reason;
        }
        return {};
    }

    Result<void> end(const Ending& ending, Plaintext& out) override {
        begin(ending.usage.prompt_tokens, out);
        close_block(out);
        Value delta = Value::object();
        set_reason(delta, finish_reason_, ending);
        Value event = event_of("message_delta");
        event.set("delta", std::move(delta));
        event.set("usage", usage_json(ending.usage.prompt_tokens, ending.usage.completion_tokens));
        write_event("message_delta", event, out);
        write_event("message_stop", event_of("message_stop"), out);
        return {};
    }

    Result<void> whole(Gatherer& gathered, const Ending& ending, Plaintext& out) override {
        const Value choices = gathered.take_choices();
        const Value& choice = choices.elements().at(0);
        const std::string_view reason = text_of(choice, "finish_reason");
        Value content = Value::array();
        OPENPCC_CHECK(add_blocks(*choice.get("message"), reason == "length", content));
        Value message = frame(std::move(content));
        set_reason(message, reason, ending);
        message.set("usage", usage_json(ending.usage.prompt_tokens, ending.usage.completion_tokens));
        message.write(out);
        return {};
    }

  private:
    enum class Block { kNone, kText, kThinking, kTool };

    static Value event_of(std::string_view type) {
        Value out = Value::object();
        out.set("type", Value::string(type));
        return out;
    }

    static void set_reason(Value& to, std::string_view finish_reason, const Ending& ending) {
        const std::string_view reason = stop_reason(finish_reason, ending);
        to.set("stop_reason", Value::string(reason));
        to.set("stop_sequence", reason == "stop_sequence" ? ending.stop_text.clone() : Value());
    }

    static Result<void> add_blocks(const Value& message, bool cut, Value& content) {
        if (const auto thoughts = text_of(message, "reasoning_content"); !thoughts.empty())
            content.push(thinking_block(thoughts));
        // What a model refuses in words of its own is what it says.
        for (const std::string_view name : {"content", "refusal"})
            if (const auto text = text_of(message, name); !text.empty()) content.push(text_block(text));
        const Value* calls = message.get("tool_calls");
        if (calls == nullptr) return {};
        for (const Value& call : calls->elements()) {
            const Value& function = *call.get("function");
            if (text_of(call, "id").empty()) return fail(kBadAnswer, "a tool call without an id");
            OPENPCC_TRY(Value input, input_of(text_of(function, "arguments"), cut));
            content.push(tool_block(text_of(call, "id"), text_of(function, "name"), std::move(input)));
        }
        return {};
    }

    Value frame(Value content) const {
        Value out = Value::object();
        out.set("id", Value::string(id_));
        out.set("type", Value::string("message"));
        out.set("role", Value::string("assistant"));
        out.set("model", Value::string(frame_.model));
        out.set("content", std::move(content));
        return out;
    }

    // The first event, and what keeps a connection from looking idle while a long prompt is read.
    void begin(std::int64_t prompt_tokens, Plaintext& out) {
        if (begun_) return;
        begun_ = true;
        Value message = frame(Value::array());
        message.set("stop_reason", Value());
        message.set("stop_sequence", Value());
        message.set("usage", usage_json(prompt_tokens, 0));
        Value event = event_of("message_start");
        event.set("message", std::move(message));
        write_event("message_start", event, out);
        write_event("ping", event_of("ping"), out);
    }

    void open_block(Block kind, Value block, Plaintext& out) {
        close_block(out);
        open_ = kind;
        Value event = event_of("content_block_start");
        event.set("index", Value::integer(index_));
        event.set("content_block", std::move(block));
        write_event("content_block_start", event, out);
    }

    void close_block(Plaintext& out) {
        if (open_ == Block::kNone) return;
        open_ = Block::kNone;
        Value event = event_of("content_block_stop");
        event.set("index", Value::integer(index_++));
        write_event("content_block_stop", event, out);
    }

    void write_delta(std::string_view type, std::string_view member, std::string_view text, Plaintext& out) {
        Value event = event_of("content_block_delta");
        event.set("index", Value::integer(index_));
        Value& delta = event.set("delta", Value::object());
        delta.set("type", Value::string(type));
        delta.set(member, Value::string(text));
        write_event("content_block_delta", event, out);
    }

    Result<void> take_delta(const Value& delta, Plaintext& out) {
        if (const auto thoughts = text_of(delta, "reasoning_content"); !thoughts.empty()) {
            if (open_ != Block::kThinking) open_block(Block::kThinking, thinking_block(""), out);
            write_delta("thinking_delta", "thinking", thoughts, out);
        }
        for (const std::string_view name : {"content", "refusal"}) {
            const auto text = text_of(delta, name);
            if (text.empty()) continue;
            if (open_ != Block::kText) open_block(Block::kText, text_block(""), out);
            write_delta("text_delta", "text", text, out);
        }
        const Value* calls = delta.get("tool_calls");
        if (calls == nullptr) return {};
        for (const Value& call : calls->elements()) OPENPCC_CHECK(take_call(call, out));
        return {};
    }

    // Engines write one call after the other. One that went back to an earlier call could not be told in blocks.
    Result<void> take_call(const Value& call, Plaintext& out) {
        const std::int64_t number = call.get("index")->as_int().value_or(0);
        const Value none = Value::object();
        const Value* function = call.get("function");
        if (function == nullptr) function = &none;
        if (open_ != Block::kTool || number != call_) {
            const std::string_view id = text_of(call, "id"), name = text_of(*function, "name");
            if (number <= call_ || id.empty() || name.empty()) return fail(kBadAnswer, "tool calls out of order");
            call_ = number;
            open_block(Block::kTool, tool_block(id, name, Value::object()), out);
        }
        if (const auto arguments = text_of(*function, "arguments"); !arguments.empty())
            write_delta("input_json_delta", "partial_json", arguments, out);
        return {};
    }

    std::string id_;
    Frame frame_;
    bool begun_ = false;
    Block open_ = Block::kNone;
    std::int64_t index_ = 0;  // of the block that is open, or comes next
    std::int64_t call_ = -1;  // the engine's number of the last tool call
    std::string_view finish_reason_;
};

}  // namespace

std::unique_ptr<AnswerForm> make_anthropic_form(const EngineRequest&, Frame frame, Random& random) {
    return std::make_unique<AnthropicForm>(std::move(frame), random);
}

}  // namespace openpcc::openai

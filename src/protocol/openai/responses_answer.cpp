// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/answer_form.hpp"
#include "protocol/openai/errors.hpp"
#include "protocol/openai/response_items.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

std::string_view text_of(const Value& object, std::string_view name) {
    const Value* value = object.get(name);
    return value != nullptr ? value->as_string().value_or("") : "";
}

// Responses of OpenAI's API. The output is a list of items that are open one at a time.
class ResponsesForm final : public AnswerForm {
  public:
    ResponsesForm(const EngineRequest& request, Frame frame, Random& random)
        : id_(fresh_id("", random)), frame_(std::move(frame)), echo_(request.echo.clone()) {}

    Result<void> event(Chunk chunk, Plaintext& out) override {
        begin(out);
        for (const ChoicePart& part : chunk.choices) {
            OPENPCC_CHECK(take_delta(part.delta, out));
            if (!part.finish_reason.empty()) finish_reason_ = part.finish_reason;
        }
        return {};
    }

    Result<void> end(const Ending& ending, Plaintext& out) override {
        begin(out);
        close_item(out);
        const bool complete = status_of(finish_reason_) == "completed";
        Value event = event_of(complete ? "response.completed" : "response.incomplete");
        event.set("response", response(finish_reason_, std::move(output_), &ending.usage));
        write(std::move(event), out);
        return {};
    }

    Result<void> whole(Gatherer& gathered, const Ending& ending, Plaintext& out) override {
        const Value choices = gathered.take_choices();
        const Value& choice = choices.elements().at(0);
        OPENPCC_CHECK(add_items(*choice.get("message")));
        response(text_of(choice, "finish_reason"), std::move(output_), &ending.usage).write(out);
        return {};
    }

  private:
    static std::string_view status_of(std::string_view finish_reason) {
        return finish_reason == "length" || finish_reason == "content_filter" ? "incomplete" : "completed";
    }

    // `finish_reason` is empty while the answer is under way.
    Value response(std::string_view finish_reason, Value output, const Usage* usage) const {
        Value out = Value::object();
        out.set("id", Value::string("resp_" + id_));
        out.set("object", Value::string("response"));
        out.set("created_at", Value::integer(frame_.created));
        out.set("status", Value::string(finish_reason.empty() ? "in_progress" : status_of(finish_reason)));
        Value details;
        if (!finish_reason.empty() && status_of(finish_reason) == "incomplete") {
            details = Value::object();
            details.set("reason", Value::string(finish_reason == "length" ? "max_output_tokens" : "content_filter"));
        }
        out.set("background", Value::boolean(false));
        out.set("error", Value());
        out.set("incomplete_details", std::move(details));
        out.set("model", Value::string(frame_.model));
        out.set("output", std::move(output));
        out.set("previous_response_id", Value());
        out.set("store", Value::boolean(false));
        for (const auto& [name, value] : echo_.members()) out.set(name, value.clone());
        out.set("usage", usage != nullptr ? usage_json(*usage) : Value());
        return out;
    }

    // The details have no figures of the engine's: what came from a cache would tell one caller about another.
    static Value usage_json(const Usage& usage) {
        Value out = Value::object();
        out.set("input_tokens", Value::integer(usage.prompt_tokens));
        out.set("input_tokens_details", Value::object()).set("cached_tokens", Value::integer(0));
        out.set("output_tokens", Value::integer(usage.completion_tokens));
        out.set("output_tokens_details", Value::object()).set("reasoning_tokens", Value::integer(0));
        out.set("total_tokens", Value::integer(usage.total_tokens));
        return out;
    }

    Result<void> add_items(const Value& message) {
        if (const auto text = text_of(message, "reasoning_content"); !text.empty()) add(ItemKind::kReasoning, text);
        for (const std::string_view name : {"content", "refusal"})
            if (const auto text = text_of(message, name); !text.empty()) add(ItemKind::kMessage, text);
        const Value* calls = message.get("tool_calls");
        if (calls == nullptr) return {};
        for (const Value& call : calls->elements()) {
            const Value& function = *call.get("function");
            if (text_of(call, "id").empty()) return fail(kBadAnswer, "a tool call without an id");
            Item item(ItemKind::kCall, id_, number_++, text_of(call, "id"), text_of(function, "name"));
            item.append(text_of(function, "arguments"));
            output_.push(item.whole("completed"));
        }
        return {};
    }

    void add(ItemKind kind, std::string_view text) {
        Item item(kind, id_, number_++);
        item.append(text);
        output_.push(item.whole("completed"));
    }

    static Value event_of(std::string_view type) {
        Value out = Value::object();
        out.set("type", Value::string(type));
        return out;
    }

    void write(Value event, Plaintext& out) {
        event.set("sequence_number", Value::integer(sequence_++));
        const std::string name(text_of(event, "type"));
        write_event(name, event, out);
    }

    void begin(Plaintext& out) {
        if (begun_) return;
        begun_ = true;
        for (const char* type : {"response.created", "response.in_progress"}) {
            Value event = event_of(type);
            event.set("response", response("", Value::array(), nullptr));
            write(std::move(event), out);
        }
    }

    void open_item(Item item, Plaintext& out) {
        close_item(out);
        item_ = std::move(item);
        for (Value& event : item_->opening()) write(std::move(event), out);
    }

    void close_item(Plaintext& out) {
        if (!item_) return;
        for (Value& event : item_->closing()) write(std::move(event), out);
        output_.push(item_->whole("completed"));
        item_.reset();
    }

    Result<void> say(std::string_view text, Plaintext& out) {
        bytes_ += text.size();
        if (bytes_ > Gatherer::kMostBytes) return fail(kBadAnswer, "the answer is too long");
        item_->append(text);
        write(item_->delta(text), out);
        return {};
    }

    Result<void> take_text(ItemKind kind, std::string_view text, Plaintext& out) {
        if (text.empty()) return {};
        if (!item_ || item_->kind() != kind) open_item(Item(kind, id_, number_++), out);
        return say(text, out);
    }

    Result<void> take_delta(const Value& delta, Plaintext& out) {
        OPENPCC_CHECK(take_text(ItemKind::kReasoning, text_of(delta, "reasoning_content"), out));
        OPENPCC_CHECK(take_text(ItemKind::kMessage, text_of(delta, "content"), out));
        OPENPCC_CHECK(take_text(ItemKind::kMessage, text_of(delta, "refusal"), out));
        const Value* calls = delta.get("tool_calls");
        if (calls == nullptr) return {};
        for (const Value& call : calls->elements()) OPENPCC_CHECK(take_call(call, out));
        return {};
    }

    // Engines write one call after the other. One that went back to an earlier call could not be told in items.
    Result<void> take_call(const Value& call, Plaintext& out) {
        const std::int64_t number = call.get("index")->as_int().value_or(0);
        const Value none = Value::object();
        const Value* function = call.get("function");
        if (function == nullptr) function = &none;
        if (!item_ || item_->kind() != ItemKind::kCall || number != call_) {
            const std::string_view id = text_of(call, "id"), name = text_of(*function, "name");
            if (number <= call_ || id.empty() || name.empty()) return fail(kBadAnswer, "tool calls out of order");
            call_ = number;
            open_item(Item(ItemKind::kCall, id_, number_++, id, name), out);
        }
        const auto arguments = text_of(*function, "arguments");
        return arguments.empty() ? Result<void>{} : say(arguments, out);
    }

    std::string id_;
    Frame frame_;
    Value echo_;
    Value output_ = Value::array();
    std::optional<Item> item_;
    std::int64_t number_ = 0;    // of the item that comes next
    std::int64_t sequence_ = 0;  // of the event that comes next
    std::int64_t call_ = -1;     // the engine's number of the last tool call
    std::size_t bytes_ = 0;
    bool begun_ = false;
    std::string_view finish_reason_;
};

}  // namespace

std::unique_ptr<AnswerForm> make_responses_form(const EngineRequest& request, Frame frame, Random& random) {
    return std::make_unique<ResponsesForm>(request, std::move(frame), random);
}

}  // namespace openpcc::openai

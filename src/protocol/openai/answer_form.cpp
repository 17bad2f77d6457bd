// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/answer_form.hpp"

#include <vector>

namespace openpcc::openai {

namespace {

using json::Value;

// Chat completions and completions.
class OpenAiForm final : public AnswerForm {
  public:
    OpenAiForm(const EngineRequest& request, Frame frame, Random& random)
        : chat_(request.api == Api::kChat),
          wants_usage_(request.caller_wants_usage),
          id_(fresh_id(chat_ ? "chatcmpl-" : "cmpl-", random)),
          frame_(std::move(frame)),
          has_role_(request.choices) {}

    Result<void> event(Chunk chunk, Plaintext& out) override {
        Value list = Value::array();
        for (ChoicePart& part : chunk.choices)
            if (says_something(part)) list.push(to_json(std::move(part)));
        // An event without choices is the engine's own way to give the usage; ours comes at the end.
        if (list.elements().empty()) return {};
        Value event = event_frame();
        event.set("choices", std::move(list));
        write_event("", event, out);
        return {};
    }

    Result<void> end(const Ending& ending, Plaintext& out) override {
        if (wants_usage_) {
            Value event = event_frame();
            event.set("choices", Value::array());
            event.set("usage", ending.usage.to_json());
            write_event("", event, out);
        }
        out.append(as_bytes("data: [DONE]\n\n"));
        return {};
    }

    Result<void> whole(Gatherer& gathered, const Ending& ending, Plaintext& out) override {
        Value whole = frame(chat_ ? "chat.completion" : "text_completion");
        whole.set("choices", gathered.take_choices());
        whole.set("usage", ending.usage.to_json());
        whole.write(out);
        return {};
    }

  private:
    Value frame(std::string_view object) const {
        Value out = Value::object();
        out.set("id", Value::string(id_));
        out.set("object", Value::string(object));
        out.set("created", Value::integer(frame_.created));
        out.set("model", Value::string(frame_.model));
        return out;
    }
    Value event_frame() const { return frame(chat_ ? "chat.completion.chunk" : "text_completion"); }

    Value to_json(ChoicePart part) const {
        Value out = Value::object();
        out.set("index", Value::integer(part.index));
        if (chat_) {
            out.set("delta", std::move(part.delta));
        } else {
            out.set("text", std::move(part.text));
        }
        out.set("logprobs", part.logprobs ? std::move(*part.logprobs) : Value());
        out.set("finish_reason", part.finish_reason.empty() ? Value() : Value::string(part.finish_reason));
        return out;
    }

    // says_something is false for a part that only repeats the role, as reports about a long prompt do.
    bool says_something(ChoicePart& part) {
        if (!chat_) return true;
        if (part.delta.get("role") != nullptr) {
            if (!has_role_[part.index]) return has_role_[part.index] = true;
            part.delta.remove("role");
        }
        const Value* content = part.delta.get("content");
        if (content != nullptr && content->kind() == Value::Kind::kNull) part.delta.remove("content");
        return !part.delta.members().empty() || !part.finish_reason.empty() || part.logprobs;
    }

    bool chat_, wants_usage_;
    std::string id_;
    Frame frame_;
    std::vector<bool> has_role_;
};

}  // namespace

std::unique_ptr<AnswerForm> make_openai_form(const EngineRequest& request, Frame frame, Random& random) {
    return std::make_unique<OpenAiForm>(request, std::move(frame), random);
}

std::string fresh_id(std::string_view prefix, Random& random) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
    std::string out(prefix);
    for (const std::uint8_t byte : random.array<ByteArray<24>>().bytes) out += kLetters[byte % kLetters.size()];
    return out;
}

void write_event(std::string_view name, const Value& data, Plaintext& out) {
    if (!name.empty()) {
        out.append(as_bytes("event: "));
        out.append(as_bytes(name));
        out.append(as_bytes("\n"));
    }
    out.append(as_bytes("data: "));
    data.write(out);
    out.append(as_bytes("\n\n"));
}

}  // namespace openpcc::openai

// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/answer.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "protocol/openai/chunk.hpp"
#include "protocol/openai/errors.hpp"
#include "protocol/openai/gather.hpp"
#include "protocol/openai/sse.hpp"
#include "wire/json.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

// 120 bits in letters and digits of one case: the engine's own id may count requests, or repeat what came in a header.
std::string fresh_id(std::string_view prefix, Random& random) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
    std::string out(prefix);
    for (const std::uint8_t byte : random.array<ByteArray<24>>().bytes) out += kLetters[byte % kLetters.size()];
    return out;
}

}  // namespace

struct Answer::State {
    bool chat, streams, wants_usage, wants_logprobs;
    std::string id, model;
    std::int64_t created;
    SseReader events;
    Gatherer gatherer;
    std::vector<bool> finished, has_role;
    std::optional<Usage> usage;
    bool done = false;
    bool failed = false;

    State(const EngineRequest& request, std::string public_model, std::int64_t created_at, Random& random)
        : chat(request.chat),
          streams(request.caller_streams),
          wants_usage(request.caller_wants_usage),
          wants_logprobs(request.caller_wants_logprobs),
          id(fresh_id(request.chat ? "chatcmpl-" : "cmpl-", random)),
          model(std::move(public_model)),
          created(created_at),
          gatherer(request.chat, request.choices),
          finished(request.choices),
          has_role(request.choices) {}

    Value frame(std::string_view object) const {
        Value out = Value::object();
        out.set("id", Value::string(id));
        out.set("object", Value::string(object));
        out.set("created", Value::integer(created));
        out.set("model", Value::string(model));
        return out;
    }
    Value event_frame() const { return frame(chat ? "chat.completion.chunk" : "text_completion"); }

    static void write_event(const Value& event, Plaintext& out) {
        out.append(as_bytes("data: "));
        event.write(out);
        out.append(as_bytes("\n\n"));
    }

    Value to_json(ChoicePart part) const {
        Value out = Value::object();
        out.set("index", Value::integer(part.index));
        if (chat) {
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
        if (!chat) return true;
        if (part.delta.get("role") != nullptr) {
            if (!has_role[part.index]) return has_role[part.index] = true;
            part.delta.remove("role");
        }
        const Value* content = part.delta.get("content");
        if (content != nullptr && content->kind() == Value::Kind::kNull) part.delta.remove("content");
        return !part.delta.members().empty() || !part.finish_reason.empty() || part.logprobs;
    }

    Result<void> take_event(ByteView data, Plaintext& out) {
        if (done) return fail(kBadAnswer, "an event after the last");
        if (as_text(data) == "[DONE]") return take_end(out);
        OPENPCC_TRY(Chunk chunk, parse_chunk(data, chat, static_cast<std::uint32_t>(finished.size())));
        if (chunk.usage) usage = chunk.usage;
        Value list = Value::array();
        for (ChoicePart& part : chunk.choices) {
            if (!wants_logprobs) part.logprobs.reset();
            if (!part.finish_reason.empty()) finished[part.index] = true;
            if (!streams) {
                OPENPCC_CHECK(gatherer.add(std::move(part)));
            } else if (says_something(part)) {
                list.push(to_json(std::move(part)));
            }
        }
        // An event without choices is the engine's own way to give the usage; ours comes at the end.
        if (list.elements().empty()) return {};
        Value event = event_frame();
        event.set("choices", std::move(list));
        write_event(event, out);
        return {};
    }

    Result<void> take_end(Plaintext& out) {
        if (!std::ranges::all_of(finished, [](bool one) { return one; }))
            return fail(kTruncated, "a choice has no end");
        if (!usage) return fail(kBadAnswer, "the engine gave no usage");
        done = true;
        if (!streams) return {};
        if (wants_usage) {
            Value event = event_frame();
            event.set("choices", Value::array());
            event.set("usage", usage->to_json());
            write_event(event, out);
        }
        out.append(as_bytes("data: [DONE]\n\n"));
        return {};
    }
};

Answer::Answer(const EngineRequest& request, std::string public_model, std::int64_t created, Random& random)
    : state_(std::make_unique<State>(request, std::move(public_model), created, random)) {}
Answer::~Answer() = default;
Answer::Answer(Answer&&) noexcept = default;
Answer& Answer::operator=(Answer&&) noexcept = default;

std::string_view Answer::content_type() const { return state_->streams ? "text/event-stream" : "application/json"; }

Result<void> Answer::update(ByteView engine_bytes, Plaintext& out) {
    State& state = *state_;
    if (state.failed) return fail(kBadAnswer);
    auto result = state.events.update(engine_bytes, [&](ByteView data) { return state.take_event(data, out); });
    state.failed = !result;
    return result;
}

Result<void> Answer::finish(Plaintext& out) {
    State& state = *state_;
    if (state.failed) return fail(kBadAnswer);
    if (!state.done) return fail(kTruncated, "the engine's stream ended early");
    if (!state.events.clean()) return fail(kBadAnswer, "something follows the last event");
    if (state.streams) return {};
    Value whole = state.frame(state.chat ? "chat.completion" : "text_completion");
    whole.set("choices", state.gatherer.take_choices());
    whole.set("usage", state.usage->to_json());
    whole.write(out);
    return {};
}

bool Answer::done() const { return state_->done; }

std::string error_body(std::string_view type, std::string_view code, std::string_view message) {
    Value error = Value::object();
    error.set("message", Value::string(message));
    error.set("type", Value::string(type));
    error.set("param", Value());
    error.set("code", Value::string(code));
    Value body = Value::object();
    body.set("error", std::move(error));
    return body.to_text();
}

}  // namespace openpcc::openai

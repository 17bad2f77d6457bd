// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/answer.hpp"

#include <algorithm>
#include <vector>

#include "protocol/openai/answer_form.hpp"
#include "protocol/openai/chunk.hpp"
#include "protocol/openai/embeddings.hpp"
#include "protocol/openai/errors.hpp"
#include "protocol/openai/gather.hpp"
#include "protocol/openai/object_answer.hpp"
#include "protocol/openai/sse.hpp"
#include "wire/json.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

std::unique_ptr<AnswerForm> make_form(const EngineRequest& request, Frame frame, Random& random) {
    switch (request.api) {
        case Api::kChat:
        case Api::kCompletions:
            return make_openai_form(request, std::move(frame), random);
        case Api::kMessages:
            return make_anthropic_form(request, std::move(frame), random);
        case Api::kResponses:
            return make_responses_form(request, std::move(frame), random);
        case Api::kCountTokens:
        case Api::kEmbeddings:
            break;  // the engine gives one object
    }
    return nullptr;
}

}  // namespace

// Form is null for an answer that is one object of the engine's.
struct Answer::State {
    Api api;
    bool streams, wants_logprobs;
    Frame frame;
    std::unique_ptr<AnswerForm> form;
    Value stops;
    Embedded embedded;
    Plaintext object;
    SseReader events;
    Gatherer gatherer;
    std::vector<bool> finished;
    std::optional<Usage> usage;
    Value stop_text;
    bool done = false;
    bool failed = false;

    State(const EngineRequest& request, std::string public_model, std::int64_t created, Random& random)
        : api(request.api),
          streams(request.caller_streams),
          wants_logprobs(request.caller_wants_logprobs),
          frame{std::move(public_model), created},
          form(make_form(request, frame, random)),
          stops(request.stops.clone()),
          embedded{request.inputs, request.base64},
          gatherer(api != Api::kCompletions, request.choices),
          finished(request.choices) {}

    // A text that the caller has not given is the engine's own business.
    bool caller_stopped_at(const Value& text) const {
        const auto is_it = [&](const Value& stop) { return stop.as_string() == text.as_string(); };
        return text.is_string() && std::ranges::any_of(stops.elements(), is_it);
    }

    Result<void> take_event(ByteView data, Plaintext& out) {
        if (done) return fail(kBadAnswer, "an event after the last");
        if (as_text(data) == "[DONE]") return take_end(out);
        OPENPCC_TRY(Chunk chunk,
                    parse_chunk(data, api != Api::kCompletions, static_cast<std::uint32_t>(finished.size())));
        if (chunk.usage) usage = chunk.usage;
        for (ChoicePart& part : chunk.choices) {
            if (!wants_logprobs) part.logprobs.reset();
            if (!part.finish_reason.empty()) finished[part.index] = true;
            if (caller_stopped_at(part.stop_text)) stop_text = part.stop_text.clone();
            if (!streams) OPENPCC_CHECK(gatherer.add(std::move(part)));
        }
        return streams ? form->event(std::move(chunk), out) : Result<void>{};
    }

    Ending ending() const { return {*usage, stop_text.clone()}; }

    Result<void> take_end(Plaintext& out) {
        if (!std::ranges::all_of(finished, [](bool one) { return one; }))
            return fail(kTruncated, "a choice has no end");
        if (!usage) return fail(kBadAnswer, "the engine gave no usage");
        done = true;
        return streams ? form->end(ending(), out) : Result<void>{};
    }

    Result<void> take_object(ByteView bytes) {
        if (object.size() + bytes.size() > kMostObjectBytes) return fail(kBadAnswer, "the answer is too long");
        object.append(bytes);
        return {};
    }

    Result<void> finish_object(Plaintext& out) {
        OPENPCC_TRY(const Value whole, object.with([&](ByteView bytes) -> Result<Value> {
            OPENPCC_TRY(const Value engine, read_object(bytes));
            return api == Api::kEmbeddings ? rewrite_embeddings(engine, embedded, frame.model) : rewrite_count(engine);
        }));
        done = true;
        whole.write(out);
        return {};
    }

    Result<void> finish(Plaintext& out) {
        if (form == nullptr) return finish_object(out);
        if (!done) return fail(kTruncated, "the engine's stream ended early");
        if (!events.clean()) return fail(kBadAnswer, "something follows the last event");
        return streams ? Result<void>{} : form->whole(gatherer, ending(), out);
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
    auto result = state.form == nullptr
                      ? state.take_object(engine_bytes)
                      : state.events.update(engine_bytes, [&](ByteView data) { return state.take_event(data, out); });
    state.failed = !result;
    return result;
}

Result<void> Answer::finish(Plaintext& out) {
    State& state = *state_;
    if (state.failed) return fail(kBadAnswer);
    auto result = state.finish(out);
    state.failed = !result;
    return result;
}

bool Answer::done() const { return state_->done; }

}  // namespace openpcc::openai

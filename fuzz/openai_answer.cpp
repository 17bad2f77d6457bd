// SPDX-License-Identifier: Apache-2.0
// An engine's answer: any split gives the same, what comes out for a whole answer is a JSON object of ours, and an
// answer without its end is never complete. The first two bytes pick how it was asked for and where to split.
#include <algorithm>
#include <string>

#include "core/assert.hpp"
#include "protocol/openai/answer.hpp"
#include "wire/json.hpp"

namespace {

using namespace openpcc;

class ZeroRandom final : public Random {
  public:
    void fill(ByteSpan out) override { std::ranges::fill(out, std::uint8_t{0}); }
};

openai::EngineRequest asked_for(unsigned bits) {
    openai::EngineRequest request;
    using enum openai::Api;
    constexpr openai::Api kApis[][2] = {
        {kChat, kCompletions}, {kMessages, kMessages}, {kResponses, kResponses}, {kCountTokens, kEmbeddings}};
    request.api = kApis[bits >> 6U][bits & 1U];
    request.caller_streams = (bits & 2U) != 0;
    request.caller_wants_usage = (bits & 4U) != 0 || !request.caller_streams;
    request.caller_wants_logprobs = (bits & 8U) != 0;
    const bool one = request.api != kChat && request.api != kCompletions;
    request.choices = one ? 1 : 1 + (bits >> 4U) % 4;
    request.inputs = 1 + (bits >> 4U) % 4;
    request.base64 = (bits & 8U) != 0;
    if (request.api == kCountTokens || request.api == kEmbeddings) {
        request.gives = openai::EngineAnswer::kObject;
        request.caller_streams = false;
    }
    return request;
}

std::size_t length_of(const json::Value* list) {
    OPENPCC_ASSERT(list != nullptr && list->is_array());
    return list->elements().size();
}

void check_whole(const openai::EngineRequest& request, const json::Value& whole) {
    switch (request.api) {
        case openai::Api::kChat:
        case openai::Api::kCompletions:
            OPENPCC_ASSERT(length_of(whole.get("choices")) == request.choices);
            break;
        case openai::Api::kMessages:
            length_of(whole.get("content"));
            break;
        case openai::Api::kResponses:
            length_of(whole.get("output"));
            break;
        case openai::Api::kCountTokens:
            OPENPCC_ASSERT(whole.members().size() == 1);
            break;
        case openai::Api::kEmbeddings:
            OPENPCC_ASSERT(length_of(whole.get("data")) == request.inputs);
            break;
    }
}

// check: an answer without an error has its end.
void check(const openai::EngineRequest& request, const std::string& text) {
    if (!request.caller_streams) {
        const auto whole = json::parse(as_bytes(text));
        OPENPCC_ASSERT(whole && whole->is_object());
        check_whole(request, *whole);
    } else if (request.api == openai::Api::kMessages) {
        OPENPCC_ASSERT(text.starts_with("event: message_start\n"));
        OPENPCC_ASSERT(text.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
    } else if (request.api == openai::Api::kResponses) {
        OPENPCC_ASSERT(text.starts_with("event: response.created\n"));
        const std::string last = text.substr(text.rfind("\nevent: ") + 1);
        OPENPCC_ASSERT(last.starts_with("event: response.completed\n") ||
                       last.starts_with("event: response.incomplete\n"));
    } else {
        OPENPCC_ASSERT(text.ends_with("data: [DONE]\n\n"));
    }
}

// told is the answer, then the outcome's name.
std::string told(const openai::EngineRequest& request, ByteView engine, std::size_t split) {
    ZeroRandom random;
    openai::Answer answer(request, "public", 0, random);
    Plaintext out;
    auto result = answer.update(engine.first(split), out);
    if (result) result = answer.update(engine.subspan(split), out);
    if (result) result = answer.finish(out);
    std::string text = out.with([](ByteView view) { return to_string(view); });
    if (result) check(request, text);
    return text + std::string(result ? "good" : result.error().name());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const auto request = asked_for(data[0]);
    const ByteView engine(data + 2, size - 2);
    const std::string whole = told(request, engine, engine.size());
    OPENPCC_ASSERT(told(request, engine, data[1] % (engine.size() + 1)) == whole);
    return 0;
}

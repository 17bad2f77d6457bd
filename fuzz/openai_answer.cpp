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
    request.api = (bits & 1U) == 0 ? openai::Api::kChat : openai::Api::kCompletions;
    request.caller_streams = (bits & 2U) != 0;
    request.caller_wants_usage = (bits & 4U) != 0 || !request.caller_streams;
    request.caller_wants_logprobs = (bits & 8U) != 0;
    request.choices = 1 + (bits >> 4U) % 4;
    return request;
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
    if (result && !request.caller_streams) {
        const auto whole = json::parse(as_bytes(text));
        OPENPCC_ASSERT(whole && whole->get("choices")->elements().size() == request.choices);
    }
    if (result && request.caller_streams) OPENPCC_ASSERT(text.ends_with("data: [DONE]\n\n"));
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

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/plaintext.hpp"
#include "core/result.hpp"
#include "protocol/openai/chunk.hpp"
#include "wire/json.hpp"

namespace openpcc::openai {

// Gatherer puts the parts of a streamed answer together again for a caller who wants one object.
class Gatherer {
  public:
    // What an answer may grow to; 4096 tokens of 4 choices with their log probabilities are below it.
    static constexpr std::size_t kMostBytes = 4 << 20;

    Gatherer(bool chat, std::uint32_t choices) : chat_(chat), choices_(choices) {}
    // add takes one part. openai.bad_answer when the whole is larger than kMostBytes.
    Result<void> add(ChoicePart part);
    // take_choices is the member "choices" of the answer. Once.
    json::Value take_choices();

  private:
    struct Call {
        std::string id;
        Plaintext name;
        Plaintext arguments;
    };
    struct Choice {
        Plaintext content, refusal, reasoning;
        bool has_content = false, has_refusal = false, has_reasoning = false;
        std::map<std::int64_t, Call> calls;
        std::vector<json::Value> logprobs;
        bool has_logprobs = false;
        std::string_view finish_reason;
    };

    Result<void> append(Plaintext& to, const json::Value* text, bool* seen);
    Result<void> add_delta(Choice& choice, const json::Value& delta);
    Result<void> add_call(Choice& choice, const json::Value& call);
    static json::Value message_of(const Choice& choice);

    bool chat_;
    std::vector<Choice> choices_;
    std::size_t bytes_ = 0;
};

}  // namespace openpcc::openai

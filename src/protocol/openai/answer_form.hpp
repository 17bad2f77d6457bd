// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/plaintext.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "protocol/openai/chunk.hpp"
#include "protocol/openai/gather.hpp"
#include "protocol/openai/request.hpp"

namespace openpcc::openai {

// Frame is what is the same in every answer: what it is called, by whom it is, and when it was made.
struct Frame {
    std::string model;
    std::int64_t created = 0;
};

// Ending is what is known when the engine has ended: what it cost, and the text of the caller's that it stopped at, if
// the engine says so.
struct Ending {
    Usage usage;
    json::Value stop_text;
};

// AnswerForm is how one API tells what a model says. A caller who streams gets `event` for each of the engine's events
// and `end`; one who does not gets `whole`. What it is given has been read and checked (parse_chunk).
class AnswerForm {
  public:
    virtual ~AnswerForm() = default;
    virtual Result<void> event(Chunk chunk, Plaintext& out) = 0;
    virtual Result<void> end(const Ending& ending, Plaintext& out) = 0;
    virtual Result<void> whole(Gatherer& gathered, const Ending& ending, Plaintext& out) = 0;
};

std::unique_ptr<AnswerForm> make_openai_form(const EngineRequest& request, Frame frame, Random& random);
std::unique_ptr<AnswerForm> make_responses_form(const EngineRequest& request, Frame frame, Random& random);
std::unique_ptr<AnswerForm> make_anthropic_form(const EngineRequest& request, Frame frame, Random& random);

// fresh_id is a prefix and 120 bits in letters and digits of one case: the engine's own id may count requests, or
// repeat what came in a header.
std::string fresh_id(std::string_view prefix, Random& random);
// write_event appends one event of a stream, with its name where the API has names.
void write_event(std::string_view name, const json::Value& data, Plaintext& out);

}  // namespace openpcc::openai

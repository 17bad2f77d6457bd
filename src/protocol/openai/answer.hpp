// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/random.hpp"
#include "core/result.hpp"
#include "protocol/openai/request.hpp"

namespace openpcc::openai {

// Answer turns the engine's answer into what the caller asked for, in the caller's API: a stream of events with fields
// by allow-list (fresh id, public model name), or one JSON object. Incremental; any split of the input gives the same
// output.
class Answer {
  public:
    // The answer's id is ours and fresh ("chatcmpl-", say, and 24 random letters).
    Answer(const EngineRequest& request, std::string public_model, std::int64_t created, Random& random);
    ~Answer();
    Answer(Answer&&) noexcept;
    Answer& operator=(Answer&&) noexcept;

    // content_type of what comes out: text/event-stream or application/json.
    std::string_view content_type() const;
    // update takes the engine's bytes and appends to `out` what is ready for the caller.
    Result<void> update(ByteView engine_bytes, Plaintext& out);
    // finish: the engine's answer has ended. openai.truncated when a stream's [DONE] is missing; otherwise the rest of
    // the answer is appended to `out`. After an error from either, the answer is of no use.
    Result<void> finish(Plaintext& out);
    bool done() const;  // [DONE] was seen

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace openpcc::openai

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/result.hpp"

namespace openpcc::openai {

// SseReader cuts an event stream (WHATWG HTML, section 9.2, server-sent events) into its events' data. Lines end in LF,
// CR or CRLF, wherever the input is split; comments and the fields "event", "id" and "retry" are skipped. One owner,
// one stream.
class SseReader {
  public:
    // An event is one token's text, or one tool call's; the largest real ones are some kilobytes (log probabilities).
    static constexpr std::size_t kMostBytes = 1 << 20;
    using OnData = std::function<Result<void>(ByteView data)>;

    // update gives the data of every event that is now complete to on_data, and stops at its first error.
    // openai.bad_answer for lines or events beyond kMostBytes and for a line that starts with "error".
    Result<void> update(ByteView bytes, const OnData& on_data);
    // clean: nothing of an event is waiting for its end. The standard drops an event that the stream's end cuts off.
    bool clean() const { return line_.empty() && !has_data_; }

  private:
    Result<void> end_line(const OnData& on_data);
    Result<void> field(ByteView line);

    Plaintext line_;
    Plaintext data_;
    bool has_data_ = false;
    bool after_cr_ = false;
    bool first_line_ = true;
};

}  // namespace openpcc::openai

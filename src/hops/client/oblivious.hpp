// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "core/random.hpp"
#include "hops/client/profile.hpp"
#include "io/http/client.hpp"
#include "protocol/bhttp/bhttp.hpp"
#include "protocol/ohttp/chunked.hpp"

namespace openpcc::client {

// Oblivious sends requests to the gateway through the relay: it fetches the gateway's keys (signed by the service),
// encapsulates, and opens what comes back. It knows nothing of nodes.
class Oblivious {
  public:
    Oblivious(net::Loop& loop, const Profile& profile, Random& random, std::function<TimePoint()> clock);

    // AnswerSink receives the gateway's inner answer as it comes.
    class AnswerSink {
      public:
        virtual ~AnswerSink() = default;
        virtual Result<void> head(const http::ResponseHead& head) = 0;
        virtual Result<void> content(ByteView bytes) = 0;
        // taken is awaited after each piece of the answer, and nothing more is read until it returns: whoever hands the
        // content on may be slower than it comes. An error ends the exchange.
        virtual net::Task<Result<void>> taken() { co_return Result<void>{}; }
        // whole: the answer came to its authenticated end.
        virtual Result<void> whole() { return {}; }
    };
    // exchange sends one request whose content is `content`, and feeds the sink. When the gateway says that the key is
    // gone, the keys are fetched again and the request is sent once more: nothing has reached a sink by then.
    // client.truncated: the carrier or the encapsulation ended before its end.
    net::Task<Result<void>> exchange(http::RequestHead head, ByteView content, AnswerSink& sink);

    // fetch gathers a small answer.
    struct Whole {
        http::ResponseHead head;
        Bytes content;
    };
    net::Task<Result<Whole>> fetch(http::RequestHead head, ByteView content, std::size_t limit);

    // path_is_local: the relay's endpoint is on this machine, and so was every connection to it so far.
    bool path_is_local() const { return profile_.relay.is_local() && !seen_remote_; }

  private:
    net::Task<Result<void>> fetch_keys();
    net::Task<Result<void>> exchange_once(const http::RequestHead& head, ByteView content, AnswerSink& sink);

    const Profile& profile_;
    Random& random_;
    std::function<TimePoint()> clock_;
    std::unique_ptr<http::Client> relay_;
    std::optional<ohttp::Choice> choice_;
    TimePoint keys_until_;
    bool seen_remote_ = false;
};

}  // namespace openpcc::client

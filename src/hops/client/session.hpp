// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/plaintext.hpp"
#include "core/random.hpp"
#include "hops/client/nodes.hpp"
#include "hops/client/profile.hpp"
#include "protocol/seal/sealing/sealing.hpp"

namespace openpcc::client {

// AnswerSink receives the node's answer, opened and authenticated, as it comes.
class AnswerSink {
  public:
    virtual ~AnswerSink() = default;
    // head: `answered_by` is the statement of the node that answered.
    virtual Result<void> head(const http::ResponseHead& head) = 0;
    // content is a user's words; the view is wiped after the call.
    virtual Result<void> content(ByteView text) = 0;
    // taken is awaited after each piece, as Oblivious::AnswerSink's is; what comes last has no other call after it.
    virtual net::Task<Result<void>> taken() { co_return Result<void>{}; }
};

struct Receipt {
    std::string answered_by;  // hex of the statement's name
    seal::Outcome outcome = seal::Outcome::kComplete;
    seal::CellMode cell_mode = seal::CellMode::kOff;
};

// Session verifies nodes and asks them. Nothing is sealed to a key that its own verification has not returned; there is
// no other way to a key. One loop owns it.
class Session {
  public:
    Session(net::Loop& loop, Profile profile, Random& random, std::function<TimePoint()> clock);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // judge_nodes and judged: see Nodes.
    net::Task<Result<std::shared_ptr<const Judged>>> judge_nodes() { return nodes_->judge(); }
    std::shared_ptr<const Judged> judged() const { return nodes_->judged(); }

    // ask sends one request of the API to k nodes drawn at random from the pool (Nodes::pool) and feeds the sink.
    // Before the first byte of an answer, keys that are gone are renewed once, and where somebody on the way was not
    // there the request is sealed and sent again, twice at most, within a second or so.
    net::Task<Result<Receipt>> ask(http::RequestHead head, const Plaintext& body, AnswerSink& sink);

    // collateral is what nodes are judged with: the profile's, and what the service has offered since.
    const verify::SignedCollateral& collateral() const { return nodes_->collateral(); }

  private:
    std::vector<Nodes::Usable> draw(std::vector<Nodes::Usable> drawn);
    net::Task<Result<Receipt>> ask_with_keys(const http::RequestHead& head, const Plaintext& body, AnswerSink& sink);
    net::Task<Result<Receipt>> ask_once(const http::RequestHead& head, const Plaintext& body, AnswerSink& sink,
                                        std::uint64_t& drawn_from);

    Random& random_;
    std::shared_ptr<Nodes> nodes_;
};

}  // namespace openpcc::client

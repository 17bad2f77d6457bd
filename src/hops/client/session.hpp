// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/plaintext.hpp"
#include "core/random.hpp"
#include "hops/client/oblivious.hpp"
#include "hops/client/profile.hpp"
#include "hops/client/service_collateral.hpp"
#include "protocol/seal/sealing/sealing.hpp"
#include "trust/verify/verdict_cache.hpp"

namespace openpcc::client {

// JudgedNode is one node of the directory with its verdict.
struct JudgedNode {
    std::string statement;  // hex
    verify::Expectation expectation;  // what it was asked
    Bytes bundle;
    verify::Verification verification;
};

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

    // judge_nodes takes the directory, and the collateral that it names, challenges every node and verifies it. Nodes whose verdict allows prompts make the
    // pool. Errors are those of the way there; a bad node is a verdict, not an error.
    net::Task<Result<std::vector<JudgedNode>>> judge_nodes();

    // ask sends one request of the API to k nodes drawn at random from the pool (verifying first when the pool is empty or
    // out of date) and feeds the sink. Before the first byte of an answer, keys that are gone are renewed once.
    // client.no_node: no node may be asked; client.not_verified when there were nodes and none was good enough.
    net::Task<Result<Receipt>> ask(http::RequestHead head, const Plaintext& body, AnswerSink& sink);

    // collateral is what nodes are judged with: the profile's, and what the service has offered since.
    const verify::SignedCollateral& collateral() const { return verdicts_.collateral(); }

  private:
    struct Usable {
        seal::StatementName statement;
        std::vector<seal::KeyConfig> keys;
        TimePoint valid_until;
    };
    Result<void> stay_local() const;
    net::Task<Result<void>> take_collateral(Digest256 name);
    static void refuse_other_evidence(JudgedNode& node);
    std::optional<Usable> usable(const verify::Verification& verification) const;
    void forget_old_nodes();
    net::Task<Result<void>> fill_pool();
    net::Task<Result<void>> fill_pool_now();
    Result<std::vector<Usable>> draw();
    net::Task<Result<Receipt>> ask_once(const http::RequestHead& head, const Plaintext& body, AnswerSink& sink,
                                        std::uint64_t& drawn_from);

    // Judging is a verification under way. Requests that come meanwhile wait for it and share its outcome.
    struct Judging;

    net::Loop& loop_;
    Profile profile_;
    Random& random_;
    std::function<TimePoint()> clock_;
    Oblivious oblivious_;
    ServiceCollateral collateral_;
    verify::VerdictCache verdicts_;
    std::vector<Usable> pool_;
    std::uint64_t generation_ = 0;  // of the pool: how often nodes were judged
    std::shared_ptr<Judging> judging_;
};

}  // namespace openpcc::client

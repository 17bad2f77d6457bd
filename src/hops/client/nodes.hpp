// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "hops/client/oblivious.hpp"
#include "hops/client/profile.hpp"
#include "hops/client/service_collateral.hpp"
#include "io/net/event.hpp"
#include "io/net/loop.hpp"
#include "protocol/seal/key.hpp"
#include "trust/verify/verdict_cache.hpp"

namespace openpcc::client {

// JudgedNode is one node of the directory with its verdict.
struct JudgedNode {
    std::string statement;            // hex
    verify::Expectation expectation;  // what it was asked
    Bytes bundle;                     // empty: it gave no evidence
    verify::Verification verification;
};

// Judged are all nodes of a service as they were at one time.
struct Judged {
    TimePoint at;
    std::vector<JudgedNode> nodes;
};

// Nodes are those of one service, judged by this client, and the pool of them that may be asked. A verification belongs
// to nobody who waits for it: it goes on when a request that needed it is cancelled, and all who need one share it. It
// is renewed before it ends, while requests come, so that none of them waits for it. One loop owns it.
class Nodes : public std::enable_shared_from_this<Nodes> {
  public:
    struct Usable {
        seal::StatementName statement;
        std::vector<seal::KeyConfig> keys;
        TimePoint valid_until;
    };
    // Pool is never empty. `generation` counts verifications.
    struct Pool {
        std::uint64_t generation = 0;
        std::vector<Usable> nodes;
    };

    Nodes(net::Loop& loop, Profile profile, Random& random, std::function<TimePoint()> clock);
    // stop ends a verification under way: those who wait get net.cancelled.
    void stop() { judging_child_.reset(); }

    // judge takes the directory, and the collateral that it names, challenges every node and verifies it, or waits for
    // the outcome of a verification that is under way. Errors are those of the way there; a bad node is a verdict, not
    // an error.
    net::Task<Result<std::shared_ptr<const Judged>>> judge();
    // judged is the outcome of the last verification that came to its end; null before the first.
    std::shared_ptr<const Judged> judged() const { return judged_; }

    // pool gives the nodes that may be asked now, verifying first when there are none.
    //   client.no_node       the service has none, or none that answers
    //   client.not_verified  no node's evidence is good enough
    //   client.not_local     simulated nodes, and a path that leaves this machine
    net::Task<Result<Pool>> pool();
    // forget empties the pool, unless it is another than the one of that generation.
    void forget(std::uint64_t generation);

    Oblivious& oblivious() { return oblivious_; }
    const policy::Policy& policy() const { return profile_.policy; }
    // collateral is what nodes are judged with: the profile's, and what the service has offered since.
    const verify::SignedCollateral& collateral() const { return verdicts_.collateral(); }

  private:
    using Outcome = Result<std::shared_ptr<const Judged>>;
    struct Judging;

    std::shared_ptr<Judging> judging_now();
    static net::Task<void> run(std::shared_ptr<Nodes> self, std::shared_ptr<Judging> judging);
    net::Task<Outcome> judge_now();
    net::Task<Result<JudgedNode>> judge_node(std::string statement, std::vector<Digest256> other_platforms);
    Result<void> stay_local() const;
    net::Task<Result<void>> take_collateral(Digest256 name);
    static void refuse_other_evidence(JudgedNode& node);
    std::optional<Usable> usable(const verify::Verification& verification) const;
    Error why_none(const Judged& judged) const;
    void forget_old();
    void renew_early();

    net::Loop& loop_;
    Profile profile_;
    Random& random_;
    std::function<TimePoint()> clock_;
    Oblivious oblivious_;
    ServiceCollateral collateral_;
    verify::VerdictCache verdicts_;
    Pool pool_;
    TimePoint next_try_;  // of a verification that nobody waits for
    std::shared_ptr<const Judged> judged_;
    std::shared_ptr<Judging> judging_;
    std::unique_ptr<net::Child> judging_child_;
};

}  // namespace openpcc::client

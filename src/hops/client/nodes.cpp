// SPDX-License-Identifier: Apache-2.0
#include "hops/client/nodes.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "hops/client/directory.hpp"
#include "hops/client/errors.hpp"
#include "io/net/errors.hpp"

namespace openpcc::client {

namespace {

constexpr std::size_t kMaxDirectory = 256 * 1024;
constexpr std::size_t kMaxBundle = 1 << 20;
constexpr auto kLongestJudging = std::chrono::minutes(10);  // each of its steps has a shorter limit of its own
// A service that cannot be judged now is asked again no sooner, as long as there are nodes from before.
constexpr Seconds kBetweenTries{5};

// A node that gives no evidence is incomplete, and says so check by check: it is not one whose evidence is bad.
verify::Verification without_evidence(std::uint16_t status, TimePoint now) {
    const std::vector<CheckSpec> specs = verify::checks(statement::TeeType::kTdx);
    Checklist checks(specs);
    checks.not_run(specs.front().id, "the node gave no evidence: status " + std::to_string(status));
    verify::Verification out;
    out.at = now;
    checks.into(out.verdict);
    return out;
}

}  // namespace

// Judging is a verification under way. It belongs to those who wait, and knows no session.
struct Nodes::Judging {
    explicit Judging(net::Loop& loop) : ended(loop) {}
    net::Event ended;
    std::optional<Outcome> outcome;

    void end(Outcome with) {
        outcome = std::move(with);
        ended.notify();
    }
};

Nodes::Nodes(net::Loop& loop, Profile profile, Random& random, std::function<TimePoint()> clock)
    : loop_(loop),
      profile_(std::move(profile)),
      random_(random),
      clock_(clock),
      oblivious_(loop, profile_, random, std::move(clock)),
      collateral_(profile_.collateral, profile_.roots),
      verdicts_(profile_.policy, profile_.roots, collateral_.signed_now()) {}

// A profile that trusts simulated hardware never leaves this machine: not even a connection is made.
Result<void> Nodes::stay_local() const {
#if OPENPCC_SIMULATED_HARDWARE
    const verify::SimulatedRoots& simulated = profile_.roots.simulated;
    if ((!simulated.tdx.empty() || !simulated.snp.empty()) && !profile_.relay.is_local())
        return fail(kNotLocal,
                    "a profile with simulated roots uses a relay on a loopback address or a UNIX socket only");
#endif
    return {};
}

// A file that is gone was replaced since the directory was made: the next one names its successor, and until then the
// verdicts say what is missing.
net::Task<Result<void>> Nodes::take_collateral(Digest256 name) {
    http::RequestHead head{"GET", "https", "gateway", "/collateral/" + to_hex(name), {}};
    OPENPCC_CO_TRY(const auto file, co_await oblivious_.fetch(std::move(head), ByteView(), collateral::kMaxFile));
    if (file.head.status != 200) co_return Result<void>{};
    OPENPCC_CO_TRY(const bool fresh, collateral_.take(name, file.content));
    if (fresh) verdicts_.renew(collateral_.signed_now());
    co_return Result<void>{};
}

net::Task<Result<JudgedNode>> Nodes::judge_node(std::string statement, std::vector<Digest256> other_platforms) {
    verify::Expectation expectation;
    expectation.challenge.emplace(random_.array<statement::Challenge>(), clock_());
    expectation.other_platforms = std::move(other_platforms);
    http::RequestHead head{"POST", "https", "gateway", "/evidence/" + statement, {}};
    const ByteView challenge = expectation.challenge->challenge;
    OPENPCC_CO_TRY(auto bundle, co_await oblivious_.fetch(std::move(head), challenge, kMaxBundle));
    JudgedNode node{std::move(statement), expectation, {}, {}};
    if (bundle.head.status == 200) {
        node.bundle = std::move(bundle.content);
        node.verification = *verdicts_.verify(node.bundle, expectation, clock_());
    } else {
        node.verification = without_evidence(bundle.head.status, clock_());
    }
    refuse_other_evidence(node);
    co_return node;
}

net::Task<Nodes::Outcome> Nodes::judge_now() {
    OPENPCC_CO_CHECK(stay_local());
    http::RequestHead ask_directory{"GET", "https", "gateway", "/directory", {}};
    OPENPCC_CO_TRY(const auto directory,
                   co_await oblivious_.fetch(std::move(ask_directory), ByteView(), kMaxDirectory));
    if (directory.head.status != 200) co_return fail(kGatewayRefused, "the directory cannot be had");
    auto listed = Directory::parse(directory.content);
    if (!listed) co_return fail(kBadDirectory);
    if (listed->collateral) OPENPCC_CO_CHECK(co_await take_collateral(*listed->collateral));

    auto judged = std::make_shared<Judged>();
    std::vector<Digest256> platforms;  // of the nodes judged so far: one machine is one node
    std::vector<Usable> pool;          // whole before anybody draws from it
    for (std::string& statement : listed->statements) {
        auto others = platforms;
        OPENPCC_CO_TRY(JudgedNode node, co_await judge_node(std::move(statement), std::move(others)));
        // A node that failed takes no machine's name: what it showed may be somebody else's old evidence.
        const bool accepted = !std::holds_alternative<std::monostate>(node.verification.key);
        if (accepted && node.verification.platform) platforms.push_back(*node.verification.platform);
        if (auto key = usable(node.verification)) pool.push_back(std::move(*key));
        judged->nodes.push_back(std::move(node));
    }
    judged->at = clock_();
    judged_ = judged;
    pool_ = Pool{pool_.generation + 1, std::move(pool)};
    forget_old();
    co_return judged_;
}

net::Task<void> Nodes::run(std::shared_ptr<Nodes> self, std::shared_ptr<Judging> judging) {
    Outcome outcome = co_await self->judge_now();
    judging->end(std::move(outcome));
}

std::shared_ptr<Nodes::Judging> Nodes::judging_now() {
    if (judging_ == nullptr || judging_->outcome) {
        judging_ = std::make_shared<Judging>(loop_);
        judging_child_ = net::spawn_child(loop_, run(shared_from_this(), judging_));
    }
    return judging_;
}

net::Task<Nodes::Outcome> Nodes::judge() {
    const auto judging = judging_now();
    const net::Deadline until = net::after(kLongestJudging);
    while (!judging->outcome) OPENPCC_CO_CHECK(co_await judging->ended.wait(until));
    co_return *judging->outcome;
}

// Evidence of one node under the name of another proves that other one: whatever its verdict, it is not this node's.
void Nodes::refuse_other_evidence(JudgedNode& node) {
    if (!node.verification.bundle) return;
    const std::string found = to_hex(node.verification.bundle->statement.core.name());
    if (found == node.statement) return;
    node.verification.verdict.refuse("directory.statement", "statement-2.11", node.statement, found);
    node.verification.key = std::monostate();
}

// A simulated key is usable under the development policy only (the verifier makes none otherwise) and only while every
// connection that we can see stays on this machine.
std::optional<Nodes::Usable> Nodes::usable(const verify::Verification& verification) const {
    const verify::NodeKey* key = nullptr;
    if (const auto* real = std::get_if<Verified<verify::NodeKey>>(&verification.key)) key = &**real;
    if (const auto* simulated = std::get_if<verify::Simulated<verify::NodeKey>>(&verification.key);
        simulated != nullptr && oblivious_.path_is_local())
        key = &**simulated;
    if (key == nullptr) return std::nullopt;
    return Usable{key->statement, key->keys, key->valid_until};
}

// A service decides how long its answers take: what was verified first may be too old when the last node is.
void Nodes::forget_old() {
    const TimePoint now = clock_();
    std::erase_if(pool_.nodes, [&](const Usable& node) { return node.valid_until <= now; });
}

void Nodes::forget(std::uint64_t generation) {
    if (generation == pool_.generation) pool_.nodes.clear();
}

// In the last quarter of a verification's time, so that the next has ended before.
void Nodes::renew_early() {
    const TimePoint now = clock_();
    const auto first = std::ranges::min_element(pool_.nodes, {}, &Usable::valid_until);
    if (now < first->valid_until - (first->valid_until - judged_->at) / 4 || now < next_try_) return;
    next_try_ = now + kBetweenTries;
    (void)judging_now();
}

net::Task<Result<Nodes::Pool>> Nodes::pool() {
    forget_old();
    if (pool_.nodes.empty()) {
        OPENPCC_CO_TRY(const auto judged, co_await judge());
        forget_old();
        if (pool_.nodes.empty()) co_return std::unexpected(why_none(*judged));
    } else {
        renew_early();
    }
    co_return pool_;
}

Error Nodes::why_none(const Judged& judged) const {
    if (judged.nodes.empty()) return Error(kNoNode, "the service has no node ready");
    if (std::ranges::all_of(judged.nodes, [](const JudgedNode& node) { return node.bundle.empty(); }))
        return Error(kNoNode, "no node of the service answers");
    const bool simulated = std::ranges::any_of(judged.nodes, [](const JudgedNode& node) {
        return std::holds_alternative<verify::Simulated<verify::NodeKey>>(node.verification.key);
    });
    if (simulated && !oblivious_.path_is_local())
        return Error(kNotLocal, "simulated nodes get prompts over loopback or a UNIX socket only");
    return Error(kNotVerified, "no node's evidence is good enough: nothing was sent");
}

}  // namespace openpcc::client

// SPDX-License-Identifier: Apache-2.0
#include "hops/client/session.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "hops/client/directory.hpp"
#include "hops/client/errors.hpp"
#include "hops/client/sealed_exchange.hpp"
#include "io/net/errors.hpp"
#include "io/net/event.hpp"

namespace openpcc::client {

namespace {

constexpr std::size_t kMaxDirectory = 256 * 1024;
constexpr std::size_t kMaxBundle = 1 << 20;
constexpr auto kLongestJudging = std::chrono::minutes(10);  // each of its steps has a shorter limit of its own

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

// Uniform in [0, bound), without the bias of a plain remainder.
std::size_t draw_below(std::size_t bound, Random& random) {
    const std::uint32_t limit = UINT32_MAX - UINT32_MAX % static_cast<std::uint32_t>(bound);
    while (true) {
        const auto bytes = random.array<ByteArray<4>>();
        std::uint32_t value = 0;
        for (std::uint8_t byte : bytes.bytes) value = value << 8 | byte;
        if (value < limit) return value % bound;
    }
}

}  // namespace

// Judging has an outcome however its coroutine ends, an exception included: nobody waits for what is gone. It belongs to
// those who wait, and knows no session.
struct Session::Judging {
    explicit Judging(net::Loop& loop) : ended(loop) {}
    net::Event ended;
    std::optional<Result<void>> outcome;

    void end(Result<void> with) {
        if (outcome) return;
        outcome = std::move(with);
        ended.notify();
    }
    // Leader is who judges.
    struct Leader {
        std::shared_ptr<Judging> of;
        ~Leader() { of->end(fail(net::kCancelled)); }
    };
};

Session::Session(net::Loop& loop, Profile profile, Random& random, std::function<TimePoint()> clock)
    : loop_(loop),
      profile_(std::move(profile)),
      random_(random),
      clock_(clock),
      oblivious_(loop, profile_, random, std::move(clock)),
      collateral_(profile_.collateral, profile_.roots),
      verdicts_(profile_.policy, profile_.roots, collateral_.signed_now()) {}

// A profile that trusts simulated hardware never leaves this machine: not even a connection is made.
Result<void> Session::stay_local() const {
#if OPENPCC_SIMULATED_HARDWARE
    const verify::SimulatedRoots& simulated = profile_.roots.simulated;
    if ((!simulated.tdx.empty() || !simulated.snp.empty()) && !profile_.relay.is_local())
        return fail(kNotLocal, "a profile with simulated roots uses a relay on a loopback address or a UNIX socket only");
#endif
    return {};
}

// A file that is gone was replaced since the directory was made: the next one names its successor, and until then the
// verdicts say what is missing.
net::Task<Result<void>> Session::take_collateral(Digest256 name) {
    http::RequestHead head{"GET", "https", "gateway", "/collateral/" + to_hex(name), {}};
    OPENPCC_CO_TRY(const auto file, co_await oblivious_.fetch(std::move(head), ByteView(), collateral::kMaxFile));
    if (file.head.status != 200) co_return Result<void>{};
    OPENPCC_CO_TRY(const bool fresh, collateral_.take(name, file.content));
    if (fresh) verdicts_.renew(collateral_.signed_now());
    co_return Result<void>{};
}

net::Task<Result<std::vector<JudgedNode>>> Session::judge_nodes() {
    OPENPCC_CO_CHECK(stay_local());
    http::RequestHead ask_directory{"GET", "https", "gateway", "/directory", {}};
    OPENPCC_CO_TRY(const auto directory, co_await oblivious_.fetch(std::move(ask_directory), ByteView(), kMaxDirectory));
    if (directory.head.status != 200) co_return fail(kGatewayRefused, "the directory cannot be had");
    auto listed = Directory::parse(directory.content);
    if (!listed) co_return fail(kBadDirectory);
    if (listed->collateral) OPENPCC_CO_CHECK(co_await take_collateral(*listed->collateral));

    std::vector<JudgedNode> judged;
    std::vector<Digest256> platforms;  // of the nodes judged so far: one machine is one node
    std::vector<Usable> pool;  // whole before anybody draws from it
    for (std::string& statement : listed->statements) {
        verify::Expectation expectation;
        expectation.challenge.emplace(random_.array<statement::Challenge>(), clock_());
        expectation.other_platforms = platforms;
        http::RequestHead head{"POST", "https", "gateway", "/evidence/" + statement, {}};
        const ByteView challenge = expectation.challenge->challenge;
        auto bundle = co_await oblivious_.fetch(std::move(head), challenge, kMaxBundle);
        if (!bundle) co_return std::unexpected(bundle.error());
        JudgedNode node{std::move(statement), expectation, {}, {}};
        if (bundle->head.status == 200) {
            node.bundle = std::move(bundle->content);
            node.verification = *verdicts_.verify(node.bundle, expectation, clock_());
        } else {
            node.verification = without_evidence(bundle->head.status, clock_());
        }
        refuse_other_evidence(node);
        // A node that failed takes no machine's name: what it showed may be somebody else's old evidence.
        const bool accepted = !std::holds_alternative<std::monostate>(node.verification.key);
        if (accepted && node.verification.platform) platforms.push_back(*node.verification.platform);
        if (auto key = usable(node.verification)) pool.push_back(std::move(*key));
        judged.push_back(std::move(node));
    }
    pool_ = std::move(pool);
    ++generation_;
    forget_old_nodes();
    co_return judged;
}

// Evidence of one node under the name of another proves that other one: whatever its verdict, it is not this node's.
void Session::refuse_other_evidence(JudgedNode& node) {
    if (!node.verification.bundle) return;
    const std::string found = to_hex(node.verification.bundle->statement.core.name());
    if (found == node.statement) return;
    node.verification.verdict.refuse("directory.statement", "statement-2.11", node.statement, found);
    node.verification.key = std::monostate();
}

// A simulated key is usable under the development policy only (the verifier makes none otherwise) and only while every
// connection that we can see stays on this machine.
std::optional<Session::Usable> Session::usable(const verify::Verification& verification) const {
    const verify::NodeKey* key = nullptr;
    if (const auto* real = std::get_if<Verified<verify::NodeKey>>(&verification.key)) key = &**real;
    if (const auto* simulated = std::get_if<verify::Simulated<verify::NodeKey>>(&verification.key);
        simulated != nullptr && oblivious_.path_is_local())
        key = &**simulated;
    if (key == nullptr) return std::nullopt;
    return Usable{key->statement, key->keys, key->valid_until};
}

// A service decides how long its answers take: what was verified first may be too old when the last node is.
void Session::forget_old_nodes() {
    const TimePoint now = clock_();
    std::erase_if(pool_, [&](const Usable& node) { return node.valid_until <= now; });
}

net::Task<Result<void>> Session::fill_pool() {
    forget_old_nodes();
    while (pool_.empty()) {
        if (judging_ == nullptr || judging_->outcome) {
            const auto own = judging_ = std::make_shared<Judging>(loop_);
            const Judging::Leader leader{own};
            own->end(co_await fill_pool_now());
            co_return *own->outcome;
        }
        const auto other = judging_;
        while (!other->outcome) {
            const net::Deadline until = net::after(kLongestJudging);
            OPENPCC_CO_CHECK(co_await other->ended.wait(until));
        }
        // A request that was cancelled says nothing about the service.
        if (!*other->outcome && other->outcome->error() != net::kCancelled) co_return *other->outcome;
        forget_old_nodes();
    }
    co_return Result<void>{};
}

net::Task<Result<void>> Session::fill_pool_now() {
    OPENPCC_CO_TRY(const auto judged, co_await judge_nodes());
    if (!pool_.empty()) co_return Result<void>{};
    if (judged.empty()) co_return fail(kNoNode, "the service has no node ready");
    if (std::ranges::all_of(judged, [](const JudgedNode& node) { return node.bundle.empty(); }))
        co_return fail(kNoNode, "no node of the service answers");
    const bool simulated = std::ranges::any_of(judged, [](const JudgedNode& node) {
        return std::holds_alternative<verify::Simulated<verify::NodeKey>>(node.verification.key);
    });
    if (simulated && !oblivious_.path_is_local())
        co_return fail(kNotLocal, "simulated nodes get prompts over loopback or a UNIX socket only");
    co_return fail(kNotVerified, "no node's evidence is good enough: nothing was sent");
}

// k different nodes, every set of them equally likely.
Result<std::vector<Session::Usable>> Session::draw() {
    std::vector<Usable> drawn = pool_;
    const std::size_t wanted = std::min<std::size_t>({profile_.policy.candidates, drawn.size(), seal::kMaxCandidates});
    for (std::size_t i = 0; i < wanted; ++i) std::swap(drawn[i], drawn[i + draw_below(drawn.size() - i, random_)]);
    drawn.erase(drawn.begin() + static_cast<std::ptrdiff_t>(wanted), drawn.end());
    if (drawn.empty()) return fail(kNoNode);
    return drawn;
}

net::Task<Result<Receipt>> Session::ask_once(const http::RequestHead& head, const Plaintext& body, AnswerSink& sink,
                                             std::uint64_t& drawn_from) {
    OPENPCC_CO_CHECK(co_await fill_pool());
    drawn_from = generation_;
    OPENPCC_CO_TRY(const auto nodes, draw());
    std::vector<std::vector<seal::KeyConfig>> keys;
    for (const Usable& node : nodes) keys.push_back(node.keys);
    OPENPCC_CO_TRY(const auto suite, seal::choose_suite(keys));
    std::vector<seal::Candidate> candidates;
    for (const Usable& node : nodes) {
        const auto key = std::ranges::find_if(node.keys, [&](const seal::KeyConfig& config) { return config.key.kem() == suite.kem; });
        candidates.push_back({*key, node.statement});
    }
    const seal::Options options{suite, {}, seal::CellMode::kOff, 0};
    OPENPCC_CO_TRY(auto sealer, seal::RequestSealer::make(candidates, options, random_));
    co_return co_await exchange_sealed(oblivious_, std::move(sealer), candidates, head, body, sink);
}

net::Task<Result<Receipt>> Session::ask(http::RequestHead head, const Plaintext& body, AnswerSink& sink) {
    std::uint64_t drawn_from = 0;
    auto receipt = co_await ask_once(head, body, sink, drawn_from);
    if (!receipt && receipt.error() == kKeyGone) {
        // Others may have verified the nodes anew in the meantime.
        if (drawn_from == generation_) pool_.clear();
        receipt = co_await ask_once(head, body, sink, drawn_from);
    }
    co_return receipt;
}

}  // namespace openpcc::client

// SPDX-License-Identifier: Apache-2.0
#include "hops/client/session.hpp"

#include <algorithm>

#include "hops/client/errors.hpp"
#include "hops/client/sealed_exchange.hpp"
#include "io/net/errors.hpp"

namespace openpcc::client {

namespace {

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

// Before the second try and the third: a role that is restarted is back in less than both.
constexpr net::Clock::duration kPauses[] = {std::chrono::milliseconds(200), std::chrono::milliseconds(800)};

// may_pass: somebody on the way was gone at that moment. A service that is there and says no, for want of room too, is
// not asked again: that would be more of what it has too much of.
bool may_pass(const Error& error) {
    const ErrorCode codes[] = {net::kUnreachable, kRelayRefused, kTruncated};
    return std::ranges::any_of(codes, [&](const ErrorCode& code) { return error == code; });
}

// Begun hands an answer on, and remembers that it has begun.
class Begun final : public AnswerSink {
  public:
    explicit Begun(AnswerSink& sink) : sink_(sink) {}
    bool begun() const { return begun_; }

    Result<void> head(const http::ResponseHead& head) override {
        begun_ = true;
        return sink_.head(head);
    }
    Result<void> content(ByteView text) override { return sink_.content(text); }
    net::Task<Result<void>> taken() override { return sink_.taken(); }

  private:
    AnswerSink& sink_;
    bool begun_ = false;
};

}  // namespace

Session::Session(net::Loop& loop, Profile profile, Random& random, std::function<TimePoint()> clock)
    : random_(random), nodes_(std::make_shared<Nodes>(loop, std::move(profile), random, std::move(clock))) {}

Session::~Session() { nodes_->stop(); }

// k different nodes, every set of them equally likely.
std::vector<Nodes::Usable> Session::draw(std::vector<Nodes::Usable> drawn) {
    const std::size_t wanted = std::min<std::size_t>({nodes_->policy().candidates, drawn.size(), seal::kMaxCandidates});
    for (std::size_t i = 0; i < wanted; ++i) std::swap(drawn[i], drawn[i + draw_below(drawn.size() - i, random_)]);
    drawn.erase(drawn.begin() + static_cast<std::ptrdiff_t>(wanted), drawn.end());
    return drawn;
}

net::Task<Result<Receipt>> Session::ask_once(const http::RequestHead& head, const Plaintext& body, AnswerSink& sink,
                                             std::uint64_t& drawn_from) {
    OPENPCC_CO_TRY(Nodes::Pool pool, co_await nodes_->pool());
    drawn_from = pool.generation;
    const std::vector<Nodes::Usable> nodes = draw(std::move(pool.nodes));
    std::vector<std::vector<seal::KeyConfig>> keys;
    for (const Nodes::Usable& node : nodes) keys.push_back(node.keys);
    OPENPCC_CO_TRY(const auto suite, seal::choose_suite(keys));
    std::vector<seal::Candidate> candidates;
    for (const Nodes::Usable& node : nodes) {
        const auto key = std::ranges::find_if(
            node.keys, [&](const seal::KeyConfig& config) { return config.key.kem() == suite.kem; });
        candidates.push_back({*key, node.statement});
    }
    const seal::Options options{suite, {}, seal::CellMode::kOff, 0};
    OPENPCC_CO_TRY(auto sealer, seal::RequestSealer::make(candidates, options, random_));
    co_return co_await exchange_sealed(nodes_->oblivious(), std::move(sealer), candidates, head, body, sink);
}

net::Task<Result<Receipt>> Session::ask_with_keys(const http::RequestHead& head, const Plaintext& body,
                                                  AnswerSink& sink) {
    std::uint64_t drawn_from = 0;
    auto receipt = co_await ask_once(head, body, sink, drawn_from);
    if (!receipt && receipt.error() == kKeyGone) {
        // Others may have verified the nodes anew in the meantime.
        nodes_->forget(drawn_from);
        receipt = co_await ask_once(head, body, sink, drawn_from);
    }
    co_return receipt;
}

net::Task<Result<Receipt>> Session::ask(http::RequestHead head, const Plaintext& body, AnswerSink& sink) {
    Begun begun(sink);
    auto receipt = co_await ask_with_keys(head, body, begun);
    for (const net::Clock::duration pause : kPauses) {
        if (receipt || begun.begun() || !may_pass(receipt.error())) break;
        const net::Deadline next = net::after(pause);
        OPENPCC_CO_CHECK(co_await net::sleep_until(next));
        receipt = co_await ask_with_keys(head, body, begun);
    }
    co_return receipt;
}

}  // namespace openpcc::client

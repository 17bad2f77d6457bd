// SPDX-License-Identifier: Apache-2.0
// Who verifies, when, and who waits for it.
#include <gtest/gtest.h>

#include "hops/client/errors.hpp"
#include "io/net/errors.hpp"
#include "path/world.hpp"

namespace openpcc::path {
namespace {

using namespace std::chrono_literals;

// Watch is a session under a clock that the test moves.
struct Watch : World {
    TimePoint now = wall_clock();
    client::Session session{loop, profile(), random, [this] { return now; }};

    int evidence() const {
        int out = 0;
        for (const auto& node : nodes) out += node->evidence_requests;
        return out;
    }
    int asked() const {
        int out = 0;
        for (const auto& node : nodes) out += node->engine.watched.asked;
        return out;
    }
    // comes runs the loop until something holds, for two seconds at most.
    bool comes(const std::function<bool()>& holds) {
        const auto wait = [&]() -> net::Task<bool> {
            const net::Deadline until = net::after(2s);
            while (!holds() && net::Clock::now() < until) {
                const net::Deadline soon = net::after(1ms);
                co_await net::sleep_until(soon);
            }
            co_return holds();
        };
        return loop.run_until_done(wait());
    }
};

net::Task<void> ask_into(World& world, client::Session& session, int& answered) {
    if ((co_await world.ask(session)).receipt) ++answered;
}

TEST(Nodes, OneVerificationIsEnoughForAllWhoNeedIt) {
    Watch world;
    int answered = 0;
    std::vector<std::unique_ptr<net::Child>> asking;
    for (int i = 0; i < 8; ++i)
        asking.push_back(net::spawn_child(world.loop, ask_into(world, world.session, answered)));
    EXPECT_TRUE(world.comes([&] { return answered == 8; })) << answered;
    EXPECT_EQ(world.evidence(), 2);  // one of each node
}

TEST(Nodes, AVerificationGoesOnWhenTheRequestThatNeededItIsCancelled) {
    Watch world;
    int answered = 0;
    auto first = net::spawn_child(world.loop, ask_into(world, world.session, answered));
    EXPECT_TRUE(world.comes([&] { return world.evidence() == 1; }));  // the first node is being judged
    first->cancel();
    EXPECT_TRUE(world.comes([&] { return world.session.judged() != nullptr; }));
    EXPECT_EQ(world.asked(), 0);
    EXPECT_TRUE(world.loop.run_until_done(world.ask(world.session)).receipt);
    EXPECT_EQ(world.evidence(), 2);
}

TEST(Nodes, AreJudgedAgainBeforeTheirTimeEndsAndNobodyWaitsForIt) {
    Watch world;
    ASSERT_TRUE(world.loop.run_until_done(world.ask(world.session)).receipt);
    ASSERT_EQ(world.evidence(), 2);
    const auto before = world.session.judged();
    world.now += world.policy.max_evidence_age * 7 / 10;
    ASSERT_TRUE(world.loop.run_until_done(world.ask(world.session)).receipt);
    EXPECT_EQ(world.evidence(), 2);
    world.now += world.policy.max_evidence_age / 10;
    ASSERT_TRUE(world.loop.run_until_done(world.ask(world.session)).receipt);
    EXPECT_TRUE(world.comes([&] { return world.session.judged() != before; }));
    EXPECT_EQ(world.evidence(), 4);
    // What was judged at first is too old now, and nobody is asked for evidence again.
    world.now += world.policy.max_evidence_age * 3 / 10;
    ASSERT_TRUE(world.loop.run_until_done(world.ask(world.session)).receipt);
    EXPECT_EQ(world.evidence(), 4);
}

TEST(Nodes, ThatAreRefusedLaterAreAskedNoMoreThoughTheirTimeHasNotEnded) {
    Watch world;
    ASSERT_TRUE(world.loop.run_until_done(world.ask(world.session)).receipt);
    const auto before = world.session.judged();
    for (auto& node : world.nodes) node->withholds_evidence = true;
    world.now += world.policy.max_evidence_age * 8 / 10;
    EXPECT_TRUE(world.loop.run_until_done(world.ask(world.session)).receipt);
    EXPECT_TRUE(world.comes([&] { return world.session.judged() != before; }));
    EXPECT_EQ(world.loop.run_until_done(world.ask(world.session)).receipt.error(), client::kNoNode);
}

TEST(Nodes, ThatCannotBeReachedForANewVerdictAreAskedUntilTheOldOneEnds) {
    Watch world;
    ASSERT_TRUE(world.loop.run_until_done(world.ask(world.session)).receipt);
    for (auto& node : world.nodes) node->withholds_evidence = true;
    world.gateway_server.reset();
    const auto before = world.session.judged();
    EXPECT_FALSE(world.loop.run_until_done(world.session.judge_nodes()));
    EXPECT_EQ(world.session.judged(), before);
    EXPECT_EQ(world.loop.run_until_done(world.ask(world.session)).receipt.error(), client::kRelayRefused);
    world.now += world.policy.max_evidence_age;
    EXPECT_FALSE(world.loop.run_until_done(world.ask(world.session)).receipt);
    EXPECT_EQ(world.asked(), 1);
}

TEST(Nodes, ASessionThatEndsEndsItsVerification) {
    World world;
    auto session = std::make_unique<client::Session>(world.loop, world.profile(), world.random, wall_clock);
    std::optional<Result<std::shared_ptr<const client::Judged>>> outcome;
    const auto judge = [&]() -> net::Task<void> { outcome.emplace(co_await session->judge_nodes()); };
    world.loop.spawn(judge());
    const auto end = [&]() -> net::Task<int> {
        while (world.nodes[0]->evidence_requests == 0) {
            const net::Deadline soon = net::after(1ms);
            co_await net::sleep_until(soon);
        }
        session.reset();
        while (!outcome) {
            const net::Deadline soon = net::after(1ms);
            co_await net::sleep_until(soon);
        }
        co_return 0;
    };
    world.loop.run_until_done(end());
    EXPECT_EQ(outcome->error(), net::kCancelled);
}

TEST(Retry, ARequestThatMeetsNoRelayIsSentAgainAndNothingOfItShows) {
    World world;
    client::Session session = world.session();
    ASSERT_TRUE(world.loop.run_until_done(world.ask(session)).receipt);
    const net::Endpoint at = world.relay_server->endpoint();
    world.relay_server.reset();
    const auto back = [&]() -> net::Task<void> {
        const net::Deadline then = net::after(100ms);
        co_await net::sleep_until(then);
        world.start_relay(at);
    };
    world.loop.spawn(back());
    const auto said = world.loop.run_until_done(world.ask(session));
    EXPECT_TRUE(said.receipt) << said.receipt.error().describe();
    EXPECT_NE(said.text.find("[DONE]"), std::string::npos);
}

TEST(Retry, EndsAfterThreeTriesAndIsNotForWhoSaysNo) {
    World world;
    client::Session session = world.session();
    ASSERT_TRUE(world.loop.run_until_done(world.ask(session)).receipt);
    world.relay_server.reset();
    const auto begun = net::Clock::now();
    EXPECT_EQ(world.loop.run_until_done(world.ask(session)).receipt.error(), net::kUnreachable);
    EXPECT_GE(net::Clock::now() - begun, 1s);  // both pauses
    World busy;
    for (auto& node : busy.nodes) node->engine.script.busy = true;
    EXPECT_EQ(busy.ask_once().receipt.error(), client::kGatewayRefused);
    EXPECT_EQ(busy.nodes[0]->sealed_requests + busy.nodes[1]->sealed_requests, 2);
}

TEST(Retry, IsNeverAfterTheFirstByte) {
    World world;
    for (auto& node : world.nodes) node->engine.script.stall_after = 2;
    client::Session session = world.session();
    std::optional<World::Said> said;
    const auto ask = [&]() -> net::Task<void> { said.emplace(co_await world.ask(session)); };
    world.loop.spawn(ask());
    const auto cut = [&]() -> net::Task<int> {
        while (world.nodes[0]->engine.watched.given_bytes + world.nodes[1]->engine.watched.given_bytes == 0) {
            const net::Deadline soon = net::after(1ms);
            co_await net::sleep_until(soon);
        }
        const net::Deadline soon = net::after(50ms);
        co_await net::sleep_until(soon);
        for (auto& node : world.nodes) node->server.reset();
        while (!said) {
            const net::Deadline later = net::after(1ms);
            co_await net::sleep_until(later);
        }
        co_return 0;
    };
    world.loop.run_until_done(cut());
    EXPECT_FALSE(said->receipt);
    EXPECT_EQ(world.nodes[0]->engine.watched.asked + world.nodes[1]->engine.watched.asked, 1);
}

}  // namespace
}  // namespace openpcc::path

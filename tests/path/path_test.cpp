// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "hops/client/errors.hpp"
#include "io/http/errors.hpp"
#include "path/world.hpp"
#include "protocol/ohttp/errors.hpp"
#include "protocol/seal/errors.hpp"
#include "trust/service/gateway_keys.hpp"

namespace openpcc::path {
namespace {

TEST(Path, AnswersFromAVerifiedNode) {
    World world;
    const auto said = world.ask_once();
    ASSERT_TRUE(said.receipt) << said.receipt.error().describe();
    EXPECT_EQ(said.status, 200);
    EXPECT_NE(said.text.find(R"("content":" did")"), std::string::npos);
    EXPECT_TRUE(said.text.ends_with("data: [DONE]\n\n"));
    EXPECT_EQ(world.nodes[0]->engine.watched.asked + world.nodes[1]->engine.watched.asked, 1);
}

TEST(Path, PlainRequestsAreStreamedToTheEngineAndGathered) {
    World world;
    client::Session session = world.session();
    const auto said = world.loop.run_until_done(world.ask(session, "tell me a joke", false));
    ASSERT_TRUE(said.receipt);
    EXPECT_NE(said.text.find(R"("content":"why did the")"), std::string::npos) << said.text;
    for (const auto& node : world.nodes)
        if (node->engine.watched.asked > 0) {
            EXPECT_NE(node->engine.watched.last_body.find(R"("stream":true)"), std::string::npos);
        }
}

TEST(Path, NothingIsSentToNodesThatAreNotGoodEnough) {
    World world;
    world.policy.tdx_measurements[0].mrtd.bytes[0] ^= 1;
    const auto said = world.ask_once();
    EXPECT_EQ(said.receipt.error(), client::kNotVerified);
    for (const auto& node : world.nodes) EXPECT_EQ(node->sealed_requests, 0);
}

TEST(Path, AnEmptyPolicyAcceptsNothing) {
    World world;
    world.policy = policy::Policy::of(policy::Preset::kDevelopment, wall_clock());
    EXPECT_EQ(world.ask_once().receipt.error(), client::kNotVerified);
    for (const auto& node : world.nodes) EXPECT_EQ(node->sealed_requests, 0);
}

TEST(Path, SimulatedNodesGetNothingUnderStrict) {
    World world;
    world.policy.preset = policy::Preset::kStrict;
    EXPECT_EQ(world.ask_once().receipt.error(), client::kNotVerified);
    for (const auto& node : world.nodes) EXPECT_EQ(node->sealed_requests, 0);
}

TEST(Path, SimulatedRootsNeverLeaveThisMachine) {
    World world;
    for (const char* elsewhere : {"http://192.0.2.1:80", "http://localhost:80", "http://[2001:db8::1]:80"}) {
        client::Profile profile = world.profile();
        profile.relay = *net::Endpoint::parse(elsewhere);
        client::Session session(world.loop, std::move(profile), world.random, wall_clock);
        const auto said = world.loop.run_until_done(world.ask(session));
        EXPECT_EQ(said.receipt.error(), client::kNotLocal) << elsewhere;
    }
}

TEST(Path, ACandidateThatIsGoneIsNotNoticed) {
    for (std::size_t gone : {0UL, 1UL}) {
        World world;
        client::Session session = world.session();
        ASSERT_TRUE(world.loop.run_until_done(session.judge_nodes()));
        world.nodes[gone]->server.reset();
        for (int i = 0; i < 4; ++i) {
            const auto said = world.loop.run_until_done(world.ask(session));
            ASSERT_TRUE(said.receipt) << said.receipt.error().describe();
        }
        EXPECT_EQ(world.nodes[gone]->engine.watched.asked, 0);
    }
}

TEST(Path, ACandidateThatDiesBeforeItsFirstByteIsNotNoticed) {
    World world;
    world.nodes[0]->dies = true;
    // The order of the candidates is the client's draw: ask until the dying one has come first.
    int asked = 0;
    while (world.nodes[0]->sealed_requests == 0 && asked < 50) {
        ++asked;
        const auto said = world.ask_once();
        ASSERT_TRUE(said.receipt) << said.receipt.error().describe();
        EXPECT_NE(said.text.find("[DONE]"), std::string::npos);
    }
    EXPECT_EQ(world.nodes[0]->sealed_requests, 1);
    EXPECT_EQ(world.nodes[1]->engine.watched.asked, asked);
}

TEST(Path, ABusyEngineIsNotNoticedWhileTheOtherCanAnswer) {
    World world;
    world.nodes[0]->engine.script.busy = true;
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(world.ask_once().receipt);
    world.nodes[1]->engine.script.busy = true;
    EXPECT_EQ(world.ask_once().receipt.error(), client::kGatewayRefused);
}

TEST(Path, AnEngineThatIsDownIsAnErrorAtOnce) {
    World world;
    for (auto& node : world.nodes) node->engine.script.state = node::Engine::State::kDown;
    client::Session session = world.session();
    EXPECT_EQ(world.loop.run_until_done(world.ask(session)).receipt.error(), client::kGatewayRefused);
    world.loop.run_until_done(world.pool->refresh());
    client::Session later = world.session();
    EXPECT_EQ(world.loop.run_until_done(world.ask(later)).receipt.error(), client::kNoNode);
}

TEST(Path, AnEngineThatFailsMidAnswerIsSaidInsideTheSeal) {
    World world;
    for (auto& node : world.nodes) node->engine.script.fail_after = 2;
    const auto said = world.ask_once();
    EXPECT_EQ(said.receipt.error(), client::kEngineFailed);
    EXPECT_NE(said.text.find(R"("content":" did")"), std::string::npos);  // what came before is genuine and shown
    EXPECT_EQ(said.text.find("[DONE]"), std::string::npos);
}

// Runs a coroutine until something holds, then drops it: a client that goes away.
net::Task<void> ask_and_forget(World& world, client::Session& session) { co_await world.ask(session); }

TEST(Path, AClientThatGoesAwayCancelsTheGeneration) {
    World world;
    for (auto& node : world.nodes) node->engine.script.endless = true;
    client::Session session = world.session();
    auto child = net::spawn_child(world.loop, ask_and_forget(world, session));
    const auto given = [&] { return world.nodes[0]->engine.watched.given_bytes + world.nodes[1]->engine.watched.given_bytes; };
    const auto cancelled = [&] { return world.nodes[0]->engine.watched.cancelled + world.nodes[1]->engine.watched.cancelled; };
    net::Clock::duration took{};
    const auto scenario = [&]() -> net::Task<int> {
        while (given() < 10000) {
            const net::Deadline soon = net::after(1ms);
            co_await net::sleep_until(soon);
        }
        child->cancel();
        const auto start = net::Clock::now();
        while (cancelled() == 0 && net::Clock::now() - start < 2s) {
            const net::Deadline soon = net::after(1ms);
            co_await net::sleep_until(soon);
        }
        took = net::Clock::now() - start;
        co_await child->done();
        co_return 0;
    };
    world.loop.run_until_done(scenario());
    EXPECT_EQ(cancelled(), 1);
    EXPECT_LT(took, 100ms);
}

TEST(Path, ANodeThatDiesMidAnswerIsTruncation) {
    World world;
    for (auto& node : world.nodes) node->engine.script.stall_after = 2;
    client::Session session = world.session();
    World::Said said;
    const auto scenario = [&]() -> net::Task<int> {
        auto asking = [](World& w, client::Session& s, World::Said& out) -> net::Task<void> { out = co_await w.ask(s); };
        auto child = net::spawn_child(world.loop, asking(world, session, said));
        while (world.nodes[0]->engine.watched.given_bytes + world.nodes[1]->engine.watched.given_bytes < 100) {
            const net::Deadline soon = net::after(1ms);
            co_await net::sleep_until(soon);
        }
        const net::Deadline soon = net::after(50ms);
        co_await net::sleep_until(soon);
        for (auto& node : world.nodes) node->server.reset();
        co_await child->done();
        co_return 0;
    };
    world.loop.run_until_done(scenario());
    ASSERT_FALSE(said.receipt);
    EXPECT_EQ(said.receipt.error(), client::kTruncated) << said.receipt.error().describe();
    EXPECT_NE(said.receipt.error().describe().find("truncated"), std::string::npos);
}

TEST(Path, KeysRotateWhileRequestsAreInFlight) {
    World world;
    client::Session session = world.session();
    const auto scenario = [&]() -> net::Task<int> {
        int failed = 0;
        for (int i = 0; i < 30; ++i) {
            if (i % 3 == 1) {
                if (!world.keys->renew(wall_clock())) ++failed;
                for (auto& node : world.nodes)
                    if (!node->keeper->renew(wall_clock())) ++failed;
            }
            const auto said = co_await world.ask(session);
            if (!said.receipt) ++failed;
            if (i % 5 == 0) co_await world.pool->refresh();
        }
        co_return failed;
    };
    EXPECT_EQ(world.loop.run_until_done(scenario()), 0);
}

TEST(Path, AGatewayKeyThatIsGoneIsRefreshedOnce) {
    World world;
    client::Session session = world.session();
    ASSERT_TRUE(world.loop.run_until_done(world.ask(session)).receipt);
    // The old generation is erased: as a client sees it that slept for too long.
    ASSERT_TRUE(world.keys->renew(wall_clock()));
    ASSERT_TRUE(world.keys->rotate(wall_clock() + Seconds(700)));
    const auto said = world.loop.run_until_done(world.ask(session));
    EXPECT_TRUE(said.receipt) << said.receipt.error().describe();
}

TEST(Path, ANodeKeyThatIsGoneIsRefreshedOnce) {
    World world;
    client::Session session = world.session();
    ASSERT_TRUE(world.loop.run_until_done(world.ask(session)).receipt);
    for (auto& node : world.nodes) {
        ASSERT_TRUE(node->keeper->renew(wall_clock()));
        ASSERT_TRUE(node->keeper->rotate(wall_clock() + Seconds(700)));
    }
    world.loop.run_until_done(world.pool->refresh());
    const auto said = world.loop.run_until_done(world.ask(session));
    EXPECT_TRUE(said.receipt) << said.receipt.error().describe();
}

TEST(Path, AFullReplaySetRefusesEverything) {
    World world({.nodes = 1, .replay_capacity = 4});
    client::Session session = world.session();
    // Directory and evidence take two of the gateway's four places.
    ASSERT_TRUE(world.loop.run_until_done(session.judge_nodes()));
    EXPECT_TRUE(world.loop.run_until_done(world.ask(session)).receipt);
    EXPECT_TRUE(world.loop.run_until_done(world.ask(session)).receipt);
    EXPECT_FALSE(world.loop.run_until_done(world.ask(session)).receipt);
    EXPECT_FALSE(world.loop.run_until_done(world.ask(session)).receipt);
    EXPECT_EQ(world.nodes[0]->engine.watched.asked, 2);
}

TEST(Path, RefusalsOfWhatIsInsideAreToldInside) {
    World world;
    client::Session session = world.session();
    // Of a field that the API does not have here.
    const auto said = world.loop.run_until_done(world.ask(session, "x\"}],\"logit_bias\":{},\"stop\":[\"y"));
    ASSERT_TRUE(said.receipt) << said.receipt.error().describe();
    EXPECT_EQ(said.status, 400);
    EXPECT_NE(said.text.find("\"error\""), std::string::npos);
    EXPECT_EQ(world.nodes[0]->engine.watched.asked + world.nodes[1]->engine.watched.asked, 0);
}

TEST(Path, ALongPromptPassesAndATooLongOneIsRefused) {
    World world;
    client::Session session = world.session();
    EXPECT_EQ(world.loop.run_until_done(world.ask(session, std::string(300000, 'x'))).status, 200);
    const auto said = world.loop.run_until_done(world.ask(session, std::string(1 << 20, 'x')));
    EXPECT_EQ(said.status, 413);  // said inside the seal
    EXPECT_FALSE(world.loop.run_until_done(world.ask(session, std::string(3 << 20, 'x'))).receipt);
}

TEST(Path, ASlowReaderHoldsTheEngineBack) {
    World world({.nodes = 1});
    ScriptedEngine& engine = world.nodes[0]->engine;
    engine.script.endless = true;
    engine.script.words = {std::string(4000, 'x')};
    // A tap between client and relay that takes the head of the sealed answer and then stops reading.
    auto upstream = http::Client::make(world.loop, world.relay_server->endpoint(), {}, nullptr);
    std::uint64_t given_when_stuck = 0;
    std::uint64_t given_later = 0;
    http::ServerLimits limits;
    limits.body_bytes = 1 << 20;
    const auto tap = *http::Server::listen(
        world.loop, *net::Endpoint::parse("http://127.0.0.1:0"), limits, nullptr,
        [&](http::Exchange& exchange) -> net::Task<void> {
            Bytes body;
            std::array<std::uint8_t, 4096> piece;
            while (true) {
                const auto size = co_await exchange.read_body(piece);
                if (!size || *size == 0) break;
                body.append(ByteView(piece).first(*size));
            }
            http::RequestHead head{exchange.request().method, "", "", exchange.request().path, {}};
            if (const auto type = exchange.request().fields.get("content-type")) head.fields.add("content-type", std::string(*type));
            auto call = co_await upstream->start(std::move(head));
            if (!call) co_return;
            co_await (*call)->write(body);
            co_await (*call)->finish();
            auto answer = co_await (*call)->head();
            if (!answer) co_return;
            if (engine.watched.asked > 0) {  // the sealed answer: let it run full
                for (int tries = 0; tries < 100 && (given_later == 0 || given_later != given_when_stuck); ++tries) {
                    given_when_stuck = given_later;
                    const net::Deadline later = net::after(300ms);
                    co_await net::sleep_until(later);
                    given_later = engine.watched.given_bytes;
                }
                co_return;
            }
            http::ResponseHead out{answer->status, {}};
            if (const auto type = answer->fields.get("content-type")) out.fields.add("content-type", std::string(*type));
            co_await exchange.respond(std::move(out));
            while (true) {
                const auto size = co_await (*call)->read(piece);
                if (!size || *size == 0) break;
                const ByteView part = ByteView(piece).first(*size);
                co_await exchange.write(part);
            }
            co_await exchange.finish();
        });
    client::Profile profile = world.profile();
    profile.relay = tap->endpoint();
    client::Session session(world.loop, std::move(profile), world.random, wall_clock);
    EXPECT_FALSE(world.loop.run_until_done(world.ask(session)).receipt);
    EXPECT_GT(given_when_stuck, 0U);
    EXPECT_EQ(given_later, given_when_stuck);       // the engine is not read any more
    EXPECT_LT(given_when_stuck, 32U << 20);         // and what was read fits the sockets' buffers
}

}  // namespace
}  // namespace openpcc::path

// SPDX-License-Identifier: Apache-2.0
// What the roles can do to each other when one of them is bad. The parts under attack are as they are; the bad one is
// written here.
#include <gtest/gtest.h>

#include <functional>

#include "core/text.hpp"
#include "hops/client/errors.hpp"
#include "hops/gateway/forward.hpp"
#include "hops/gateway/inner.hpp"
#include "path/world.hpp"

namespace openpcc::path {
namespace {

// Reply is what a bad gateway answers inside the outer layer.
struct Reply {
    std::uint16_t status = 200;
    std::string type = "application/json";
    Bytes content;
};
using Evil = std::function<net::Task<Reply>(const http::RequestHead& head, ByteView content)>;

// EvilGateway holds the service's genuine keys, as a bad operator does, and answers as it likes.
class EvilGateway {
  public:
    EvilGateway(World& world, Evil evil)
        : world_(world),
          evil_(std::move(evil)),
          endpoint_(*net::Endpoint::parse("unix:" + world.folder + "/evil")) {
        http::ServerLimits limits;
        limits.body_bytes = 8 << 20;
        server_ = *http::Server::listen(world.loop, endpoint_, limits, nullptr,
                                        [this](http::Exchange& exchange) { return serve(exchange); });
        world.relay = std::make_unique<relay::Relay>(http::Client::make(world.loop, endpoint_, {}, nullptr),
                                                     relay::Limits{}, world.relay_refusals);
    }

    // fetch asks a node what an honest gateway would ask it.
    net::Task<Bytes> evidence(NodeProcess& node, std::string statement, ByteView challenge) {
        const auto client = http::Client::make(world_.loop, node.endpoint, {}, nullptr);
        http::RequestHead head{"POST", "", "", "/evidence/" + statement, {{"content-type", "application/octet-stream"}}};
        const Bytes content(challenge);
        const auto whole = co_await client->fetch(std::move(head), content, 1 << 20);
        co_return whole && whole->head.status == 200 ? whole->content : Bytes();
    }

    std::vector<std::string> seen;  // method and path of every inner request

  private:
    net::Task<void> serve(http::Exchange& exchange) {
        if (exchange.request().path != "/ohttp") {
            http::ResponseHead head{200, {{"content-type", std::string(service::kGatewayKeysType)}}};
            const Bytes document = world_.keys->document();
            co_await exchange.respond_whole(std::move(head), document);
            co_return;
        }
        gateway::InnerRequest inner;
        bhttp::Limits limits;
        limits.content_bytes = 4 << 20;
        bhttp::Decoder decoder(bhttp::Kind::kRequest, limits, inner);
        const ohttp::Deliver deliver = [&](ByteView plain) { return decoder.update(plain); };
        ohttp::RequestOpener opener(*world_.keys);
        std::array<std::uint8_t, 16 * 1024> piece;
        while (true) {
            const auto size = co_await exchange.read_body(piece);
            if (!size || *size == 0) break;
            if (!opener.update(ByteView(piece).first(*size), deliver)) co_return;
        }
        if (!opener.finish(deliver) || !decoder.finish()) co_return;
        seen.push_back(inner.head()->method + " " + inner.head()->path);
        const Bytes content = inner.take();
        const Reply reply = co_await evil_(*inner.head(), content);
        gateway::InnerAnswer answer(exchange, *opener.respond(world_.random));
        http::ResponseHead head{reply.status, {{"content-type", reply.type}}};
        co_await answer.whole(std::move(head), reply.content);
    }

    World& world_;
    Evil evil_;
    net::Endpoint endpoint_;
    std::unique_ptr<http::Server> server_;
};

std::string name_of(const NodeProcess& node) { return to_hex(node.keeper->status().statement); }

Bytes directory_of(const std::vector<std::string>& statements) {
    std::string text = R"({"nodes":[)";
    for (const std::string& name : statements)
        text += std::string(text.ends_with('[') ? "" : ",") + R"({"statement":")" + name + R"("})";
    return Bytes(as_bytes(text + "]}"));
}

bool asks_evidence(const http::RequestHead& head) { return head.path.starts_with("/evidence/"); }

TEST(Attack, ADirectoryThatNamesANodeTwiceIsRefused) {
    World world;
    EvilGateway* evil = nullptr;
    EvilGateway gateway(world, [&](const http::RequestHead& head, ByteView content) -> net::Task<Reply> {
        const std::string loved = name_of(*world.nodes[0]);
        if (head.path == "/directory")
            co_return Reply{200, "application/json", directory_of({loved, loved, loved, name_of(*world.nodes[1])})};
        if (!asks_evidence(head)) co_return Reply{503, "text/plain", {}};
        const std::string statement = head.path.substr(10);
        NodeProcess& node = statement == loved ? *world.nodes[0] : *world.nodes[1];
        co_return Reply{200, "application/octet-stream", co_await evil->evidence(node, statement, content)};
    });
    evil = &gateway;
    EXPECT_EQ(world.ask_once().receipt.error(), client::kBadDirectory);
    EXPECT_EQ(std::ranges::count(gateway.seen, "POST /sealed"), 0);
}

TEST(Attack, EvidenceOfOneNodeUnderTheNameOfAnotherMakesNoCandidate) {
    World world;
    EvilGateway* evil = nullptr;
    EvilGateway gateway(world, [&](const http::RequestHead& head, ByteView content) -> net::Task<Reply> {
        if (head.path == "/directory") co_return Reply{200, "application/json", directory_of({name_of(*world.nodes[1])})};
        if (!asks_evidence(head)) co_return Reply{503, "text/plain", {}};
        co_return Reply{200, "application/octet-stream",
                        co_await evil->evidence(*world.nodes[0], name_of(*world.nodes[0]), content)};
    });
    evil = &gateway;
    EXPECT_EQ(world.ask_once().receipt.error(), client::kNotVerified);
    EXPECT_EQ(std::ranges::count(gateway.seen, "POST /sealed"), 0);
}

// A gateway that stalls between two nodes' evidence must not make the client use what was verified before the stall.
TEST(Attack, AVerdictThatRanOutWhileOthersWereJudgedIsNotUsed) {
    World world;
    Seconds ahead{0};
    EvilGateway* evil = nullptr;
    EvilGateway gateway(world, [&](const http::RequestHead& head, ByteView content) -> net::Task<Reply> {
        if (head.path == "/directory")
            co_return Reply{200, "application/json", directory_of({name_of(*world.nodes[0]), name_of(*world.nodes[1])})};
        if (!asks_evidence(head)) co_return Reply{503, "text/plain", {}};
        const std::string statement = head.path.substr(10);
        const bool first = statement == name_of(*world.nodes[0]);
        Bytes bundle = co_await evil->evidence(first ? *world.nodes[0] : *world.nodes[1], statement, content);
        if (!first) ahead = world.policy.max_evidence_age + Seconds(1);
        co_return Reply{200, "application/octet-stream", std::move(bundle)};
    });
    evil = &gateway;
    client::Session session(world.loop, world.profile(), world.random, [&] { return wall_clock() + ahead; });
    EXPECT_EQ(world.loop.run_until_done(world.ask(session)).receipt.error(), client::kNotVerified);
    EXPECT_EQ(std::ranges::count(gateway.seen, "POST /sealed"), 0);
}

// A node key that is gone costs one new envelope; the old one is never sent twice (seal-4.3, seal-7.3).
TEST(Attack, AGatewayThatSaysKeyGoneForEverGetsTwoEnvelopesAndNoneTwice) {
    World world;
    std::vector<Bytes> envelopes;
    EvilGateway* evil = nullptr;
    EvilGateway gateway(world, [&](const http::RequestHead& head, ByteView content) -> net::Task<Reply> {
        if (head.path == "/directory")
            co_return Reply{200, "application/json", directory_of({name_of(*world.nodes[0]), name_of(*world.nodes[1])})};
        if (!asks_evidence(head)) {
            envelopes.emplace_back(content);
            co_return Reply{410, "text/plain", {}};
        }
        const std::string statement = head.path.substr(10);
        NodeProcess& node = statement == name_of(*world.nodes[0]) ? *world.nodes[0] : *world.nodes[1];
        co_return Reply{200, "application/octet-stream", co_await evil->evidence(node, statement, content)};
    });
    evil = &gateway;
    const auto said = world.ask_once();
    EXPECT_EQ(said.receipt.error(), client::kKeyGone);
    ASSERT_EQ(envelopes.size(), 2U);
    EXPECT_NE(envelopes[0], envelopes[1]);
    EXPECT_EQ(said.status, 0);
}

// A relay, or a gateway that the service has signed, may claim for ever that its own key is gone.
TEST(Attack, ARelayThatSaysKeyGoneForEverIsAskedTwice) {
    World world;
    int asked = 0;
    const auto endpoint = *net::Endpoint::parse("unix:" + world.folder + "/evil-relay");
    http::ServerLimits limits;
    limits.body_bytes = 8 << 20;
    const auto server = *http::Server::listen(world.loop, endpoint, limits, nullptr, [&](http::Exchange& exchange) -> net::Task<void> {
        if (exchange.request().path == "/gateway-keys") {
            http::ResponseHead head{200, {{"content-type", std::string(service::kGatewayKeysType)}}};
            const Bytes document = world.keys->document();
            co_await exchange.respond_whole(std::move(head), document);
            co_return;
        }
        ++asked;
        http::ResponseHead head{400, {{"content-type", "application/problem+json"}}};
        const std::string text = R"({"type":"https://iana.org/assignments/http-problem-types#ohttp-key"})";
        co_await exchange.respond_whole(std::move(head), as_bytes(text));
    });
    client::Profile profile = world.profile();
    profile.relay = endpoint;
    client::Session session(world.loop, std::move(profile), world.random, wall_clock);
    EXPECT_EQ(world.loop.run_until_done(world.ask(session)).receipt.error(), client::kGatewayKeyGone);
    EXPECT_EQ(asked, 2);
}

// StatusServer is a node that says of itself what a test wants.
class StatusServer {
  public:
    StatusServer(World& world, std::function<net::Task<std::string>()> says)
        : endpoint(*net::Endpoint::parse("unix:" + world.folder + "/evil-node")), says_(std::move(says)) {
        http::ServerLimits limits;
        limits.body_bytes = 4 << 20;
        server_ = *http::Server::listen(world.loop, endpoint, limits, nullptr, [this](http::Exchange& exchange) -> net::Task<void> {
            if (exchange.request().path == "/sealed") ++sealed_requests;
            if (exchange.request().path != "/status") {
                co_await http::respond_problem(exchange, 403);
                co_return;
            }
            const std::string text = co_await says_();
            http::ResponseHead head{200, {{"content-type", "application/json"}}};
            co_await exchange.respond_whole(std::move(head), as_bytes(text));
        });
    }
    net::Endpoint endpoint;
    int sealed_requests = 0;

  private:
    std::function<net::Task<std::string>()> says_;
    std::unique_ptr<http::Server> server_;
};

void give_pool(World& world, const std::vector<net::Endpoint>& endpoints, net::Clock::duration patience) {
    std::vector<std::unique_ptr<http::Client>> clients;
    for (const auto& endpoint : endpoints) clients.push_back(http::Client::make(world.loop, endpoint, {}, nullptr));
    world.pool = std::make_unique<gateway::NodePool>(world.loop, std::move(clients), patience);
    world.gateway = std::make_unique<gateway::Gateway>(*world.keys, *world.pool, gateway::Limits{}, world.random,
                                                       world.gateway_refusals);
}

// A bad node that stands first in the gateway's list and names another's keys as its own would get, and could drop, all
// that is sealed to them.
TEST(Attack, ANodeThatClaimsTheKeysOfAnotherGetsNothing) {
    World world({.nodes = 1});
    const auto status = world.nodes[0]->keeper->status();
    bool claims = false;
    StatusServer evil(world, [&]() -> net::Task<std::string> {
        const std::string key = claims ? to_hex(status.current[0]) : std::string(32, 'e');
        const std::string name = claims ? to_hex(status.statement) : std::string(64, 'e');
        co_return R"({"statement":")" + name + R"(","model":")" + name + R"(","keys":[")" + key + R"("],"current":[")" + key +
            R"("],"ready":true,"in_flight":0})";
    });
    give_pool(world, {evil.endpoint, world.nodes[0]->endpoint}, 5s);
    world.loop.run_until_done(world.pool->refresh());
    claims = true;  // it has seen the directory meanwhile
    world.loop.run_until_done(world.pool->refresh());
    const auto said = world.ask_once();
    EXPECT_TRUE(said.receipt) << said.receipt.error().describe();
    EXPECT_EQ(evil.sealed_requests, 0);
}

TEST(Attack, ANodeThatNeverSaysItsStateHoldsUpNobody) {
    World world({.nodes = 1});
    StatusServer evil(world, []() -> net::Task<std::string> {
        const net::Deadline never = net::after(1h);
        (void)co_await net::sleep_until(never);
        co_return "";
    });
    give_pool(world, {evil.endpoint, world.nodes[0]->endpoint}, 100ms);
    const auto watching = net::spawn_child(world.loop, world.pool->watch(10ms));
    const auto pause = []() -> net::Task<void> {
        const net::Deadline soon = net::after(50ms);
        (void)co_await net::sleep_until(soon);
    };
    world.loop.run_until_done(pause());
    EXPECT_TRUE(world.pool->any_ready());
    // And it is asked again: what the others say later is heard.
    world.nodes[0]->engine.script.state = node::Engine::State::kDown;
    world.loop.run_until_done(pause());
    EXPECT_FALSE(world.pool->any_ready());
}

std::uint32_t failures_of(World& world, const NodeProcess& node) {
    return world.pool->by_key(node.keeper->status().current[0])->failures;
}

// Nodes that fail are asked last. A client must not be able to make a node seem so, and with that send others' requests
// to nodes of its choice.
TEST(Attack, AClientThatLeavesDoesNotMakeNodesSeemToFail) {
    World world;
    client::Session session = world.session();
    ASSERT_TRUE(world.loop.run_until_done(session.judge_nodes()));
    int asked = 0;
    for (auto& node : world.nodes) {  // from now on they think for long before they answer
        node->server.reset();
        node->server = *http::Server::listen(world.loop, node->endpoint, {.body_bytes = 4 << 20}, nullptr,
                                             [&](http::Exchange&) -> net::Task<void> {
                                                 ++asked;
                                                 const net::Deadline late = net::after(1h);
                                                 (void)co_await net::sleep_until(late);
                                             });
    }
    const auto leave = [&]() -> net::Task<void> {
        const auto ask = [&]() -> net::Task<void> { (void)co_await world.ask(session); };
        const auto asking = net::spawn_child(world.loop, ask());
        for (const auto pause : {500ms, 50ms}) {
            const net::Deadline soon = net::after(pause);
            (void)co_await net::sleep_until(soon);
            asking->cancel();
        }
        co_await asking->done();
        // The gateway hears of it a moment later.
        const auto busy = [&](const auto& node) { return world.pool->by_key(node->keeper->status().current[0])->in_flight > 0; };
        for (int tries = 0; tries < 500 && std::ranges::any_of(world.nodes, busy); ++tries) {
            const net::Deadline soon = net::after(10ms);
            (void)co_await net::sleep_until(soon);
        }
    };
    world.loop.run_until_done(leave());
    EXPECT_EQ(asked, 1);
    for (const auto& node : world.nodes) {
        EXPECT_EQ(failures_of(world, *node), 0U);
        EXPECT_EQ(world.pool->by_key(node->keeper->status().current[0])->in_flight, 0U);
    }
}

TEST(Attack, AClientWhoseRequestIsRefusedEarlyDoesNotMakeNodesSeemToFail) {
    World world;
    std::vector<seal::Candidate> candidates;
    for (const auto& node : world.nodes) {
        net::Loop own;
        const auto bundle = *own.run_until_done(node->keeper->attest(node->keeper->status().statement, {}));
        const auto core = statement::Bundle::parse(bundle)->claimed().statement.core;
        candidates.push_back({core.keys[0], seal::StatementName{}});  // what is wrapped so opens nowhere
    }
    const auto sealer = *seal::RequestSealer::make(candidates, {}, world.random);
    gateway::Forward forward(*world.pool);
    const auto run = [&]() -> net::Task<Result<gateway::Forward::Begun>> {
        OPENPCC_CO_CHECK(co_await forward.content(sealer.header()));
        const Bytes junk(12 * 1024);
        for (int i = 0; i < 100; ++i) {
            OPENPCC_CO_CHECK(co_await forward.content(junk));
            const net::Deadline soon = net::after(1ms);
            (void)co_await net::sleep_until(soon);
        }
        co_return co_await forward.finish();
    };
    const auto begun = world.loop.run_until_done(run());
    ASSERT_TRUE(begun) << begun.error().describe();
    EXPECT_EQ(begun->head.status, 403);
    EXPECT_EQ(world.nodes[0]->sealed_requests + world.nodes[1]->sealed_requests, 1);
    for (const auto& node : world.nodes) EXPECT_EQ(failures_of(world, *node), 0U);
}

// The loop goes last and takes the requests with it that are still under way. (Seen by the address sanitizer.)
TEST(Attack, AGatewayMayStopInTheMiddleOfARequest) {
    World world({.nodes = 1});
    client::Session session = world.session();
    ASSERT_TRUE(world.loop.run_until_done(session.judge_nodes()));
    NodeProcess& node = *world.nodes[0];
    node.server.reset();
    int asked = 0;
    node.server = *http::Server::listen(world.loop, node.endpoint, {.body_bytes = 4 << 20}, nullptr,
                                        [&](http::Exchange&) -> net::Task<void> {
                                            ++asked;
                                            const net::Deadline late = net::after(1h);
                                            (void)co_await net::sleep_until(late);
                                        });
    const auto ask = [&]() -> net::Task<void> { (void)co_await world.ask(session); };
    world.loop.spawn(ask());
    const auto pause = []() -> net::Task<void> {
        const net::Deadline soon = net::after(100ms);
        (void)co_await net::sleep_until(soon);
    };
    world.loop.run_until_done(pause());
    EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace openpcc::path

// SPDX-License-Identifier: Apache-2.0
// What gateway, node and client refuse, with the answer that a peer gets and the reason that is counted.
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "hops/client/errors.hpp"
#include "hops/gateway/errors.hpp"
#include "hops/node/errors.hpp"
#include "path/world.hpp"
#include "protocol/seal/errors.hpp"

namespace openpcc::path {
namespace {

int counted(const World& world, const ErrorCode& reason) {
    const std::string dump = world.registry.dump();
    const std::string wanted = "{reason=\"" + std::string(reason.name) + "\"} ";
    const std::size_t at = dump.find(wanted);
    return at == std::string::npos ? 0 : std::atoi(dump.c_str() + at + wanted.size());
}

// An inner request straight to the gateway, as a client that makes its own would send it.
int inner_status(World& world, http::RequestHead head, std::string_view content = {}) {
    const client::Profile profile = world.profile();
    client::Oblivious oblivious(world.loop, profile, world.random, wall_clock);
    const auto answer = world.loop.run_until_done(oblivious.fetch(std::move(head), as_bytes(content), 1 << 20));
    return answer ? answer->head.status : -1;
}

int node_status(World& world, std::string path, std::string type, ByteView content) {
    const auto client = http::Client::make(world.loop, world.nodes[0]->endpoint, {}, nullptr);
    http::RequestHead head{"POST", "", "", std::move(path), {{"content-type", std::move(type)}}};
    const auto answer = world.loop.run_until_done(client->fetch(std::move(head), content, 1 << 20));
    return answer ? answer->head.status : -1;
}

TEST(GatewayRefuses, UnknownPaths) {
    World world;
    EXPECT_EQ(inner_status(world, {"GET", "https", "gateway", "/metrics", {}}), 400);
    EXPECT_EQ(inner_status(world, {"DELETE", "https", "gateway", "/directory", {}}), 400);
    EXPECT_EQ(counted(world, gateway::kUnknownPath), 2);
}

TEST(GatewayRefuses, InnerRequestsOfAnotherKind) {
    World world;
    EXPECT_EQ(inner_status(world, {"POST", "https", "gateway", "/sealed", {{"content-type", "text/plain"}}}, "x"), 400);
    EXPECT_EQ(inner_status(world, {"GET", "https", "gateway", "/directory", {}}, "a body"), 400);
    EXPECT_EQ(counted(world, gateway::kBadInner), 2);
}

TEST(GatewayRefuses, StatementsAndKeysOfNobody) {
    World world;
    const std::string nobody(64, '0');
    EXPECT_EQ(inner_status(world, {"POST", "https", "gateway", "/evidence/" + nobody, {}}, std::string(32, 'c')), 410);
    // A sealed request for a node that is not there.
    const auto key = *hpke::PrivateKey::generate(hpke::Kem::kX25519, world.random);
    const seal::KeyConfig config{key.public_key(), {seal::SymmetricSuite{}}};
    auto sealer = *seal::RequestSealer::make({{config, {}}}, {}, world.random);
    Bytes sealed = sealer.header();
    ASSERT_TRUE(std::move(sealer).end(as_bytes("x"), sealed));
    const http::RequestHead head{"POST", "https", "gateway", "/sealed", {{"content-type", std::string(seal::kRequestType)}}};
    EXPECT_EQ(inner_status(world, head, as_text(sealed)), 410);
    EXPECT_GE(counted(world, gateway::kUnknownNode), 1);
}

TEST(GatewayRefuses, WhenNoCandidateCanBeReached) {
    World world;
    client::Session session = world.session();
    ASSERT_TRUE(world.loop.run_until_done(session.judge_nodes()));
    for (auto& node : world.nodes) node->server.reset();
    EXPECT_EQ(world.loop.run_until_done(world.ask(session)).receipt.error(), client::kGatewayRefused);
    EXPECT_EQ(counted(world, gateway::kNoNode), 1);
}

TEST(GatewayRefuses, EvidenceThatANodeDoesNotGive) {
    World world({.nodes = 1});
    const std::string statement = to_hex(world.nodes[0]->keeper->status().statement);
    world.nodes[0]->server.reset();
    EXPECT_EQ(inner_status(world, {"POST", "https", "gateway", "/evidence/" + statement, {}}, std::string(32, 'c')), 503);
}

TEST(NodeRefuses, WhatIsNoSealedRequest) {
    World world;
    const Bytes something(100);
    EXPECT_EQ(node_status(world, "/sealed", "text/plain", something), 400);
    const std::string statement = to_hex(world.nodes[0]->keeper->status().statement);
    EXPECT_EQ(node_status(world, "/evidence/" + statement, "application/octet-stream", Bytes(31)), 400);
    EXPECT_EQ(node_status(world, "/evidence/" + statement, "application/octet-stream", Bytes(33)), 400);
    EXPECT_EQ(counted(world, node::kBadInner), 3);
}

TEST(NodeRefuses, SealedRequestsThatAreTooLong) {
    World world;
    node::LocalKeeper& keeper = *world.nodes[0]->keeper;
    net::Loop own;
    const Bytes bundle = *own.run_until_done(keeper.attest(keeper.status().statement, {}));
    const statement::Core core = statement::Bundle::parse(bundle)->claimed().statement.core;
    const seal::Candidate self{core.keys[0], core.name()};
    auto sealer = *seal::RequestSealer::make({self}, {}, world.random);
    wire::Reader in(sealer.header());
    Bytes sealed = seal::FullHeader::read(in)->reduce(0);
    // A chunk that announces more than the limit, before any of it is there.
    sealed.append(Bytes{0x80, 0x00, 0x40, 0x11});
    EXPECT_EQ(node_status(world, "/sealed", std::string(seal::kRequestType), sealed), 400);
    EXPECT_EQ(counted(world, seal::kTooLarge), 1);
}

TEST(ClientRefuses, HeadsThatDoNotFitAChunk) {
    World world;
    const client::Profile profile = world.profile();
    client::Oblivious oblivious(world.loop, profile, world.random, wall_clock);
    http::RequestHead head{"GET", "https", "gateway", "/" + std::string(9000, 'x'), {}};
    EXPECT_EQ(world.loop.run_until_done(oblivious.fetch(std::move(head), ByteView(), 1)).error(), client::kHeadTooLarge);
}

// With one candidate of four nodes each is drawn as often as the others: a client that preferred some could be steered.
TEST(ClientDraws, EveryNodeAlike) {
    World world({.nodes = 4});
    world.policy.candidates = 1;
    client::Session session = world.session();
    constexpr int kAsked = 400;
    const auto scenario = [&]() -> net::Task<int> {
        int good = 0;
        for (int i = 0; i < kAsked; ++i) {
            const auto said = co_await world.ask(session);
            good += said.receipt ? 1 : 0;
        }
        co_return good;
    };
    ASSERT_EQ(world.loop.run_until_done(scenario()), kAsked);
    // Chi-square with three degrees of freedom; 21.1 is passed by chance once in ten thousand runs.
    double chi_square = 0;
    for (const auto& node : world.nodes) {
        const double off = node->engine.watched.asked - kAsked / 4.0;
        chi_square += off * off / (kAsked / 4.0);
    }
    EXPECT_LT(chi_square, 21.1);
}

}  // namespace
}  // namespace openpcc::path

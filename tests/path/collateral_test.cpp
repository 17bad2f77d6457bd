// SPDX-License-Identifier: Apache-2.0
// Collateral that the service offers to clients, inside the outer layer.
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "evidence/simulated/collateral.hpp"
#include "evidence/simulated/platform.hpp"
#include "hops/client/errors.hpp"
#include "hops/gateway/errors.hpp"
#include "path/world.hpp"

namespace openpcc::path {
namespace {

collateral::Collection published(World& world, TimePoint now = wall_clock()) {
    return {now, *simulated::published_by(world.root, world.random, now), {}};
}

// Bare is a world whose clients bring no collateral along.
struct Bare : World {
    std::string file = published(*this).to_json().value();
    Bare() { collection = {}; }
    State judge_first(client::Session& session) {
        const auto judged = loop.run_until_done(session.judge_nodes());
        EXPECT_TRUE(judged) << judged.error().describe();
        return judged ? (*judged)->nodes.front().verification.verdict.state() : State::kNotVerified;
    }
    std::int64_t unknown_files() const {
        const std::string dump = registry.dump();
        return dump.find("gateway.unknown_collateral") == std::string::npos ? 0 : 1;
    }
};

TEST(OfferedCollateral, JudgesNodesForClientsThatBringNone) {
    Bare world;
    EXPECT_EQ(world.ask_once().receipt.error(), client::kNotVerified);
    world.offer(world.file);
    const auto said = world.ask_once();
    EXPECT_TRUE(said.receipt) << said.receipt.error().describe();
}

TEST(OfferedCollateral, IsTakenWholeHoweverLongItIs) {
    Bare world;
    auto collection = published(world);
    for (std::uint8_t i = 0; i < 3; ++i) {  // nobody signed these, and they are 2.7 MiB
        Bytes junk(700'000);
        junk[0] = i;
        collection.snp.crls.push_back(std::move(junk));
    }
    world.offer(collection.to_json().value());
    EXPECT_TRUE(world.ask_once().receipt);
}

// A gateway gives one client a file of its own, and offers it again later: who does not fetch it must be that client.
TEST(OfferedCollateral, IsFetchedWhetherItIsKnownOrNot) {
    Bare world;
    world.offer(world.file);
    client::Session session = world.session();
    EXPECT_EQ(world.judge_first(session), State::kSimulated);
    EXPECT_EQ(world.unknown_files(), 0);
    world.offered.file = nullptr;
    EXPECT_EQ(world.judge_first(session), State::kSimulated);
    EXPECT_EQ(world.unknown_files(), 1) << "it was not asked for again";
}

// The vendor has revoked who signs its TCB info: the same session refuses from then on, and a service that goes back to
// yesterday's file changes nothing.
TEST(OfferedCollateral, WhatItTeachesIsNotForgotten) {
    Bare world;
    world.offer(world.file);
    client::Session session = world.session();
    ASSERT_EQ(world.judge_first(session), State::kSimulated);
    auto machine = simulated::PlatformSpec::good(world.random, wall_clock());
    auto draft = simulated::CollateralDraft::good(machine.platform, wall_clock());
    draft.root_crl.revoked = {Bytes{0x07, 0xcb}};
    draft.root_crl.this_update += Seconds(1);
    collateral::Collection next{wall_clock(), *simulated::publish(world.root, draft), {}};
    world.offer(next.to_json().value());
    EXPECT_EQ(world.judge_first(session), State::kNotVerified);
    world.offer(world.file);
    EXPECT_EQ(world.judge_first(session), State::kNotVerified);
}

TEST(OfferedCollateral, OtherBytesThanItsNameAreAnError) {
    Bare world;
    for (std::string other : {std::string("{}"), std::string(), world.file + " "}) {
        world.offer(std::move(other), world.file);
        EXPECT_EQ(world.ask_once().receipt.error(), client::kBadCollateral);
    }
    world.offer("{}");  // its own name, and no collateral
    EXPECT_EQ(world.ask_once().receipt.error(), client::kBadCollateral);
}

// Forged items are left out, whatever their dates: what the client brought along still counts.
TEST(OfferedCollateral, ForgeriesDisplaceNothing) {
    World world;
    World other;
    world.offer(published(other, wall_clock() + Seconds(60)).to_json().value());
    const auto said = world.ask_once();
    EXPECT_TRUE(said.receipt) << said.receipt.error().describe();
}

// Between the directory and the question the gateway has taken a newer file: the verdicts say what is missing.
TEST(OfferedCollateral, AFileThatIsGoneIsNoError) {
    Bare world;
    world.offered.name = std::string(64, 'a');
    client::Session session = world.session();
    EXPECT_EQ(world.judge_first(session), State::kIncomplete);
    EXPECT_EQ(world.unknown_files(), 1);
}

TEST(OfferedCollateral, ANameThatIsNoneIsABadDirectory) {
    Bare world;
    world.offered.name = "newest";
    EXPECT_EQ(world.ask_once().receipt.error(), client::kBadDirectory);
}

}  // namespace
}  // namespace openpcc::path

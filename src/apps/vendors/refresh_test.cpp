// SPDX-License-Identifier: Apache-2.0
#include "apps/vendors/refresh.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "apps/vendors/testing.hpp"
#include "crypto/random.hpp"
#include "trust/collateral/items.hpp"

namespace openpcc::vendors {
namespace {

using collateral::Collection;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using testing::day;
using testing::Vendors;

struct Refresh : ::testing::Test {
    Vendors world;
    crypto::SystemRandom random;
    TimePoint now = day(1);
    std::string path = world.folder.path() + "/collateral.json";

    Refresher make(Schedule schedule = {}) {
        return Refresher(
            path, [this] { return fetch(world.loop, world.sources, world.everything(), now); }, schedule, random,
            [this] { return now; });
    }
    std::string outcome(Refresher& refresher) {
        const auto done = world.run(refresher.refresh());
        return done ? "good" : done.error().describe();
    }
    std::string on_disk() const { return config::read_file(path, collateral::kMaxFile).value_or(""); }
    static TimePoint tcb_date(const Collection& collection) {
        return collateral::read_tcb_info(collection.tdx.tcb_infos.at(0).json)->issued;
    }
};

TEST_F(Refresh, WritesAFileThatOthersRead) {
    Refresher first = make();
    EXPECT_TRUE(first.load());
    EXPECT_EQ(first.held(), nullptr);
    EXPECT_EQ(outcome(first), "good");
    ASSERT_NE(first.held(), nullptr);
    EXPECT_EQ(first.held()->file, on_disk());
    EXPECT_EQ(first.held()->name, collateral::name_of(as_bytes(on_disk())));
    EXPECT_EQ(first.held()->collection.fetched, day(1));
    Refresher second = make();
    EXPECT_TRUE(second.load());
    EXPECT_EQ(second.held()->file, first.held()->file);
    EXPECT_FALSE(std::filesystem::exists(path + ".new"));
}

TEST_F(Refresh, TakesWhatIsNewerAndNothingThatIsOlder) {
    Refresher refresher = make();
    world.publish(day(1));
    EXPECT_EQ(outcome(refresher), "good");
    const auto before = refresher.held();
    world.publish(day(0));
    EXPECT_EQ(outcome(refresher), "good");
    EXPECT_EQ(tcb_date(refresher.held()->collection), day(1));
    EXPECT_EQ(refresher.held()->collection.tdx, before->collection.tdx);
    world.publish(day(2));
    now = day(2);
    EXPECT_EQ(outcome(refresher), "good");
    EXPECT_EQ(tcb_date(refresher.held()->collection), day(2));
    // Who was reading keeps what it had.
    EXPECT_EQ(tcb_date(before->collection), day(1));
}

TEST_F(Refresh, KeepsWhatIsGoodWhenAVendorIsNot) {
    Refresher refresher = make();
    EXPECT_EQ(outcome(refresher), "good");
    const std::string good = on_disk();
    for (auto& [page, answer] : world.pages) answer = {.status = 503};
    now = day(5);
    EXPECT_EQ(outcome(refresher), "vendors.not_served: TCB info for FMSPC 00806f050000: status 503");
    EXPECT_EQ(on_disk(), good);
    for (auto& [page, answer] : world.pages) answer = {.content = "<html>"};
    EXPECT_THAT(outcome(refresher), ::testing::StartsWith("vendors.bad_answer: "));
    EXPECT_EQ(on_disk(), good);
    world.server.reset();
    EXPECT_NE(outcome(refresher), "good");
    EXPECT_EQ(on_disk(), good);
    EXPECT_EQ(refresher.held()->file, good);
}

TEST_F(Refresh, TakesTheGoodPartAndDoesNotCallItFetched) {
    Refresher refresher = make();
    EXPECT_EQ(outcome(refresher), "good");
    world.publish(day(2));
    world.pages[Vendors::kTcb] = {.status = 500};
    now = day(2);
    EXPECT_NE(outcome(refresher), "good");
    const Collection& held = refresher.held()->collection;
    EXPECT_EQ(tcb_date(held), day(0));
    EXPECT_EQ(collateral::read_identity(held.tdx.qe_identities.at(0).json)->issued, day(2));
    EXPECT_EQ(held.fetched, day(1));
}

TEST_F(Refresh, ReplacesAFileThatCannotBeReadAndJoinsOneThatSomebodyHasPutThere) {
    std::ofstream(path) << "{";
    Refresher refresher = make();
    EXPECT_EQ(refresher.load().error(), collateral::kMalformed);
    EXPECT_EQ(outcome(refresher), "good");
    EXPECT_EQ(on_disk(), refresher.held()->file);

    Collection more = refresher.held()->collection;
    more.tdx.tcb_infos = {world.intel.signed_json(world.intel.tcb_info("90C06F000000", day(0)))};
    ASSERT_TRUE(config::write_file(path, more.to_json().value(), 0644));
    EXPECT_EQ(outcome(refresher), "good");
    EXPECT_EQ(refresher.held()->collection.tdx.tcb_infos.size(), 2U);

    std::ofstream(path) << "{";
    EXPECT_EQ(outcome(refresher), "good");
    EXPECT_EQ(refresher.held()->collection.tdx.tcb_infos.size(), 2U);
    EXPECT_EQ(on_disk(), refresher.held()->file);
}

TEST_F(Refresh, SaysWhenItCannotWrite) {
    path = world.folder.path() + "/none/collateral.json";
    Refresher refresher = make();
    EXPECT_THAT(outcome(refresher), ::testing::StartsWith("config.bad_file"));
    EXPECT_EQ(refresher.held(), nullptr);
}

TEST_F(Refresh, BacksOffAndSpreadsItsQuestions) {
    Refresher refresher = make();
    const auto within = [](net::Clock::duration wait, net::Clock::duration about) {
        return wait >= about - about / 8 && wait <= about + about / 8;
    };
    std::set<net::Clock::duration> drawn;
    for (int i = 0; i < 50; ++i) {
        drawn.insert(refresher.next_wait(0));
        EXPECT_TRUE(within(refresher.next_wait(0), hours(24)));
        EXPECT_TRUE(within(refresher.next_wait(1), minutes(1)));
        EXPECT_TRUE(within(refresher.next_wait(2), minutes(2)));
        EXPECT_TRUE(within(refresher.next_wait(6), minutes(32)));
        EXPECT_TRUE(within(refresher.next_wait(7), hours(1)));
        EXPECT_TRUE(within(refresher.next_wait(4'000'000'000), hours(1)));
    }
    EXPECT_GT(drawn.size(), 30U);
}

TEST_F(Refresh, GoesOnUntilItIsCancelled) {
    Refresher refresher =
        make({.period = milliseconds(20), .first_retry = milliseconds(5), .last_retry = milliseconds(10)});
    world.pages[Vendors::kTcb].status = 503;
    std::vector<bool> outcomes;
    std::unique_ptr<net::Child> running = net::spawn_child(world.loop, refresher.run([&](const Result<void>& done) {
        outcomes.push_back(done.has_value());
        if (outcomes.size() == 3) world.pages[Vendors::kTcb].status = 200;
        if (outcomes.size() == 6) running->cancel();
    }));
    world.loop.run_until_done(running->done());
    EXPECT_EQ(outcomes, (std::vector<bool>{false, false, false, true, true, true}));
}

TEST_F(Refresh, AsksAtOnceOnlyWhenWhatItHoldsIsOld) {
    Refresher writer = make();
    EXPECT_EQ(outcome(writer), "good");
    world.asked.clear();
    const auto first_question = [&](TimePoint time) {
        now = time;
        Refresher refresher = make();
        EXPECT_TRUE(refresher.load());
        std::unique_ptr<net::Child> running =
            net::spawn_child(world.loop, refresher.run([&](const Result<void>&) { running->cancel(); }));
        (void)world.run(net::sleep_until(net::after(milliseconds(200))));
        running->cancel();
        world.loop.run_until_done(running->done());
        return !world.asked.empty();
    };
    EXPECT_FALSE(first_question(day(1) + minutes(60)));
    EXPECT_TRUE(first_question(day(2)));
}

}  // namespace
}  // namespace openpcc::vendors

// SPDX-License-Identifier: Apache-2.0
#include "hops/node/engine_slots.hpp"

#include <gtest/gtest.h>

#include <list>
#include <vector>

#include "hops/node/engine.hpp"
#include "io/net/errors.hpp"

namespace openpcc::node {
namespace {

using std::chrono::milliseconds;
using Slots = std::shared_ptr<EngineSlots>;

class SlotsTest : public testing::Test {
  protected:
    SlotsTest() : slots_(std::make_shared<EngineSlots>(loop_, 2)) { slots_->open(); }

    // turn lets everything that can go on, go on.
    void turn() { (void)loop_.run_until_done(net::sleep_until(net::after(milliseconds(5)))); }

    // take waits in the background; its outcome is at `number` of taken_ or failed_.
    std::unique_ptr<net::Child> take(int number, std::uint32_t count = 1) {
        auto run = [](SlotsTest& test, int n, std::uint32_t c) -> net::Task<void> {
            auto place = co_await test.slots_->take(c);
            if (place) {
                test.places_.push_back(std::move(*place));
                test.order_.push_back(n);
            } else {
                test.errors_.emplace_back(place.error().name());
            }
        };
        return net::spawn_child(loop_, run(*this, number, count));
    }
    void give_back_first() { places_.pop_front(); }

    net::Loop loop_;
    Slots slots_;
    std::list<EngineSlots::Place> places_;
    std::vector<int> order_;
    std::vector<std::string> errors_;
};

TEST_F(SlotsTest, ServesInOrder) {
    std::vector<std::unique_ptr<net::Child>> children;
    for (int i = 0; i < 5; ++i) children.push_back(take(i));
    turn();
    EXPECT_EQ(order_, (std::vector{0, 1}));
    give_back_first();
    turn();
    EXPECT_EQ(order_, (std::vector{0, 1, 2}));
    give_back_first();
    give_back_first();
    turn();
    EXPECT_EQ(order_, (std::vector{0, 1, 2, 3, 4}));
}

TEST_F(SlotsTest, ALargeOneIsNotOvertaken) {
    const auto a = take(0), b = take(1, 2), c = take(2);
    turn();
    EXPECT_EQ(order_, std::vector{0});
    give_back_first();
    turn();
    EXPECT_EQ(order_, (std::vector{0, 1}));
    give_back_first();
    turn();
    EXPECT_EQ(order_, (std::vector{0, 1, 2}));
}

TEST_F(SlotsTest, MoreThanAllIsAll) {
    const auto a = take(0, 7);
    turn();
    EXPECT_EQ(order_, std::vector{0});
    const auto b = take(1);
    turn();
    EXPECT_EQ(order_, std::vector{0});
}

TEST_F(SlotsTest, CancelledOnesLeaveTheQueue) {
    const auto a = take(0, 2);
    auto b = take(1);
    const auto c = take(2);
    turn();
    b->cancel();
    turn();
    EXPECT_EQ(errors_, std::vector<std::string>{"net.cancelled"});
    give_back_first();
    turn();
    EXPECT_EQ(order_, (std::vector{0, 2}));
}

TEST_F(SlotsTest, TheQueueIsBounded) {
    std::vector<std::unique_ptr<net::Child>> children;
    for (int i = 0; i < 2 + 16 + 1; ++i) {
        children.push_back(take(i));
        turn();
    }
    EXPECT_EQ(errors_, std::vector<std::string>{"node.engine_busy"});
}

TEST_F(SlotsTest, ClosingSendsEverybodyAway) {
    const auto a = take(0, 2), b = take(1);
    turn();
    slots_->close();
    turn();
    EXPECT_EQ(errors_, std::vector<std::string>{"node.engine_down"});
    const auto c = take(2);
    turn();
    EXPECT_EQ(errors_.size(), 2U);
    slots_->open();
    give_back_first();
    const auto d = take(3);
    turn();
    EXPECT_EQ(order_, (std::vector{0, 3}));
}

TEST_F(SlotsTest, APlaceMayOutliveTheEngine) {
    const auto a = take(0);
    turn();
    slots_.reset();
    places_.clear();
}

}  // namespace
}  // namespace openpcc::node

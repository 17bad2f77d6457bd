// SPDX-License-Identifier: Apache-2.0
#include "io/net/loop.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include "io/net/errors.hpp"
#include "io/net/event.hpp"

namespace openpcc::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Task<Result<int>> after_a_while(int value) {
    OPENPCC_CO_CHECK(co_await sleep_until(after(milliseconds(5))));
    co_return value;
}

Task<void> sleep_and_say(std::string& out, Clock::duration time) {
    const auto slept = co_await sleep_until(after(time));
    out += slept ? "slept " : std::string(slept.error().name()) + " ";
}

TEST(Loop, RunsATaskToItsEnd) {
    Loop loop;
    EXPECT_EQ(loop.run_until_done(after_a_while(7)).value(), 7);
    EXPECT_EQ(loop.run_until_done(after_a_while(8)).value(), 8);
}

TEST(Loop, StartsNothingInsideSpawn) {
    Loop loop;
    std::string out;
    loop.spawn(sleep_and_say(out, milliseconds(1)));
    const auto child = spawn_child(loop, sleep_and_say(out, milliseconds(1)));
    EXPECT_EQ(out, "");
    loop.run();
    EXPECT_EQ(out, "slept slept ");
}

TEST(Loop, StopsFromAnotherThread) {
    Loop loop;
    std::string out;
    loop.spawn(sleep_and_say(out, seconds(60)));
    std::thread other([&] { loop.stop(); });
    loop.run();
    other.join();
    EXPECT_EQ(out, "");
}

Task<void> wait_until(bool& done, Event& changed) {
    while (!done) (void)co_await changed.wait(after(seconds(20)));
}

TEST(Loop, DoesWhatOtherThreadsPost) {
    Loop loop;
    Event changed(loop);
    bool done = false;
    std::thread::id where;
    std::thread other([&] {
        for (int i = 0; i < 100; ++i) loop.post([&] { where = std::this_thread::get_id(); });
        loop.post([&] {
            done = true;
            changed.notify();
        });
    });
    loop.run_until_done(wait_until(done, changed));
    other.join();
    EXPECT_EQ(where, std::this_thread::get_id());
}

TEST(Loop, DropsWhatIsPostedAfterItsEnd) {
    auto token = std::make_shared<int>(7);
    {
        Loop loop;
        EXPECT_EQ(loop.run_until_done(after_a_while(7)).value(), 7);
        loop.post([token] { *token = 8; });
    }
    EXPECT_EQ(*token, 7);
    EXPECT_EQ(token.use_count(), 1);
}

TEST(Loop, RemembersAStopThatComesEarly) {
    Loop loop;
    std::string out;
    loop.spawn(sleep_and_say(out, milliseconds(1)));
    loop.stop();
    loop.run();
    EXPECT_EQ(out, "");
    loop.run();
    EXPECT_EQ(out, "slept ");
}

TEST(Loop, HearsSignals) {
    Loop loop;
    int heard = 0;
    loop.on_signal([&] {
        if (++heard == 2) loop.stop();
        if (heard == 1) ::raise(SIGTERM);
    });
    ::raise(SIGINT);
    loop.run();
    EXPECT_EQ(heard, 2);
}

TEST(Child, EndsItsWaitsWhenCancelled) {
    Loop loop;
    std::string out;
    auto twice = [](std::string& text) -> Task<void> {
        co_await sleep_and_say(text, seconds(60));
        co_await sleep_and_say(text, seconds(60));
    };
    auto drive = [&](Loop& on) -> Task<void> {
        const auto child = spawn_child(on, twice(out));
        co_await sleep_and_say(out, milliseconds(2));
        child->cancel();
        child->cancel();
        co_await child->done();
        co_await child->done();
        out += "done";
    };
    loop.run_until_done(drive(loop));
    EXPECT_EQ(out, "slept net.cancelled net.cancelled done");
}

TEST(Child, IsCancelledWhenForgotten) {
    Loop loop;
    std::string out;
    auto child = spawn_child(loop, sleep_and_say(out, seconds(60)));
    (void)loop.run_until_done(after_a_while(1));
    child.reset();
    loop.run();
    EXPECT_EQ(out, "net.cancelled ");
}

TEST(Child, CancelledBeforeItStartsDoesNothing) {
    Loop loop;
    std::string out;
    auto child = spawn_child(loop, sleep_and_say(out, seconds(60)));
    child.reset();
    loop.run();
    EXPECT_EQ(out, "");
}

TEST(Child, OfACancelledWaiterIsCancelledAndAwaited) {
    Loop loop;
    std::string out;
    auto parent = [&](Loop& on) -> Task<void> {
        const auto child = spawn_child(on, sleep_and_say(out, seconds(60)));
        co_await child->done();
        out += "parent";
    };
    const auto child = spawn_child(loop, parent(loop));
    (void)loop.run_until_done(after_a_while(1));
    child->cancel();
    loop.run();
    EXPECT_EQ(out, "net.cancelled parent");
}

TEST(Child, MayBeForgottenWhileItIsEnding) {
    Loop loop;
    Event event(loop);
    std::string out;
    auto waiter = [&]() -> Task<void> {
        const auto result = co_await event.wait(after(seconds(60)));
        out += result ? "woken" : std::string(result.error().name());
    };
    auto notify = [&]() -> Task<void> {
        event.notify();
        co_return;
    };
    auto child = spawn_child(loop, waiter());
    (void)loop.run_until_done(after_a_while(1));
    loop.run_until_done(notify());  // the child's last step is queued now
    child.reset();
    loop.run();
    EXPECT_EQ(out, "woken");
}

TEST(Offload, RunsElsewhereAndComesBack) {
    Loop loop;
    std::thread::id there;
    auto task = [&](Loop& on) -> Task<Result<bool>> {
        const auto here = std::this_thread::get_id();
        std::function<void()> work = [&] { there = std::this_thread::get_id(); };
        co_await offload(on, std::move(work));
        co_return here == std::this_thread::get_id() && here != there;
    };
    EXPECT_TRUE(loop.run_until_done(task(loop)).value());
}

TEST(Offload, IsAwaitedEvenWhenCancelled) {
    Loop loop;
    std::string out;
    auto task = [&](Loop& on) -> Task<void> {
        std::function<void()> work = [&] {
            std::this_thread::sleep_for(milliseconds(20));
            out += "worked ";
        };
        co_await offload(on, std::move(work));
        co_await sleep_and_say(out, seconds(60));
    };
    auto child = spawn_child(loop, task(loop));
    (void)loop.run_until_done(after_a_while(1));
    child.reset();
    loop.run();
    EXPECT_EQ(out, "worked net.cancelled ");
}

TEST(Event, WakesWhoWaits) {
    Loop loop;
    Event event(loop);
    std::string out;
    auto waiter = [&](Clock::duration time) -> Task<void> {
        const auto result = co_await event.wait(after(time));
        out += result ? "woken " : std::string(result.error().name()) + " ";
    };
    const auto patient = spawn_child(loop, waiter(seconds(60)));
    const auto hasty = spawn_child(loop, waiter(milliseconds(1)));
    const auto unlucky = spawn_child(loop, waiter(seconds(60)));
    (void)loop.run_until_done(after_a_while(1));
    EXPECT_EQ(out, "net.timeout ");
    unlucky->cancel();
    (void)loop.run_until_done(after_a_while(1));
    EXPECT_EQ(out, "net.timeout net.cancelled ");
    event.notify();
    loop.run();
    EXPECT_EQ(out, "net.timeout net.cancelled woken ");
}

TEST(Event, MayEndWhileSomebodyWaits) {
    Loop loop;
    auto event = std::make_unique<Event>(loop);
    std::string out;
    auto waiter = [&](Event& on) -> Task<void> {
        const auto result = co_await on.wait(after(seconds(60)));
        out += result ? "woken" : std::string(result.error().name());
    };
    loop.spawn(waiter(*event));
    (void)loop.run_until_done(after_a_while(1));
    event.reset();
    loop.run();
    EXPECT_EQ(out, "woken");
}

}  // namespace
}  // namespace openpcc::net

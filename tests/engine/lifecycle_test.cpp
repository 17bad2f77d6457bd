// SPDX-License-Identifier: Apache-2.0
// Cancelling, dying, starting again and stopping, with engines of their own.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "engine/engine_under_test.hpp"
#include "hops/node/engine.hpp"
#include "io/net/errors.hpp"

namespace openpcc::testing {
namespace {

using net::Clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kContent = R"("content":")";

double ms(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

EngineProfile one_slot() {
    EngineProfile profile = EngineUnderTest::profile();
    profile.parallel = 1;
    profile.limits.choices = 1;
    return profile;
}

// first_bytes asks and waits for the first bytes of the answer; the call goes on.
net::Task<Result<std::unique_ptr<http::Call>>> first_bytes(EngineUnderTest& under, std::string body) {
    openai::EngineRequest request = under.admitted(body);
    OPENPCC_CO_TRY(auto call, co_await under.engine().ask(std::move(request)));
    Bytes buffer(4096);
    const ByteSpan room = buffer.span();
    OPENPCC_CO_TRY(const std::size_t got, co_await call->read(room));
    if (got == 0) co_return fail(node::kEngineDown);
    co_return std::move(call);
}

// time_to_first is how long a short request waits for its first bytes: with one slot, at least until the slot is free.
Clock::duration time_to_first(EngineUnderTest& under) {
    const auto begun = Clock::now();
    auto call = under.loop().run_until_done(first_bytes(under, chat("Thanks")));
    EXPECT_TRUE(call) << call.error().describe();
    const auto time = Clock::now() - begun;
    if (!call) return time;
    auto rest = [](http::Call& reading) -> net::Task<void> {
        Bytes buffer(4096);
        for (;;) {
            const ByteSpan room = buffer.span();
            const auto got = co_await reading.read(room);
            if (!got || *got == 0) co_return;
        }
    };
    under.loop().run_until_done(rest(**call));
    return time;
}

Clock::duration median(std::vector<Clock::duration> times) {
    std::ranges::sort(times);
    return times[times.size() / 2];
}

std::string long_chat() { return chat("Write a haiku.", long_members(1500)); }

class Cancelling : public ::testing::Test {
  protected:
    static EngineUnderTest& under() {
        if (!under_) under_ = std::make_unique<EngineUnderTest>(one_slot());
        return *under_;
    }
    static void TearDownTestSuite() { under_.reset(); }

    static void wait(Clock::duration time) { (void)under().loop().run_until_done(net::sleep_until(net::after(time))); }

    // What the next request waits more than one that comes alone, is how long the cancelled one still held the slot.
    // The shortest of five is judged, because a busy machine only adds to it: a slot that was not freed would add a
    // second to each, which is how often llama-server looks whether anybody still listens.
    static void judge(const char* what, const std::vector<Clock::duration>& times) {
        std::vector<Clock::duration> alone;
        for (int i = 0; i < 5; ++i) alone.push_back(time_to_first(under()));
        std::printf("%s: first bytes after %.1f ms (median; shortest %.1f), alone after %.1f ms\n", what,
                    ms(median(times)), ms(*std::ranges::min_element(times)), ms(median(alone)));
        EXPECT_LT(ms(*std::ranges::min_element(times) - median(alone)), 400);
    }

  private:
    static inline std::unique_ptr<EngineUnderTest> under_;
};

TEST_F(Cancelling, TheLongRequestIsLong) {
    const auto begun = Clock::now();
    const auto answer = under().answer_now(long_chat());
    ASSERT_TRUE(answer) << answer.error().describe();
    std::printf("a long answer takes %.0f ms\n", ms(Clock::now() - begun));
    EXPECT_GT(ms(Clock::now() - begun), 400) << "the other tests would prove nothing";
}

TEST_F(Cancelling, DestroyingACallFreesItsSlot) {
    std::vector<Clock::duration> times;
    for (int i = 0; i < 5; ++i) {
        auto call = under().loop().run_until_done(first_bytes(under(), long_chat()));
        ASSERT_TRUE(call) << call.error().describe();
        EXPECT_EQ(under().engine().in_flight(), 1U);
        call->reset();
        EXPECT_EQ(under().engine().in_flight(), 0U);
        times.push_back(time_to_first(under()));
    }
    judge("cancelled in the middle", times);
}

// read_until_content asks and reads until the answer's first words.
net::Task<void> read_until_content(EngineUnderTest& under, std::string body, bool& seen) {
    openai::EngineRequest request = under.admitted(body);
    const auto call = co_await under.engine().ask(std::move(request));
    std::string bytes;
    Bytes buffer(4096);
    while (call) {
        const ByteSpan room = buffer.span();
        const auto got = co_await (*call)->read(room);
        if (!got || *got == 0) co_return;
        bytes += as_text(buffer.view().first(*got));
        for (std::size_t at = 0; (at = bytes.find(kContent, at)) != std::string::npos; ++at)
            if (at + kContent.size() < bytes.size() && bytes[at + kContent.size()] != '"') seen = true;
    }
}

TEST_F(Cancelling, CancellingBeforeTheFirstWordFreesItsSlot) {
    std::vector<Clock::duration> times;
    for (int i = 0; i < 5; ++i) {
        bool seen = false;
        // The model reads this for a while: it has one token per byte.
        std::string body = chat(std::string(1500, 'x'), long_members(100));
        const auto child = net::spawn_child(under().loop(), read_until_content(under(), std::move(body), seen));
        for (int turn = 0; turn < 400 && under().engine().in_flight() == 0; ++turn) wait(milliseconds(5));
        wait(milliseconds(10));
        ASSERT_FALSE(seen) << "too late";
        EXPECT_EQ(under().engine().in_flight(), 1U);
        auto cancel = [](net::Child& running) -> net::Task<void> {
            running.cancel();
            co_await running.done();
        };
        under().loop().run_until_done(cancel(*child));
        EXPECT_FALSE(seen);
        EXPECT_EQ(under().engine().in_flight(), 0U);
        times.push_back(time_to_first(under()));
    }
    judge("cancelled before the first word", times);
}

net::Task<std::string> outcome_of_rest(http::Call& call) {
    Bytes buffer(4096);
    for (;;) {
        const ByteSpan room = buffer.span();
        const auto got = co_await call.read(room);
        if (!got) co_return std::string(got.error().name());
        if (*got == 0) co_return "end";
    }
}

TEST(Lifecycle, AKilledEngineIsNoticedAndStartedAgain) {
    EngineUnderTest under(EngineUnderTest::profile());
    std::printf("ready after %.0f ms\n", ms(under.time_to_ready()));
    auto call = under.loop().run_until_done(first_bytes(under, long_chat()));
    ASSERT_TRUE(call) << call.error().describe();
    const pid_t first = under.inner();
    ASSERT_EQ(::kill(first, SIGKILL), 0);
    const std::string outcome = under.loop().run_until_done(outcome_of_rest(**call));
    EXPECT_TRUE(outcome == "http.truncated" || outcome == "net.closed") << outcome;
    call->reset();

    // Until it is back: an error at once, never a wait.
    const auto begun = Clock::now();
    int down = 0;
    for (;;) {
        const auto asked = Clock::now();
        const auto answer = under.answer_now(chat("Thanks"));
        if (answer) break;
        EXPECT_EQ(answer.error(), node::kEngineDown);
        EXPECT_LT(ms(Clock::now() - asked), 1000);
        ASSERT_LT(Clock::now() - begun, seconds(120));
        ++down;
        (void)under.loop().run_until_done(net::sleep_until(net::after(milliseconds(5))));
    }
    EXPECT_GT(down, 0);
    std::printf("serving again %.0f ms after SIGKILL\n", ms(Clock::now() - begun));
    EXPECT_NE(under.inner(), first);
    EXPECT_EQ(under.engine().state(), Engine::State::kReady);
    EXPECT_NE(::kill(first, 0), 0) << "a zombie";
}

TEST(Lifecycle, StoppingLeavesNothing) {
    EngineUnderTest under(EngineUnderTest::profile());
    auto call = under.loop().run_until_done(first_bytes(under, long_chat()));
    ASSERT_TRUE(call) << call.error().describe();
    const pid_t outer = under.outer(), inner = under.inner();
    ASSERT_GT(outer, 0);
    ASSERT_GT(inner, 0);
    const auto begun = Clock::now();
    under.loop().run_until_done(under.engine().stop());
    std::printf("stopped after %.0f ms\n", ms(Clock::now() - begun));
    EXPECT_LT(Clock::now() - begun, seconds(4));
    EXPECT_NE(::kill(outer, 0), 0);
    EXPECT_NE(::kill(inner, 0), 0);
    EXPECT_TRUE(std::filesystem::is_empty(under.directory()));
    EXPECT_NE(under.loop().run_until_done(outcome_of_rest(**call)), "end");
    EXPECT_EQ(under.engine().state(), Engine::State::kStopped);
    EXPECT_EQ(under.answer_now(chat("Thanks")).error(), node::kEngineDown);
    under.loop().run_until_done(under.engine().stop());  // once more is nothing
}

TEST(Lifecycle, DestroyingLeavesNothing) {
    EngineUnderTest under(EngineUnderTest::profile());
    auto call = under.loop().run_until_done(first_bytes(under, long_chat()));
    ASSERT_TRUE(call) << call.error().describe();
    const pid_t outer = under.outer(), inner = under.inner();
    under.reset_engine();
    EXPECT_NE(::kill(outer, 0), 0);
    EXPECT_NE(::kill(inner, 0), 0);
    EXPECT_NE(under.loop().run_until_done(outcome_of_rest(**call)), "end");
}

TEST(Lifecycle, WhoWaitsForAPlaceIsToldOfTheEnd) {
    EngineUnderTest under(one_slot());
    auto call = under.loop().run_until_done(first_bytes(under, long_chat()));
    ASSERT_TRUE(call) << call.error().describe();
    std::string outcome;
    auto run = [](EngineUnderTest& at, std::string& out) -> net::Task<void> {
        std::string body = chat("Thanks");
        const auto second = co_await first_bytes(at, std::move(body));
        out = second ? "good" : std::string(second.error().name());
    };
    const auto child = net::spawn_child(under.loop(), run(under, outcome));
    (void)under.loop().run_until_done(net::sleep_until(net::after(milliseconds(20))));
    EXPECT_EQ(outcome, "");
    under.loop().run_until_done(under.engine().stop());
    under.loop().run_until_done(child->done());
    EXPECT_EQ(outcome, "node.engine_down");
}

TEST(Lifecycle, AnEngineThatCannotRunIsDown) {
    EngineProfile broken = EngineUnderTest::profile();
    broken.model_path = OPENPCC_SOURCE_DIR "/LICENSE";
    net::Loop loop;
    const std::string directory = std::filesystem::temp_directory_path() / fmt::format("openpcc-broken-{}", ::getpid());
    {
        auto started = Engine::start(loop, broken, directory);
        ASSERT_TRUE(started) << started.error().describe();
        const auto ready = loop.run_until_done((*started)->ready(net::after(seconds(2))));
        ASSERT_FALSE(ready);
        EXPECT_EQ(ready.error(), node::kEngineDown);
        std::printf("%s\n", ready.error().describe().c_str());
        loop.run_until_done((*started)->stop());
    }
    std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace openpcc::testing

// SPDX-License-Identifier: Apache-2.0
// Peers that leave, readers that stop, servers that end: over each kind of connection.
#include <cstdlib>
#include <functional>

#include "io/http/testing.hpp"
#include "io/net/event.hpp"

namespace openpcc::http {
namespace {

using namespace testing;

// A handler notices within a few milliseconds; the bound leaves room for busy machines and is far below any of the
// waits that are interrupted. OPENPCC_TEST_STRICT_TIME=1 asks for 50 ms.
milliseconds at_once() { return milliseconds(std::getenv("OPENPCC_TEST_STRICT_TIME") != nullptr ? 50 : 2000); }

class HttpAbort : public ::testing::TestWithParam<Transport> {
  protected:
    World world;
    int cancelled = 0;
    net::Clock::time_point when{};

    void note(const Error& error) {
        EXPECT_EQ(error, net::kCancelled);
        ++cancelled;
        when = net::Clock::now();
    }
    // until waits for something that another coroutine does.
    bool until(const std::function<bool()>& done) {
        const auto wait = [](const std::function<bool()>& condition) -> Task<bool> {
            for (int i = 0; i < 2000 && !condition(); ++i) (void)co_await net::sleep_until(after(milliseconds(1)));
            co_return condition();
        };
        return world.run(wait(done));
    }
};

INSTANTIATE_TEST_SUITE_P(Each, HttpAbort, ::testing::Values(Transport::kTcp, Transport::kUnix, Transport::kTls),
                         [](const auto& test) { return name_of(test.param); });

Task<std::unique_ptr<Call>> start_post(Client& client, std::string_view content) {
    RequestHead head{.method = "POST", .path = "/", .fields = {{"content-length", std::to_string(content.size())}}};
    auto call = co_await client.start(std::move(head));
    if (!call) co_return nullptr;
    const ByteView bytes = as_bytes(content);
    (void)co_await (*call)->write(bytes);
    (void)co_await (*call)->finish();
    co_return std::move(*call);
}

Task<bool> read_all(Exchange& exchange) {
    Bytes buffer(1000);
    for (;;) {
        const ByteSpan room = buffer.span();
        const auto got = co_await exchange.read_body(room);
        if (!got) co_return false;
        if (*got == 0) co_return true;
    }
}

TEST_P(HttpAbort, AWaitingHandlerIsCancelledAtOnce) {
    bool working = false;
    world.serve(GetParam(), [&](Exchange& exchange) -> Task<void> {
        const bool complete = co_await read_all(exchange);
        EXPECT_TRUE(complete);
        working = true;
        const auto slept = co_await net::sleep_until(after(seconds(20)));
        if (!slept) note(slept.error());
        // And so is everything that it awaits later.
        const auto again = co_await net::sleep_until(after(seconds(20)));
        EXPECT_TRUE(!again && again.error() == net::kCancelled);
        const auto answered = co_await exchange.respond(ok());
        EXPECT_TRUE(!answered && answered.error() == net::kCancelled);
    });
    auto call = world.run(start_post(*world.client, "abc"));
    ASSERT_NE(call, nullptr);
    ASSERT_TRUE(until([&] { return working; }));
    const auto left = net::Clock::now();
    call.reset();
    ASSERT_TRUE(until([&] { return cancelled == 1; }));
    EXPECT_LT(when - left, at_once());
}

TEST_P(HttpAbort, AStreamingHandlerIsCancelledAtOnce) {
    int pieces = 0;
    world.serve(GetParam(), [&](Exchange& exchange) -> Task<void> {
        if (!co_await exchange.respond(ok())) co_return;
        for (;;) {
            const ByteView piece = as_bytes("data: token\n\n");
            const auto written = co_await exchange.write(piece);
            if (!written) co_return note(written.error() == net::kClosed ? Error(net::kCancelled) : written.error());
            ++pieces;
            const auto slept = co_await net::sleep_until(after(milliseconds(5)));
            if (!slept) co_return note(slept.error());
        }
    });
    auto call = world.run(start_post(*world.client, ""));
    ASSERT_TRUE(until([&] { return pieces > 2; }));
    const auto left = net::Clock::now();
    call.reset();
    ASSERT_TRUE(until([&] { return cancelled == 1; }));
    EXPECT_LT(when - left, at_once());
}

TEST_P(HttpAbort, TravelsThroughAChainOfCalls) {
    bool working = false;
    world.serve(GetParam(), [&](Exchange& exchange) -> Task<void> {
        if (exchange.request().method == "GET") {
            working = true;
            const auto slept = co_await net::sleep_until(after(seconds(20)));
            if (!slept) note(slept.error());
            co_return;
        }
        // The middle hop: asks the far one and waits for its head.
        const bool complete = co_await read_all(exchange);
        EXPECT_TRUE(complete);
        RequestHead head{.method = "GET", .path = "/"};
        const auto call = co_await world.client->start(std::move(head));
        EXPECT_TRUE(call);
        const auto answer = co_await (*call)->head();
        if (!answer) note(answer.error());
    });
    auto call = world.run(start_post(*world.client, "abc"));
    ASSERT_TRUE(until([&] { return working; }));
    const auto left = net::Clock::now();
    call.reset();
    ASSERT_TRUE(until([&] { return cancelled == 2; }));
    EXPECT_LT(when - left, at_once());
}

TEST_P(HttpAbort, ARequestCutShortIsAnError) {
    Error seen = kMisuse;
    world.serve(GetParam(), [&](Exchange& exchange) -> Task<void> {
        Bytes buffer(1000);
        for (;;) {
            const ByteSpan room = buffer.span();
            const auto got = co_await exchange.read_body(room);
            if (!got) seen = got.error();
            if (!got || *got == 0) co_return;
        }
    });
    const auto half = [](Client& client) -> Task<void> {
        RequestHead head{.method = "POST", .path = "/"};
        const auto call = co_await client.start(std::move(head));
        const ByteView piece = as_bytes("abc");
        (void)co_await (*call)->write(piece);
    };
    world.loop.run_until_done(half(*world.client));
    ASSERT_TRUE(until([&] { return !(seen == kMisuse); }));
    // TLS says it itself: an end without close_notify.
    EXPECT_EQ(seen, GetParam() == Transport::kTls ? net::kTruncated : kTruncated);
}

TEST_P(HttpAbort, ASlowReaderMakesTheWriterWaitAndIsDropped) {
    world.server_limits.write_time = milliseconds(300);
    std::size_t written = 0;
    Error seen = kMisuse;
    world.serve(GetParam(), [&](Exchange& exchange) -> Task<void> {
        (void)co_await exchange.respond(ok());
        const Bytes piece(64 * 1024);
        for (;;) {
            const ByteView view = piece.view();
            const auto result = co_await exchange.write(view);
            if (!result) {
                seen = result.error();
                co_return;
            }
            written += view.size();
        }
    });
    const auto call = world.run(start_post(*world.client, ""));
    ASSERT_NE(call, nullptr);
    std::size_t before = 1;
    ASSERT_TRUE(until([&] { return std::exchange(before, written) == written && written > 0; }));
    EXPECT_LT(written, 16U << 20);  // what kernel buffers hold, and no more
    ASSERT_TRUE(until([&] { return !(seen == kMisuse); }));
    EXPECT_EQ(seen, kTimeout);
}

TEST_P(HttpAbort, DrainLetsRunningExchangesEnd) {
    bool working = false;
    world.serve(GetParam(), [&](Exchange& exchange) -> Task<void> {
        working = true;
        (void)co_await net::sleep_until(after(milliseconds(60)));
        const ByteView content = as_bytes("done");
        (void)co_await exchange.respond_whole(ok(), content);
    });
    ASSERT_TRUE(world.fetch("GET", "/"));  // leaves an idle connection behind
    working = false;
    std::string got;
    const auto ask = [](Client& client, std::string& out) -> Task<void> {
        RequestHead head{.method = "GET", .path = "/"};
        const ByteView nothing;
        const auto whole = co_await client.fetch(std::move(head), nothing, 100);
        out = whole ? to_string(whole->content) : whole.error().describe();
    };
    const auto asking = net::spawn_child(world.loop, ask(*world.client, got));
    ASSERT_TRUE(until([&] { return working; }));
    const auto start = net::Clock::now();
    world.loop.run_until_done(world.server->drain(after(seconds(5))));
    EXPECT_LT(net::Clock::now() - start, milliseconds(4500));
    ASSERT_TRUE(until([&] { return !got.empty(); }));
    EXPECT_EQ(got, "done");
    const auto refused = world.fetch("GET", "/");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), net::kUnreachable);
}

TEST_P(HttpAbort, DrainCutsWhatIsStillRunning) {
    bool working = false;
    world.serve(GetParam(), [&](Exchange&) -> Task<void> {
        working = true;
        const auto slept = co_await net::sleep_until(after(seconds(20)));
        if (!slept) note(slept.error());
    });
    const auto call = world.run(start_post(*world.client, ""));
    ASSERT_TRUE(until([&] { return working; }));
    world.loop.run_until_done(world.server->drain(after(milliseconds(20))));
    EXPECT_EQ(cancelled, 1);
    const auto head = world.run(call->head());
    EXPECT_FALSE(head);
}

TEST_P(HttpAbort, EndingWithEverythingInFlightIsSafe) {
    bool working = false;
    world.serve(GetParam(), [&](Exchange&) -> Task<void> {
        working = true;
        (void)co_await net::sleep_until(after(seconds(20)));
    });
    const auto call = world.run(start_post(*world.client, ""));
    ASSERT_TRUE(until([&] { return working; }));
    // The world is taken down while the handler sleeps and the watcher watches.
}

}  // namespace
}  // namespace openpcc::http

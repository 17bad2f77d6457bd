// SPDX-License-Identifier: Apache-2.0
// What the server does with peers that are wrong, slow or old, seen on the wire.
#include "io/http/testing.hpp"

namespace openpcc::http {
namespace {

using namespace testing;

class HttpServer : public ::testing::Test {
  protected:
    World world;
};

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(HttpServer, RefusesWhatItCannotReadAndCloses) {
    world.serve(Transport::kTcp, hello);
    const std::string refused = world.raw("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    EXPECT_EQ(refused,
              "HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncache-control: no-store\r\n"
              "content-length: 57\r\nconnection: close\r\n\r\n"
              R"({"type":"about:blank","title":"Bad Request","status":400})");
    // The same words whatever was wrong: no oracle.
    EXPECT_EQ(world.raw("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), refused);
    EXPECT_EQ(world.raw("GET /\r\n"), refused);
    EXPECT_EQ(world.raw("\x16\x03\x01"), refused);
}

TEST_F(HttpServer, NamesTheLimitThatWasPassed) {
    world.server_limits.body_bytes = 10;
    world.serve(Transport::kTcp, echo);
    EXPECT_TRUE(world.raw("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n").starts_with("HTTP/1.1 413 "));
    EXPECT_TRUE(world.raw("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(20000, 'a')).starts_with("HTTP/1.1 431 "));
    EXPECT_TRUE(world.raw("GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n").starts_with("HTTP/1.1 417 "));
}

TEST_F(HttpServer, TakesNoContentUnlessTold) {
    world.server_limits.body_bytes = 0;
    world.serve(Transport::kTcp, echo);
    EXPECT_TRUE(world.raw("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na").starts_with("HTTP/1.1 413 "));
    EXPECT_TRUE(
        world.raw("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").starts_with("HTTP/1.1 413 "));
    EXPECT_TRUE(world.raw("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    .starts_with("HTTP/1.1 200 "));
}

TEST_F(HttpServer, BoundsContentOfUnknownLength) {
    world.server_limits.body_bytes = 4;
    Error seen = kMisuse;
    world.serve(Transport::kTcp, [&](Exchange& exchange) -> Task<void> {
        Bytes buffer(100);
        for (;;) {
            const ByteSpan room = buffer.span();
            const auto got = co_await exchange.read_body(room);
            if (!got) seen = got.error();
            if (!got || *got == 0) break;
        }
        (void)co_await respond_problem(exchange, seen.category());
    });
    const std::string answer =
        world.raw("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\nabc\r\n0\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
    EXPECT_EQ(seen, kTooLarge);
}

TEST_F(HttpServer, ServesRequestsSentAheadInOrderAndOneByOne) {
    int running = 0;
    int most = 0;
    world.serve(Transport::kTcp, [&](Exchange& exchange) -> Task<void> {
        most = std::max(most, ++running);
        (void)co_await net::sleep_until(after(milliseconds(5)));
        const std::string path = exchange.request().path;
        const ByteView content = as_bytes(path);
        (void)co_await exchange.respond_whole(ok(), content);
        --running;
    });
    std::string ahead;
    for (const char* path : {"/1", "/2", "/3"}) ahead += std::string("GET ") + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
    const std::string answers = world.raw(ahead + "GET /4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    std::size_t at = 0;
    for (const char* path : {"\r\n\r\n/1", "\r\n\r\n/2", "\r\n\r\n/3", "\r\n\r\n/4"}) {
        at = answers.find(path, at);
        EXPECT_NE(at, std::string::npos) << path;
    }
    EXPECT_EQ(most, 1);
}

Task<std::string> with_continue(World& world, bool wait_for_it) {
    std::string out;
    auto stream = co_await net::connect(world.loop, world.server->endpoint(), nullptr, after(seconds(1)));
    if (!stream) co_return "cannot connect";
    std::string first =
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n";
    if (!wait_for_it) first += "ab";
    const ByteView head = as_bytes(first);
    (void)co_await (*stream)->write(head, after(seconds(1)));
    Bytes buffer(1000);
    bool sent = !wait_for_it;
    for (;;) {
        const ByteSpan room = buffer.span();
        const auto got = co_await (*stream)->read_some(room, after(seconds(1)));
        if (!got || *got == 0) co_return out;
        out.append(as_text(buffer.view().first(*got)));
        const ByteView content = as_bytes("ab");
        if (!std::exchange(sent, true)) (void)co_await (*stream)->write(content, after(seconds(1)));
    }
}

Task<void> echo_when_read(Exchange& exchange) {
    Bytes buffer(100);
    const ByteSpan room = buffer.span();
    const auto got = co_await exchange.read_body(room);
    const ByteView content = buffer.view().first(got.value_or(0));
    (void)co_await exchange.respond_whole(ok(), content);
}

TEST_F(HttpServer, AsksForContentThatWaits) {
    world.serve(Transport::kTcp, echo_when_read);
    const std::string answer = world.run(with_continue(world, true));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\nab")) << answer;
    EXPECT_TRUE(world.run(with_continue(world, false)).starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpServer, ClosesWhenItAnswersContentThatStillWaits) {
    world.serve(Transport::kTcp, hello);
    const std::string answer =
        world.raw("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_NE(answer.find("connection: close\r\n"), std::string::npos) << answer;
}

TEST_F(HttpServer, ThrowsAwayALittleUnreadContentAndClosesOnMore) {
    world.serve(Transport::kTcp, hello);
    const std::string small = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x');
    const std::string two = world.raw(small + std::string(kGet));
    EXPECT_NE(two.find("hello", two.find("hello") + 1), std::string::npos) << two;
    const std::string large = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + std::string(200000, 'x');
    const std::string one = world.raw(large + std::string(kGet));
    EXPECT_NE(one.find("hello"), std::string::npos) << one;
    EXPECT_EQ(one.find("hello", one.find("hello") + 1), std::string::npos) << one;
}

TEST_F(HttpServer, SpeaksHttp10UntilTheEndOfTheConnection) {
    world.serve(Transport::kTcp, echo);
    EXPECT_EQ(world.raw("POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc"),
              "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc");
    EXPECT_EQ(world.raw("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
}

TEST_F(HttpServer, AnswersHeadWithoutContent) {
    world.serve(Transport::kTcp, hello);
    const auto got = world.fetch("HEAD", "/");
    ASSERT_TRUE(got) << got.error().describe();
    EXPECT_EQ(got->head.fields.get("content-length"), "5");
    EXPECT_TRUE(got->content.empty());
    ASSERT_TRUE(world.fetch("GET", "/"));  // the connection is still in step
}

TEST_F(HttpServer, TurnsAwayWhatExceedsItsConnections) {
    world.server_limits.connections = 1;
    world.serve(Transport::kTcp, hello);
    ASSERT_TRUE(world.fetch("GET", "/"));  // its connection stays
    EXPECT_TRUE(world.raw(kGet).starts_with("HTTP/1.1 503 Service Unavailable\r\n"));
    ASSERT_TRUE(world.fetch("GET", "/"));
}

TEST_F(HttpServer, DropsPeersThatAreSlow) {
    world.server_limits.head_time = milliseconds(50);
    world.server_limits.idle_time = milliseconds(100);
    world.serve(Transport::kTcp, hello);
    const auto start = net::Clock::now();
    EXPECT_EQ(world.raw("GET / HTTP/1.1\r\nHost:"), "");
    EXPECT_EQ(world.raw(""), "");
    EXPECT_LT(net::Clock::now() - start, seconds(1));  // raw itself would give up then, twice
    EXPECT_TRUE(world.raw(kGet).ends_with("hello"));
}

TEST_F(HttpServer, CutsHandlersThatStopHalfWay) {
    world.serve(Transport::kTcp, [](Exchange& exchange) -> Task<void> {
        if (exchange.request().path == "/nothing") co_return;
        if (exchange.request().path == "/throw") throw std::bad_alloc();
        const ByteView piece = as_bytes("part");
        ResponseHead head = ok();
        if (exchange.request().path == "/short") head.fields.add("content-length", "9");
        (void)co_await exchange.respond(std::move(head));
        (void)co_await exchange.write(piece);
        if (exchange.request().path != "/short") co_return;
        const auto finished = co_await exchange.finish();
        EXPECT_TRUE(!finished && finished.error() == kMisuse);
    });
    EXPECT_EQ(world.fetch("GET", "/nothing")->head.status, 500);
    EXPECT_EQ(world.fetch("GET", "/throw")->head.status, 500);
    // Truncation at every layer is an error, never a shorter answer.
    for (const char* path : {"/half", "/short"}) {
        const auto cut = world.fetch("GET", path);
        ASSERT_FALSE(cut) << path;
        EXPECT_TRUE(cut.error() == net::kClosed || cut.error() == kTruncated) << cut.error().describe();
    }
    EXPECT_TRUE(world.raw("GET /half HTTP/1.1\r\nHost: a\r\n\r\n").ends_with("part\r\n[net.closed]"));
    EXPECT_TRUE(world.raw("GET /half HTTP/1.0\r\n\r\n").ends_with("part[net.closed]"));
}

TEST_F(HttpServer, RefusesHandlersThatBreakTheMessage) {
    std::vector<std::string> seen;
    const auto note = [&](const Result<void>& result) {
        seen.push_back(result ? "ok" : std::string(result.error().name()));
    };
    world.serve(Transport::kTcp, [&](Exchange& exchange) -> Task<void> {
        const ByteView piece = as_bytes("abc");
        note(co_await exchange.write(piece));
        ResponseHead split = ok();
        split.fields.add("x", "a\r\nb");
        note(co_await exchange.respond(std::move(split)));
        ResponseHead own = ok();
        own.fields.add("transfer-encoding", "chunked");
        note(co_await exchange.respond(std::move(own)));
        ResponseHead exact = ok();
        exact.fields.add("content-length", "4");
        note(co_await exchange.respond(std::move(exact)));
        note(co_await exchange.respond(ok()));
        note(co_await exchange.write(piece));
        note(co_await exchange.write(piece));
        const ByteView last = as_bytes("d");
        note(co_await exchange.write(last));
        note(co_await exchange.finish());
        note(co_await exchange.finish());
    });
    const auto got = world.fetch("GET", "/");
    ASSERT_TRUE(got) << got.error().describe();
    EXPECT_EQ(to_string(got->content), "abcd");
    const std::vector<std::string> expected{"http.misuse", "http.misuse", "http.misuse", "ok", "http.misuse",
                                            "ok",          "http.misuse", "ok",          "ok", "http.misuse"};
    EXPECT_EQ(seen, expected);
}

TEST(Problem, HasOneConstantAnswerPerCategory) {
    EXPECT_EQ(status_of(Category::kBadInput), 400);
    EXPECT_EQ(status_of(Category::kUnauthenticated), 403);
    EXPECT_EQ(status_of(Category::kUnverified), 403);
    EXPECT_EQ(status_of(Category::kUnavailable), 503);
    EXPECT_EQ(status_of(Category::kTimeout), 504);
    EXPECT_EQ(status_of(Category::kInternal), 500);
    EXPECT_EQ(problem_head(403).fields,
              (Fields{{"content-type", "application/problem+json"}, {"cache-control", "no-store"}}));
}

}  // namespace
}  // namespace openpcc::http

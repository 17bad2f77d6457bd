// SPDX-License-Identifier: Apache-2.0
// What the client does with servers that are wrong, slow or gone. The server here is a script.
#include "io/http/testing.hpp"
#include "io/net/listener.hpp"

namespace openpcc::http {
namespace {

using namespace testing;

// Script answers the n-th request with its n-th line, whatever the request is. A line that ends with "<close>" closes
// after it.
class HttpClient : public ::testing::Test {
  protected:
    World world;
    std::unique_ptr<net::Listener> listener;
    std::unique_ptr<net::Child> acceptor;
    std::vector<std::unique_ptr<net::Child>> connections;
    std::vector<std::string> script;
    std::size_t line = 0;
    std::vector<std::string> requests;

    void play(std::vector<std::string> lines) {
        script = std::move(lines);
        const net::Endpoint at{.kind = net::Endpoint::Kind::kTcp, .host = "127.0.0.1", .port = 0};
        listener = net::Listener::open(world.loop, at, nullptr).value();
        acceptor = net::spawn_child(world.loop, accept());
        world.client = Client::make(world.loop, listener->endpoint(), world.client_limits, nullptr);
    }
    Task<void> accept() {
        for (;;) {
            auto stream = co_await listener->accept();
            if (!stream) co_return;
            connections.push_back(net::spawn_child(world.loop, converse(std::move(*stream))));
        }
    }
    Task<void> converse(std::unique_ptr<net::Stream> stream) {
        Bytes buffer(100000);
        for (;;) {
            const ByteSpan room = buffer.span();
            const auto got = co_await stream->read_some(room, after(seconds(5)));
            if (!got || *got == 0 || line == script.size()) co_return;
            requests.emplace_back(as_text(buffer.view().first(*got)));
            std::string text = script[line++];
            const bool close = text.ends_with("<close>");
            if (close) text.resize(text.size() - 7);
            const ByteView bytes = as_bytes(text);
            (void)co_await stream->write(bytes, after(seconds(5)));
            if (close) co_return;
        }
    }
    std::string outcome(Result<Client::Whole> whole) {
        if (!whole) return std::string(whole.error().name());
        return std::to_string(whole->head.status) + " " + to_string(whole->content);
    }
    std::string get() { return outcome(world.fetch("GET", "/")); }
};

constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_F(HttpClient, WritesOneHeadForOneEndpoint) {
    play({kOk, kOk});
    EXPECT_EQ(get(), "200 ok");
    EXPECT_EQ(outcome(world.fetch("POST", "/a?b", "abc")), "200 ok");
    const std::string host = listener->endpoint().authority();
    EXPECT_EQ(requests[0], "GET / HTTP/1.1\r\nhost: " + host + "\r\n\r\n");
    EXPECT_EQ(requests[1], "POST /a?b HTTP/1.1\r\nhost: " + host + "\r\ncontent-length: 3\r\n\r\nabc");
    EXPECT_EQ(connections.size(), 1U);  // used twice
}

TEST_F(HttpClient, RefusesAnswersWithoutAProperEnd) {
    play({"HTTP/1.1 200 OK\r\n\r\nok<close>", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok<close>",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n<close>",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n<close>",
          "HTTP/1.1 200 OK\r\nContent-<close>", "<close>"});
    for (std::size_t i = 0; i < script.size(); ++i) EXPECT_EQ(get(), "http.truncated") << script[i];
}

TEST_F(HttpClient, RefusesMalformedAnswers) {
    play({"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nok\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n",
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"});
    for (std::size_t i = 0; i < script.size(); ++i) EXPECT_EQ(get(), "http.malformed") << script[i];
}

TEST_F(HttpClient, SkipsAFewInterimAnswers) {
    const std::string interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    std::string many;
    for (int i = 0; i < 20; ++i) many += interim;
    play({interim + interim + kOk, many + kOk});
    EXPECT_EQ(get(), "200 ok");
    EXPECT_EQ(get(), "http.malformed");
}

TEST_F(HttpClient, BoundsAnswers) {
    play({kOk, kOk, "HTTP/1.1 200 OK\r\nX: " + std::string(20000, 'a')});
    RequestHead head{.method = "GET", .path = "/"};
    const ByteView nothing;
    EXPECT_EQ(outcome(world.run(world.client->fetch(head, nothing, 2))), "200 ok");
    EXPECT_EQ(outcome(world.run(world.client->fetch(head, nothing, 1))), "http.too_large");
    EXPECT_EQ(get(), "http.too_large");
}

TEST_F(HttpClient, WaitsNoLongerThanItsLimits) {
    world.client_limits.head_time = milliseconds(30);
    world.client_limits.read_time = milliseconds(30);
    play({"", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"});
    EXPECT_EQ(get(), "http.timeout");
    EXPECT_EQ(get(), "http.timeout");
}

TEST_F(HttpClient, ReusesOnlyConnectionsThatAreInStep) {
    play({"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", std::string(kOk) + "HTTP/1.1 200",
          "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", std::string(kOk) + "<close>", kOk, kOk});
    for (std::size_t i = 1; i <= 5; ++i) {
        EXPECT_EQ(get(), "200 ok");
        EXPECT_EQ(connections.size(), i);
        (void)world.run(net::sleep_until(after(milliseconds(2))));  // lets the end arrive
    }
    EXPECT_EQ(get(), "200 ok");
    EXPECT_EQ(connections.size(), 5U);
}

TEST_F(HttpClient, ReusesNoConnectionThatIsTooOld) {
    world.client_limits.reuse_time = milliseconds(20);
    play({kOk, kOk});
    EXPECT_EQ(get(), "200 ok");
    (void)world.run(net::sleep_until(after(milliseconds(30))));
    EXPECT_EQ(get(), "200 ok");
    EXPECT_EQ(connections.size(), 2U);
}

TEST_F(HttpClient, TriesSafeRequestsAgainOnlyWhenAKeptConnectionIsLost) {
    play({kOk, "<close>", kOk, "<close>"});
    EXPECT_EQ(get(), "200 ok");
    EXPECT_EQ(get(), "200 ok");
    EXPECT_EQ(requests.size(), 3U);
    EXPECT_EQ(outcome(world.fetch("POST", "/", "a")), "http.truncated");
}

Task<std::string> misuse(Client& client) {
    std::string seen;
    RequestHead plain{.method = "GET", .path = "/"};
    auto call = co_await client.start(std::move(plain));
    if (!call) co_return call.error().describe();
    const ByteView piece = as_bytes("abc");
    const auto written = co_await (*call)->write(piece);
    seen += written ? "ok " : std::string(written.error().name()) + " ";
    Bytes buffer(10);
    const ByteSpan room = buffer.span();
    const auto early = co_await (*call)->read(room);
    seen += early ? "ok " : std::string(early.error().name()) + " ";
    RequestHead fixed{.method = "POST", .path = "/", .fields = {{"content-length", "2"}}};
    auto longer = co_await client.start(std::move(fixed));
    const auto more = co_await (*longer)->write(piece);
    seen += more ? "ok " : std::string(more.error().name()) + " ";
    const auto less = co_await (*longer)->finish();
    seen += less ? "ok" : std::string(less.error().name());
    co_return seen;
}

TEST_F(HttpClient, KeepsRequestsToTheirFraming) {
    play({});
    EXPECT_EQ(world.run(misuse(*world.client)), "http.misuse http.misuse http.misuse http.misuse");
}

TEST_F(HttpClient, SaysWhenNobodyListens) {
    play({});
    const net::Endpoint nobody{.kind = net::Endpoint::Kind::kUnix, .host = world.folder.path() + "/none", .port = 0};
    world.client = Client::make(world.loop, nobody, world.client_limits, nullptr);
    EXPECT_EQ(get(), "net.unreachable");
}

}  // namespace
}  // namespace openpcc::http

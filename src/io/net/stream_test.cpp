// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "http/certificates.hpp"
#include "io/net/connect.hpp"
#include "io/net/errors.hpp"
#include "io/net/event.hpp"
#include "io/net/listener.hpp"

namespace openpcc::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

enum class Transport { kTcp, kTcp6, kUnix, kTls };

// Pair is the two ends of one connection.
class Streams : public ::testing::TestWithParam<Transport> {
  protected:
    openpcc::testing::TempFolder folder;
    Loop loop;
    std::unique_ptr<Listener> listener;
    std::shared_ptr<const TlsServer> tls_server;
    std::shared_ptr<const TlsClient> tls_client;
    std::unique_ptr<Stream> near;
    std::unique_ptr<Stream> far;

    void SetUp() override {
        Endpoint at{.kind = Endpoint::Kind::kTcp, .host = "127.0.0.1", .port = 0};
        if (GetParam() == Transport::kTcp6) at.host = "::1";
        if (GetParam() == Transport::kUnix)
            at = {.kind = Endpoint::Kind::kUnix, .host = folder.path() + "/s", .port = 0};
        if (GetParam() == Transport::kTls) {
            at.kind = Endpoint::Kind::kTls;
            const auto files = openpcc::testing::make_certificates(folder.path(), "127.0.0.1");
            tls_server = TlsServer::from_files(files.chain_pem, files.key_pem).value();
            tls_client = TlsClient::roots_from_file(files.root_pem).value();
        }
        auto opened = Listener::open(loop, at, tls_server);
        if (!opened && GetParam() == Transport::kTcp6) GTEST_SKIP() << "no IPv6 here";
        listener = std::move(opened).value();
        const auto accepting = spawn_child(loop, accept());
        loop.run_until_done(dial());
        ASSERT_NE(near, nullptr);
        ASSERT_NE(far, nullptr);
    }

    Task<void> accept() {
        auto got = co_await listener->accept();
        if (!got) co_return;
        far = std::move(*got);
        (void)co_await far->wait_readable(after(seconds(5)));  // TLS: the handshake
    }
    Task<void> dial() {
        auto got = co_await connect(loop, listener->endpoint(), tls_client, after(seconds(5)));
        if (got) near = std::move(*got);
        // One byte each way, so that both ends have finished what they do first.
        const ByteView byte = as_bytes("x");
        if (near != nullptr) (void)co_await near->write(byte, after(seconds(5)));
        for (int i = 0; i < 1000 && far == nullptr; ++i) (void)co_await sleep_until(after(milliseconds(1)));
        Bytes one(1);
        const ByteSpan room = one.span();
        if (far != nullptr) (void)co_await far->read_some(room, after(seconds(5)));
    }

    Task<std::string> read_one(Stream& stream, Clock::duration time) {
        Bytes buffer(100);
        const ByteSpan room = buffer.span();
        const auto got = co_await stream.read_some(room, after(time));
        if (!got) co_return std::string(got.error().name());
        co_return *got == 0 ? "end" : to_string(buffer.view().first(*got));
    }
    std::string read(Stream& stream, Clock::duration time = seconds(5)) {
        return loop.run_until_done(read_one(stream, time));
    }
    std::string write(Stream& stream, std::string_view text) {
        const ByteView bytes = as_bytes(text);
        const auto done = loop.run_until_done(stream.write(bytes, after(milliseconds(50))));
        return done ? "ok" : std::string(done.error().name());
    }
};

const char* name_of(Transport transport) {
    constexpr const char* kNames[] = {"tcp", "tcp6", "unix", "tls"};
    return kNames[static_cast<int>(transport)];
}
INSTANTIATE_TEST_SUITE_P(Each, Streams,
                         ::testing::Values(Transport::kTcp, Transport::kTcp6, Transport::kUnix, Transport::kTls),
                         [](const auto& test) { return name_of(test.param); });

TEST_P(Streams, CarryBytesBothWays) {
    EXPECT_EQ(write(*near, "to far"), "ok");
    EXPECT_EQ(read(*far), "to far");
    EXPECT_EQ(write(*far, "to near"), "ok");
    EXPECT_EQ(read(*near), "to near");
    EXPECT_TRUE(near->local_only());
    EXPECT_TRUE(far->local_only());
}

TEST_P(Streams, JoinPieces) {
    const std::string large(40000, 'x');
    const std::array<ByteView, 4> parts{as_bytes("a"), ByteView(), as_bytes(large), as_bytes("b")};
    ASSERT_TRUE(loop.run_until_done(near->write_parts(parts, after(seconds(5)))));
    std::string got;
    while (got.size() < large.size() + 2) got += read(*far);
    EXPECT_EQ(got, "a" + large + "b");
}

TEST_P(Streams, EndInOrder) {
    EXPECT_EQ(write(*near, "last"), "ok");
    ASSERT_TRUE(loop.run_until_done(near->close_write(after(seconds(1)))));
    EXPECT_EQ(read(*far), "last");
    EXPECT_EQ(read(*far), "end");
    EXPECT_EQ(read(*far), "end");
    // The other half is still open.
    EXPECT_EQ(write(*far, "answer"), "ok");
    EXPECT_EQ(read(*near), "answer");
}

TEST_P(Streams, TellAnEndFromACut) {
    near->close();
    EXPECT_EQ(read(*far), GetParam() == Transport::kTls ? "net.truncated" : "end");
    EXPECT_EQ(read(*near), "net.closed");
    EXPECT_EQ(write(*near, "x"), "net.closed");
}

TEST_P(Streams, ResetIsNoEndOnTcp) {
    near->reset();
    const std::string expected = GetParam() == Transport::kUnix ? "end" : "net.closed";
    EXPECT_EQ(read(*far), expected);
}

TEST_P(Streams, KeepDeadlines) {
    const auto start = Clock::now();
    EXPECT_EQ(read(*far, milliseconds(20)), "net.timeout");
    EXPECT_EQ(read(*far, milliseconds(40)), "net.timeout");
    EXPECT_EQ(read(*far, milliseconds(10)), "net.timeout");
    EXPECT_GE(Clock::now() - start, milliseconds(70));
    EXPECT_LT(Clock::now() - start, seconds(5));  // generous: test machines are busy
    EXPECT_EQ(write(*near, "still good"), "ok");
    EXPECT_EQ(read(*far), "still good");
}

TEST_P(Streams, AReaderAndAWriterWaitApart) {
    std::string reader;
    auto reading = [&]() -> Task<void> { reader = co_await read_one(*near, seconds(10)); };
    const auto child = spawn_child(loop, reading());
    EXPECT_EQ(write(*near, std::string(32 << 20, 'x')), "net.timeout");  // nobody reads it
    EXPECT_EQ(reader, "");                                               // and the reader was not disturbed
    EXPECT_EQ(write(*far, "word"), "ok");
    loop.run_until_done(child->done());
    EXPECT_EQ(reader, "word");
}

TEST_P(Streams, CancelledWaitsReturnAndLoseNothing) {
    std::string reader;
    auto reading = [&]() -> Task<void> { reader = co_await read_one(*far, seconds(10)); };
    const auto child = spawn_child(loop, reading());
    (void)loop.run_until_done(sleep_until(after(milliseconds(2))));
    child->cancel();
    loop.run_until_done(child->done());
    EXPECT_EQ(reader, "net.cancelled");
    EXPECT_EQ(write(*near, "kept"), "ok");
    EXPECT_EQ(read(*far), "kept");
}

TEST_P(Streams, ClosingWakesWhoWaits) {
    std::string reader;
    auto reading = [&]() -> Task<void> { reader = co_await read_one(*far, seconds(10)); };
    const auto child = spawn_child(loop, reading());
    (void)loop.run_until_done(sleep_until(after(milliseconds(2))));
    far->close();
    loop.run_until_done(child->done());
    EXPECT_EQ(reader, "net.closed");
}

TEST_P(Streams, SayWhenThereIsSomethingToRead) {
    EXPECT_FALSE(far->readable_now());
    EXPECT_EQ(loop.run_until_done(far->wait_readable(after(milliseconds(10)))).error(), kTimeout);
    EXPECT_EQ(write(*near, "word"), "ok");
    EXPECT_TRUE(loop.run_until_done(far->wait_readable(after(seconds(1)))));
    EXPECT_TRUE(far->readable_now());
    EXPECT_EQ(read(*far), "word");
    EXPECT_FALSE(far->readable_now());
    near->close();
    EXPECT_TRUE(loop.run_until_done(far->wait_readable(after(seconds(1)))));
    EXPECT_TRUE(far->readable_now());
}

TEST(Listener, ReplacesOnlyStaleSockets) {
    openpcc::testing::TempFolder folder;
    Loop loop;
    const Endpoint at{.kind = Endpoint::Kind::kUnix, .host = folder.path() + "/s", .port = 0};
    {
        const auto first = Listener::open(loop, at, nullptr);
        ASSERT_TRUE(first);
        struct stat found{};
        ASSERT_EQ(::stat(at.host.c_str(), &found), 0);
        EXPECT_EQ(found.st_mode & 0777, 0600U);
        EXPECT_EQ(Listener::open(loop, at, nullptr).error(), kCannotListen);  // served
    }
    EXPECT_NE(::access(at.host.c_str(), F_OK), 0);  // its owner removed it
    std::ofstream(at.host) << "precious";
    EXPECT_EQ(Listener::open(loop, at, nullptr).error(), kCannotListen);
    EXPECT_EQ(::access(at.host.c_str(), F_OK), 0);
}

// Two daemons on one port would share its connections, and nobody would notice.
TEST(Listener, APortIsTakenOnce) {
    Loop loop;
    const Endpoint any{.kind = Endpoint::Kind::kTcp, .host = "127.0.0.1", .port = 0};
    const auto first = Listener::open(loop, any, nullptr);
    ASSERT_TRUE(first);
    const auto second = Listener::open(loop, (*first)->endpoint(), nullptr);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), kCannotListen);
    EXPECT_EQ(second.error().text(), "the port is in use");
}

TEST(Listener, ListensOnAddressesOnly) {
    Loop loop;
    const Endpoint name{.kind = Endpoint::Kind::kTcp, .host = "relay.example", .port = 0};
    EXPECT_EQ(Listener::open(loop, name, nullptr).error(), kCannotListen);
    const Endpoint secure{.kind = Endpoint::Kind::kTls, .host = "127.0.0.1", .port = 0};
    EXPECT_EQ(Listener::open(loop, secure, nullptr).error(), kCannotListen);
}

TEST(Connect, ResolvesNamesAndSaysWhenNobodyIsThere) {
    Loop loop;
    const Endpoint at{.kind = Endpoint::Kind::kTcp, .host = "127.0.0.1", .port = 0};
    auto listener = Listener::open(loop, at, nullptr).value();
    const Endpoint named{.kind = Endpoint::Kind::kTcp, .host = "localhost", .port = listener->endpoint().port};
    const auto found = loop.run_until_done(connect(loop, named, nullptr, after(seconds(5))));
    EXPECT_TRUE(found) << found.error().describe();
    listener->close();
    const auto refused = loop.run_until_done(connect(loop, named, nullptr, after(seconds(5))));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), kUnreachable);
    const Endpoint unknown{.kind = Endpoint::Kind::kTcp, .host = "does-not-exist.invalid", .port = 1};
    const auto missing = loop.run_until_done(connect(loop, unknown, nullptr, after(seconds(2))));
    ASSERT_FALSE(missing);
    EXPECT_TRUE(missing.error() == kUnreachable || missing.error() == kTimeout);
}

}  // namespace
}  // namespace openpcc::net

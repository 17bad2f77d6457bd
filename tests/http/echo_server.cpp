// SPDX-License-Identifier: Apache-2.0
// A server for peer tests: echo_server ENDPOINT [CHAIN KEY], or echo_server certificates FOLDER NAME to make the files.
// It says on standard output where it listens and what happens to its handlers.
#include <cstdio>
#include <cstring>
#include <string>

#include "http/certificates.hpp"
#include "io/http/server.hpp"
#include "io/net/loop.hpp"

using namespace openpcc;
using namespace openpcc::http;

namespace {

constexpr auto kBetweenEvents = std::chrono::milliseconds(100);
constexpr std::string_view kEvent = "data: token\n\n";

void say(const std::string& line) {
    std::printf("%s\n", line.c_str());
    std::fflush(stdout);
}

ResponseHead head_of(const char* type) { return ResponseHead{.status = 200, .fields = {{"content-type", type}}}; }

Task<void> echo(Exchange& exchange) {
    if (!co_await exchange.respond(head_of("application/octet-stream"))) co_return;
    Bytes buffer(16 * 1024);
    for (;;) {
        const ByteSpan room = buffer.span();
        const auto got = co_await exchange.read_body(room);
        if (!got) co_return say("broken " + std::string(got.error().name()));
        if (*got == 0) break;
        const ByteView piece = buffer.view().first(*got);
        if (!co_await exchange.write(piece)) co_return;
    }
    (void)co_await exchange.finish();
}

// mirror reads everything before it answers with the same.
Task<void> mirror(Exchange& exchange) {
    Bytes buffer(16 * 1024);
    Bytes all;
    for (;;) {
        const ByteSpan room = buffer.span();
        const auto got = co_await exchange.read_body(room);
        if (!got) co_return say("broken " + std::string(got.error().name()));
        if (*got == 0) break;
        all.append(buffer.view().first(*got));
    }
    const ByteView content = all.view();
    (void)co_await exchange.respond_whole(head_of("application/octet-stream"), content);
}

// events sends `count` of them, or goes on until it is cancelled.
Task<void> events(Exchange& exchange, int count) {
    if (!co_await exchange.respond(head_of("text/event-stream"))) co_return;
    for (int i = 0; i < count; ++i) {
        const ByteView event = as_bytes(kEvent);
        if (!co_await exchange.write(event)) co_return say("cancelled");
        if (!co_await net::sleep_until(net::after(kBetweenEvents))) co_return say("cancelled");
    }
    (void)co_await exchange.finish();
}

Task<void> answer(Exchange& exchange) {
    const std::string path = exchange.request().path;
    if (path == "/echo") co_return co_await echo(exchange);
    if (path == "/mirror") co_return co_await mirror(exchange);
    if (path == "/events") co_return co_await events(exchange, 5);
    if (path == "/forever") co_return co_await events(exchange, 600);
    if (path == "/cut") {
        (void)co_await exchange.respond(head_of("text/plain"));
        const ByteView part = as_bytes("part");
        (void)co_await exchange.write(part);
        co_return;
    }
    if (path != "/hello") {
        (void)co_await respond_problem(exchange, 404);
        co_return;
    }
    const ByteView content = as_bytes("hello\n");
    (void)co_await exchange.respond_whole(head_of("text/plain"), content);
}

Task<void> drain_and_stop(net::Loop& loop, Server& server) {
    co_await server.drain(net::after(std::chrono::seconds(3)));
    loop.stop();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 4 && std::strcmp(argv[1], "certificates") == 0) {
        (void)openpcc::testing::make_certificates(argv[2], argv[3]);
        return 0;
    }
    if (argc != 2 && argc != 4) return 2;
    std::shared_ptr<const net::TlsServer> tls;
    if (argc == 4) tls = net::TlsServer::from_files(argv[2], argv[3]).value();
    net::Loop loop;
    const auto endpoint = net::Endpoint::parse(argv[1]);
    if (!endpoint) return 2;
    ServerLimits limits;
    limits.body_bytes = 256 << 20;
    auto server = Server::listen(loop, *endpoint, limits, tls, answer);
    if (!server) {
        std::fprintf(stderr, "%s\n", server.error().describe().c_str());
        return 1;
    }
    loop.on_signal([&] { loop.spawn(drain_and_stop(loop, **server)); });
    say("listening " + (*server)->endpoint().to_text());
    loop.run();
    say("drained");
    return 0;
}

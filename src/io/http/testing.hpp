// SPDX-License-Identifier: Apache-2.0
#pragma once

// What the tests of io/http share: a server and a client on one loop, over each kind of connection.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "http/certificates.hpp"
#include "io/http/client.hpp"
#include "io/http/errors.hpp"
#include "io/http/server.hpp"
#include "io/net/connect.hpp"
#include "io/net/errors.hpp"
#include "io/net/loop.hpp"

namespace openpcc::http::testing {

using net::after;
using std::chrono::milliseconds;
using std::chrono::seconds;

enum class Transport { kTcp, kUnix, kTls };
inline const char* name_of(Transport transport) {
    return transport == Transport::kTcp ? "tcp" : transport == Transport::kUnix ? "unix" : "tls";
}

struct World {
    openpcc::testing::TempFolder folder;
    net::Loop loop;
    std::shared_ptr<const net::TlsServer> tls_server;
    std::shared_ptr<const net::TlsClient> tls_client;
    ServerLimits server_limits{.body_bytes = 64 << 20};
    ClientLimits client_limits;
    std::unique_ptr<Server> server;
    std::unique_ptr<Client> client;

    void serve(Transport transport, Handler handler) {
        net::Endpoint at{.kind = net::Endpoint::Kind::kTcp, .host = "127.0.0.1", .port = 0};
        if (transport == Transport::kUnix)
            at = {.kind = net::Endpoint::Kind::kUnix, .host = folder.path() + "/s", .port = 0};
        if (transport == Transport::kTls) {
            at.kind = net::Endpoint::Kind::kTls;
            const auto files = openpcc::testing::make_certificates(folder.path(), "127.0.0.1");
            tls_server = net::TlsServer::from_files(files.chain_pem, files.key_pem).value();
            tls_client = net::TlsClient::roots_from_file(files.root_pem).value();
        }
        server = Server::listen(loop, at, server_limits, tls_server, std::move(handler)).value();
        client = Client::make(loop, server->endpoint(), client_limits, tls_client);
    }

    template <class T>
    T run(Task<T> task) {
        return loop.run_until_done(std::move(task));
    }

    // fetch is one exchange from outside of any coroutine.
    Result<Client::Whole> fetch(std::string method, std::string path, std::string_view content = {}) {
        RequestHead head{.method = std::move(method), .path = std::move(path)};
        return run(client->fetch(std::move(head), as_bytes(content), 256 << 20));
    }

    // raw sends bytes as they are and returns everything that comes back until the end, a reset, or nothing for a
    // second.
    std::string raw(std::string_view bytes) { return run(raw_task(std::string(bytes))); }
    Task<std::string> raw_task(std::string bytes) {
        std::string out;
        auto stream = co_await net::connect(loop, server->endpoint(), tls_client, after(seconds(5)));
        if (!stream) co_return "cannot connect";
        const ByteView view = as_bytes(bytes);
        if (!co_await (*stream)->write(view, after(seconds(5)))) co_return "cannot write";
        Bytes buffer(4096);
        for (;;) {
            const ByteSpan room = buffer.span();
            const auto got = co_await (*stream)->read_some(room, after(seconds(1)));
            if (!got) co_return out + "[" + std::string(got.error().name()) + "]";
            if (*got == 0) co_return out;
            out.append(as_text(buffer.view().first(*got)));
        }
    }
};

inline ResponseHead ok() {
    ResponseHead head;
    head.status = 200;
    return head;
}

// echo answers with the request's content, as it comes.
inline Task<void> echo(Exchange& exchange) {
    if (!co_await exchange.respond(ok())) co_return;
    Bytes buffer(16 * 1024);
    for (;;) {
        const ByteSpan room = buffer.span();
        const auto got = co_await exchange.read_body(room);
        if (!got) co_return;
        if (*got == 0) break;
        const ByteView piece = buffer.view().first(*got);
        if (!co_await exchange.write(piece)) co_return;
    }
    (void)co_await exchange.finish();
}

// hello answers every request with the same five bytes.
inline Task<void> hello(Exchange& exchange) {
    const ByteView content = as_bytes("hello");
    (void)co_await exchange.respond_whole(ok(), content);
}

}  // namespace openpcc::http::testing

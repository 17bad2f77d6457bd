// SPDX-License-Identifier: Apache-2.0
// A client for peer tests: echo_client ENDPOINT ROOTS|- METHOD PATH. Content of a POST comes from standard input and is
// streamed while the answer is written to standard output. 0: a complete answer; 3: an error, named on standard error.
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string>

#include "io/http/client.hpp"
#include "io/net/loop.hpp"

using namespace openpcc;
using namespace openpcc::http;

namespace {

Task<void> send(net::Loop& loop, Call& call, bool with_content) {
    Bytes buffer(64 * 1024);
    while (with_content) {
        ssize_t got = 0;
        std::function<void()> work = [&] { got = ::read(STDIN_FILENO, buffer.data(), buffer.size()); };
        co_await net::offload(loop, std::move(work));
        if (got <= 0) break;
        const ByteView piece = buffer.view().first(static_cast<std::size_t>(got));
        if (!co_await call.write(piece)) co_return;
    }
    (void)co_await call.finish();
}

Task<Result<void>> receive(Call& call) {
    OPENPCC_CO_TRY(const auto head, co_await call.head());
    std::fprintf(stderr, "status %d\n", head.status);
    Bytes buffer(64 * 1024);
    for (;;) {
        const ByteSpan room = buffer.span();
        OPENPCC_CO_TRY(const std::size_t got, co_await call.read(room));
        if (got == 0) co_return Result<void>();
        std::fwrite(buffer.data(), 1, got, stdout);
        std::fflush(stdout);
    }
}

Task<Result<void>> exchange(net::Loop& loop, Client& client, std::string method, std::string path) {
    const bool with_content = method == "POST";
    RequestHead head{.method = std::move(method), .path = std::move(path)};
    OPENPCC_CO_TRY(const auto call, co_await client.start(std::move(head)));
    const auto sender = net::spawn_child(loop, send(loop, *call, with_content));
    auto result = co_await receive(*call);
    if (!result) sender->cancel();
    co_await sender->done();
    co_return result;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    const auto endpoint = net::Endpoint::parse(argv[1]);
    if (!endpoint) return 2;
    std::shared_ptr<const net::TlsClient> tls;
    if (std::strcmp(argv[2], "-") != 0) tls = net::TlsClient::roots_from_file(argv[2]).value();
    net::Loop loop;
    const auto client = Client::make(loop, *endpoint, ClientLimits(), tls);
    const auto result = loop.run_until_done(exchange(loop, *client, argv[3], argv[4]));
    if (result) return 0;
    std::fprintf(stderr, "%s\n", result.error().describe().c_str());
    return 3;
}

// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/proxy.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "apps/openpcc/output.hpp"
#include "apps/proxy/proxy.hpp"
#include "apps/profiles/added.hpp"
#include "crypto/random.hpp"
#include "io/confine/harden.hpp"

namespace openpcc::cli {

namespace {

// Requests of one user's programs; each holds at most a body and a piece of an answer.
constexpr std::size_t kConnections = 512;
constexpr auto kDrainTime = std::chrono::seconds(10);

Result<net::Endpoint> parse_listen(const std::string& text) {
    const auto endpoint = net::Endpoint::parse(text);
    if (!endpoint || endpoint->kind == net::Endpoint::Kind::kTls || !endpoint->is_local())
        return fail(
            config::kBadConfig,
            "--listen: expected http://127.0.0.1:PORT, http://[::1]:PORT or unix:PATH; others on the network are "
            "never served");
    return *endpoint;
}

// Prompts and answers pass through this process for as long as it runs.
Result<void> harden() {
    OPENPCC_TRY(const auto hardened, confine::harden_self());
    if (!hardened.memory_locked)
        fmt::print(stderr,
                   "openpcc: warning: the proxy's memory may be swapped out\n"
                   "openpcc: hint: ulimit -l unlimited, or switch swap off\n");
    return {};
}

void print_start(const net::Endpoint& at, const std::string& key_file, const std::optional<proxy::Key>& key) {
    fmt::print("openpcc: listening on {}\n", at.to_text());
    if (key) {
        fmt::print("openpcc: base URL {}/v1, API key in {}\n", at.to_text(), key_file);
        fmt::print("openpcc: what was verified: {}/verify\n", at.to_text());
        // Once, and to a person: what a service prints is kept in a journal that others may read.
        if (key->made() && ::isatty(STDOUT_FILENO) == 1)
            key->with([](std::string_view text) { fmt::print("openpcc: API key, shown this once: {}\n", text); });
    }
    std::fflush(stdout);
}

net::Task<void> stop(net::Loop& loop, http::Server& server) {
    const net::Deadline until = net::after(kDrainTime);
    co_await server.drain(until);
    loop.stop();
}

Result<void> run(const ProxyOptions& options) {
    OPENPCC_TRY(const net::Endpoint endpoint, parse_listen(options.listen));
    OPENPCC_TRY(auto profile, load_profile(options.choice));
    OPENPCC_CHECK(harden());
    crypto::SystemRandom random;
    const std::string key_file = options.key_file.value_or(profiles::user_folder() + "/proxy.key");
    std::optional<proxy::Key> key;
    if (endpoint.kind != net::Endpoint::Kind::kUnix) {
        OPENPCC_TRY(key, proxy::Key::load_or_make(key_file, random));
    }
    net::Loop loop;
    auto shown = proxy::PageService::of(profile);
    client::Session session(loop, std::move(profile), random, wall_clock);
    proxy::Page page(session, std::move(shown), wall_clock);
    std::unique_ptr<proxy::Proxy> serving;
    http::ServerLimits limits;
    limits.body_bytes = 2 * proxy::Limits{}.body_bytes;  // so that the proxy's own answer tells what is too long
    limits.connections = kConnections;
    OPENPCC_TRY(const auto server, http::Server::listen(loop, endpoint, limits, nullptr, [&](http::Exchange& exchange) {
                    return serving->serve(exchange);
                }));
    print_start(server->endpoint(), key_file, key);
    serving = std::make_unique<proxy::Proxy>(session, page, proxy::Door(server->endpoint(), std::move(key)),
                                             proxy::Limits{}, hint_for, random);
    int asked = 0;
    loop.on_signal([&] {
        if (++asked == 1) return loop.spawn(stop(loop, *server));
        loop.stop();
    });
    loop.run();
    return {};
}

}  // namespace

void add_proxy(CLI::App& app, ProxyOptions& options) {
    CLI::App* proxy = app.add_subcommand("proxy", "Answer the OpenAI API on this machine, by verified nodes only");
    add_service_choice(*proxy, options.choice);
    proxy->add_option("--listen", options.listen, "Where: http://127.0.0.1:PORT or unix:PATH")->capture_default_str();
    proxy->add_option("--key-file", options.key_file, "File of the key that programs show; made when there is none");
}

int proxy(const ProxyOptions& options) {
    const auto ended = run(options);
    return ended ? kOk : report(ended.error(), options.json);
}

}  // namespace openpcc::cli

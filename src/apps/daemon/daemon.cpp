// SPDX-License-Identifier: Apache-2.0
#include "apps/daemon/daemon.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <string_view>

#include "apps/daemon/certificate.hpp"
#include "io/confine/harden.hpp"
#include "version.hpp"

namespace openpcc::daemon {

namespace {

constexpr int kUsage = 1;
constexpr auto kDrainTime = std::chrono::seconds(20);

void print_help(const char* program, const char* purpose) {
    fmt::print("{}: {}\n\nusage: {} --config FILE [--check | --explain]\n       {} --version\n\n"
               "  --config FILE  the configuration (TOML); docs/operate/configuration.md lists its keys\n"
               "  --check        say whether the file is good, and run nothing\n"
               "  --explain      print every value with its origin, and run nothing\n",
               program, purpose, program, program);
}

int usage_error(const char* program, std::string_view text) {
    fmt::print(stderr, "{}: error: {}\n{}: hint: {} --help\n", program, text, program, program);
    return kUsage;
}

net::Task<void> serve_metrics(http::Exchange& exchange, const obs::Registry& registry) {
    const bool found = exchange.request().method == "GET" && exchange.request().path == "/metrics";
    http::ResponseHead head = http::problem_head(found ? 200 : 404);
    if (found) head.fields.set("content-type", "text/plain; version=0.0.4");
    const std::string text = found ? registry.dump() : std::string();
    co_await exchange.respond_whole(std::move(head), as_bytes(text));
}

net::Task<void> stop_in_order(net::Loop& loop, http::Server& server, const std::function<net::Task<void>()>& on_stop) {
    const net::Deadline deadline = net::after(kDrainTime);
    co_await server.drain(deadline);
    if (on_stop) co_await on_stop();
    loop.stop();
}

// Cuts what is in flight: handlers end in order, among objects that are all still there, and so does stop_in_order.
net::Task<void> cut(http::Server& server) {
    const net::Deadline now = net::Clock::now();
    co_await server.drain(now);
}

}  // namespace

std::variant<CommandLine, int> parse_command_line(const char* program, const char* purpose, int argc, char** argv) {
    std::string path;
    bool check = false;
    bool explain = false;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument(argv[i]);
        if (argument == "--help" || argument == "-h") {
            print_help(program, purpose);
            return 0;
        }
        if (argument == "--version") {
            fmt::print("{} {} ({})\n", program, kVersion, kRevision);
            return 0;
        }
        if (argument == "--check")
            check = true;
        else if (argument == "--explain")
            explain = true;
        else if (argument == "--config" && i + 1 < argc)
            path = argv[++i];
        else
            return usage_error(program, fmt::format("unknown argument {}", argument));
    }
    if (path.empty()) return usage_error(program, "no configuration was given: --config FILE");
    auto file = config::File::load(path);
    if (!file) {
        fmt::print(stderr, "{}: error: {}\n", program, file.error().text());
        return kUsage;
    }
    return CommandLine{std::move(*file), check, explain};
}

std::optional<int> judge_config(const char* program, CommandLine& command_line) {
    if (const auto good = command_line.file.finish(); !good) {
        fmt::print(stderr, "{}: error: the configuration is not good\n{}\n", program, good.error().text());
        return kUsage;
    }
    if (command_line.explain) fmt::print("{}", command_line.file.explain());
    if (command_line.check) fmt::print("{}: the configuration is good\n", program);
    if (command_line.explain || command_line.check) return 0;
    return std::nullopt;
}

std::optional<int> harden(const char* program) {
    const auto hardened = confine::harden_self();
    if (!hardened) return fail(program, hardened.error());
    if (!hardened->memory_locked)
        fmt::print(stderr, "{0}: warning: its memory may be swapped out\n{0}: hint: LimitMEMLOCK=infinity, or switch swap off\n",
                   program);
    return std::nullopt;
}

Listener Listener::read(config::File& file) {
    Listener listener;
    listener.endpoint = file.endpoint("listen");
    listener.certificate = file.optional_path("tls.certificate");
    listener.key = file.optional_path("tls.key");
    const bool tls = listener.endpoint.kind == net::Endpoint::Kind::kTls;
    if (tls != listener.certificate.has_value() || tls != listener.key.has_value())
        file.problem("tls", "certificate and key belong to a listener of https://, and only to one");
    return listener;
}

void Metrics::read(config::File& file) {
    if (!file.optional_text("metrics")) return;
    endpoint = file.endpoint("metrics");
    if (!endpoint->is_local()) file.problem("metrics", "expected a UNIX socket or a loopback address");
}

int serve(const char* program, net::Loop& loop, const Listener& listener, Metrics& metrics, http::ServerLimits limits,
          http::Handler handler, std::function<net::Task<void>()> on_stop) {
    std::unique_ptr<Certificate> certificate;
    if (listener.certificate) {
        auto loaded = Certificate::load(program, *listener.certificate, *listener.key, metrics.registry);
        if (!loaded) return fail(program, loaded.error());
        certificate = std::move(*loaded);
        loop.spawn(certificate->watch());
    }
    // Without a certificate there is nothing to read again, and the daemon stays.
    loop.on_hangup([&] {
        if (certificate != nullptr) certificate->reload();
    });
    auto tls = certificate == nullptr ? nullptr : certificate->tls();
    auto server = http::Server::listen(loop, listener.endpoint, limits, std::move(tls), std::move(handler));
    if (!server) return fail(program, server.error());
    std::unique_ptr<http::Server> metrics_server;
    if (metrics.endpoint) {
        auto started = http::Server::listen(loop, *metrics.endpoint, http::ServerLimits{}, nullptr,
                                            [&](http::Exchange& exchange) { return serve_metrics(exchange, metrics.registry); });
        if (!started) return fail(program, started.error());
        metrics_server = std::move(*started);
    }
    fmt::print("{}: listening on {}\n", program, (*server)->endpoint().to_text());
    std::fflush(stdout);
    int asked = 0;
    loop.on_signal([&] {
        ++asked;
        if (asked == 1) return loop.spawn(stop_in_order(loop, **server, on_stop));
        if (asked == 2) return loop.spawn(cut(**server));
        loop.stop();  // something does not end
    });
    loop.run();
    return 0;
}

int fail(const char* program, const Error& error) {
    fmt::print(stderr, "{}: error: {}\n", program, error.describe());
    return error.category() == Category::kBadInput ? kUsage : 6;
}

net::Task<void> every(net::Clock::duration interval, std::function<void()> work) {
    while (true) {
        const net::Deadline next = net::after(interval);
        const auto slept = co_await net::sleep_until(next);
        if (!slept) co_return;
        work();
    }
}

TimePoint wall_clock() { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); }

}  // namespace openpcc::daemon

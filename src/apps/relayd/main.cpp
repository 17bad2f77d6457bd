// SPDX-License-Identifier: Apache-2.0
#include "apps/daemon/daemon.hpp"
#include "hops/relay/relay.hpp"

using namespace openpcc;

namespace {
constexpr const char* kProgram = "relayd";
}

int main(int argc, char** argv) {
    auto parsed = daemon::parse_command_line(kProgram, "hides who asks: forwards sealed requests to one gateway", argc, argv);
    if (const int* code = std::get_if<int>(&parsed)) return *code;
    auto& command_line = std::get<daemon::CommandLine>(parsed);
    config::File& file = command_line.file;

    const daemon::Listener listener = daemon::Listener::read(file);
    daemon::Metrics metrics;
    metrics.read(file);
    const net::Endpoint gateway = file.endpoint("gateway");
    const auto roots = file.optional_path("gateway_roots");
    relay::Limits limits;
    limits.request_bytes = static_cast<std::uint64_t>(file.number_or("limits.request_bytes", 4 << 20, 1 << 10, 1 << 30));
    limits.response_bytes = static_cast<std::uint64_t>(file.number_or("limits.response_bytes", 64 << 20, 1 << 10, 1 << 30));
    http::ServerLimits server_limits;
    server_limits.body_bytes = limits.request_bytes;
    server_limits.connections = static_cast<std::size_t>(file.number_or("limits.connections", 1024, 1, 1 << 20));
    if (const auto code = daemon::judge_config(kProgram, command_line)) return *code;
    if (const auto code = daemon::harden(kProgram)) return *code;

    std::shared_ptr<const net::TlsClient> tls;
    if (gateway.kind == net::Endpoint::Kind::kTls) {
        auto loaded = roots ? net::TlsClient::roots_from_file(*roots) : net::TlsClient::system_roots();
        if (!loaded) return daemon::fail(kProgram, loaded.error());
        tls = std::move(*loaded);
    }
    obs::Refusals refusals(metrics.registry, "openpcc_relay_refusals_total");
    net::Loop loop;
    relay::Relay relay(http::Client::make(loop, gateway, http::ClientLimits{}, std::move(tls)), limits, refusals);
    return daemon::serve(kProgram, loop, listener, metrics, server_limits,
                         [&](http::Exchange& exchange) { return relay.serve(exchange); });
}

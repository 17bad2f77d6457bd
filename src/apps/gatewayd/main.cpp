// SPDX-License-Identifier: Apache-2.0
#include "apps/daemon/daemon.hpp"
#include "apps/gatewayd/offer.hpp"
#include "crypto/random.hpp"
#include "hops/gateway/gateway.hpp"

using namespace openpcc;

namespace {

constexpr const char* kProgram = "gatewayd";
// About 50 MiB of seen keys; at a key an hour that is 290 requests a second.
constexpr std::int64_t kReplayCapacity = 1 << 20;

Result<crypto::SigningKey> load_key(const std::string& path) {
    OPENPCC_TRY(std::string pem, config::read_private_file(path, 16 * 1024));
    auto key = crypto::SigningKey::parse_pem(as_bytes(pem));
    wipe({reinterpret_cast<std::uint8_t*>(pem.data()), pem.size()});
    return key;
}

}  // namespace

int main(int argc, char** argv) {
    auto parsed = daemon::parse_command_line(kProgram, "opens the outer layer and picks a node; never sees a prompt", argc, argv);
    if (const int* code = std::get_if<int>(&parsed)) return *code;
    auto& command_line = std::get<daemon::CommandLine>(parsed);
    config::File& file = command_line.file;

    const daemon::Listener listener = daemon::Listener::read(file);
    daemon::Metrics metrics;
    metrics.read(file);
    const std::vector<net::Endpoint> nodes = file.endpoints("nodes");
    const auto roots = file.optional_path("node_roots");
    const std::string service_key_path = file.path("service_key");
    const gateway::KeyTimes times{Seconds(file.number_or("keys.rotation_seconds", 3600, 2, 86400)),
                                  Seconds(file.number_or("keys.overlap_seconds", 600, 1, 86400))};
    const auto replay_capacity = static_cast<std::size_t>(file.number_or("keys.replay_capacity", kReplayCapacity, 1, 1 << 28));
    gatewayd::Offer::Settings offer_settings = gatewayd::Offer::Settings::read(file);
    gateway::Limits limits;
    limits.content_bytes = static_cast<std::uint64_t>(file.number_or("limits.request_bytes", 2 << 20, 1 << 10, 1 << 30));
    http::ServerLimits server_limits;
    server_limits.body_bytes = limits.content_bytes * 2;
    server_limits.connections = static_cast<std::size_t>(file.number_or("limits.connections", 4096, 1, 1 << 20));
    if (const auto code = daemon::judge_config(kProgram, command_line)) return *code;
    if (const auto code = daemon::harden(kProgram)) return *code;

    crypto::SystemRandom random;
    auto service_key = load_key(service_key_path);
    if (!service_key) return daemon::fail(kProgram, service_key.error());
    auto keys = gateway::KeyRing::make(hpke::served_kems(), std::move(*service_key), times, replay_capacity, random,
                                       daemon::wall_clock());
    if (!keys) return daemon::fail(kProgram, keys.error());

    std::shared_ptr<const net::TlsClient> tls;
    auto loaded = roots ? net::TlsClient::roots_from_file(*roots) : net::TlsClient::system_roots();
    if (!loaded) return daemon::fail(kProgram, loaded.error());
    tls = std::move(*loaded);

    obs::Refusals refusals(metrics.registry, "openpcc_gateway_refusals_total");
    net::Loop loop;
    std::vector<std::unique_ptr<http::Client>> clients;
    for (const net::Endpoint& node : nodes)
        clients.push_back(http::Client::make(loop, node, http::ClientLimits{},
                                             node.kind == net::Endpoint::Kind::kTls ? tls : nullptr));
    gateway::NodePool pool(loop, std::move(clients));
    loop.spawn(pool.watch(std::chrono::milliseconds(500)));
    loop.spawn(daemon::every(std::chrono::seconds(1), [&] {
        if (const auto rotated = (*keys)->rotate(daemon::wall_clock()); !rotated) daemon::fail(kProgram, rotated.error());
    }));
    const auto offer = gatewayd::Offer::start(std::move(offer_settings), loop, random, metrics.registry);
    if (!offer) return daemon::fail(kProgram, offer.error());
    gateway::Gateway gateway(**keys, pool, limits, random, refusals, [&] { return (*offer)->now(); });
    return daemon::serve(kProgram, loop, listener, metrics, server_limits,
                         [&](http::Exchange& exchange) { return gateway.serve(exchange); });
}

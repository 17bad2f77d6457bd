// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>

#include "apps/daemon/daemon.hpp"
#include "core/text.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "crypto/x509/x509.hpp"
#include "hops/node/device_attester.hpp"
#include "hops/node/engine.hpp"
#include "hops/node/errors.hpp"
#include "hops/node/keeper.hpp"
#include "hops/node/worker.hpp"
#include "wire/json.hpp"
#if OPENPCC_SIMULATED_HARDWARE
#include "evidence/simulated/collateral.hpp"
#include "hops/node/simulated_attester.hpp"
#include "trust/collateral/collection.hpp"
#endif

using namespace openpcc;

namespace {

constexpr const char* kProgram = "noded";
constexpr std::int64_t kReplayCapacity = 1 << 20;

// The model's digest is SHA-256 over its file, read as a stream: weights are large.
Result<Digest256> model_digest(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(config::kBadFile, path + ": cannot be read");
    crypto::Sha256Stream hash;
    std::array<char, 1 << 16> piece;
    while (file.read(piece.data(), piece.size()) || file.gcount() > 0)
        hash.update({reinterpret_cast<const std::uint8_t*>(piece.data()), static_cast<std::size_t>(file.gcount())});
    return std::move(hash).finish();
}

struct Settings {
    daemon::Listener listener;
    node::Identity identity;
    node::EngineProfile engine;
    std::string socket_directory;
    node::KeyTimes times;
    std::size_t replay_capacity = 0;
    node::WorkerLimits limits;
    std::optional<std::string> device_certificates;
    std::optional<std::string> simulated_certificate;
    std::optional<std::string> simulated_key;
};

Settings read_settings(config::File& file) {
    Settings settings;
    settings.listener = daemon::Listener::read(file);
    settings.identity.release = file.text("release");
    settings.engine.kind = file.text_or("engine.kind", "llama-server");
    settings.engine.root = file.path("engine.root");
    settings.engine.model_path = file.path("engine.model");
    settings.engine.model_name = file.text("engine.model_name");
    settings.engine.parallel = static_cast<std::uint32_t>(file.number_or("engine.parallel", 4, 1, 1024));
    settings.engine.context_tokens =
        static_cast<std::uint32_t>(file.number_or("engine.context_tokens", 2048, 64, 1 << 20));
    settings.engine.limits.max_tokens =
        static_cast<std::uint32_t>(file.number_or("limits.max_tokens", 1024, 1, 1 << 20));
    settings.engine.limits.choices = static_cast<std::uint32_t>(
        file.number_or("limits.choices", std::min<std::int64_t>(4, settings.engine.parallel), 1, 64));
    settings.engine.limits.images = static_cast<std::uint32_t>(file.number_or("engine.images", 0, 0, 64));
    settings.engine.projector = file.optional_path("engine.projector").value_or("");
    settings.engine.embeddings = file.text_or("engine.embeddings", "none");
    if (const auto runnable = settings.engine.check(); !runnable) file.problem("engine", runnable.error().text());
    settings.socket_directory = file.path("engine.socket_directory");
    settings.times = {Seconds(file.number_or("keys.rotation_seconds", 3000, 2, 3600)),
                      Seconds(file.number_or("keys.overlap_seconds", 600, 1, 3600))};
    if (settings.times.rotation + settings.times.overlap > Seconds(3600))
        file.problem("keys", "rotation_seconds and overlap_seconds together may be an hour at most");
    settings.replay_capacity =
        static_cast<std::size_t>(file.number_or("keys.replay_capacity", kReplayCapacity, 1, 1 << 28));
    settings.limits.sealed_bytes =
        static_cast<std::uint64_t>(file.number_or("limits.request_bytes", 2 << 20, 1 << 10, 1 << 30));
    settings.limits.answer_time = std::chrono::seconds(file.number_or("limits.answer_seconds", 600, 1, 86400));
    settings.device_certificates = file.optional_path("device.certificates");
#if OPENPCC_SIMULATED_HARDWARE
    settings.simulated_certificate = file.optional_path("simulated.root_certificate");
    settings.simulated_key = file.optional_path("simulated.root_key");
    if (settings.simulated_certificate && !settings.listener.endpoint.is_local())
        file.problem("listen", "a simulated node listens on a loopback address or a UNIX socket only");
#endif
    return settings;
}

Result<std::unique_ptr<node::Attester>> open_device(net::Loop& loop, const Settings& settings) {
    std::vector<Bytes> certificates;
    if (settings.device_certificates) {
        OPENPCC_TRY(const std::string pem, config::read_file(*settings.device_certificates, 64 * 1024));
        OPENPCC_TRY(const auto chain, x509::Certificate::parse_pem_chain(as_bytes(pem), 2));
        for (const x509::Certificate& certificate : chain) certificates.push_back(certificate.der());
    }
    return node::open_device_attester(loop, std::move(certificates));
}

#if OPENPCC_SIMULATED_HARDWARE
Result<policy::TdxMeasurement> measurement(const Settings& settings) {
    return node::simulated_measurement(settings.identity.release, "/proc/self/exe");
}

Result<simulated::RootAuthority> simulated_root(const Settings& settings) {
    OPENPCC_TRY(const std::string certificate, config::read_file(*settings.simulated_certificate, 16 * 1024));
    OPENPCC_TRY(const std::string key, config::read_private_file(*settings.simulated_key, 16 * 1024));
    return simulated::RootAuthority::from_pem(as_bytes(certificate), as_bytes(key));
}

// A simulated node is one that names a throwaway root: it never becomes one for want of a device.
Result<std::unique_ptr<node::Attester>> make_attester(net::Loop& loop, const Settings& settings, Random& random) {
    if (!settings.simulated_certificate && !settings.simulated_key) return open_device(loop, settings);
    if (!settings.simulated_certificate || !settings.simulated_key)
        return fail(node::kNoHardware, "a simulated node needs simulated.root_certificate and simulated.root_key");
    OPENPCC_TRY(const auto root, simulated_root(settings));
    OPENPCC_TRY(const auto measured, measurement(settings));
    return node::make_simulated_attester(root, measured, random, daemon::wall_clock());
}

// What a vendor would publish about platforms under the throwaway root, for clients of this node.
int publish_collateral(const Settings& settings) {
    if (!settings.simulated_certificate || !settings.simulated_key)
        return daemon::fail(kProgram, Error(node::kNoHardware));
    crypto::SystemRandom random;
    const auto root = simulated_root(settings);
    if (!root) return daemon::fail(kProgram, root.error());
    collateral::Collection collection;
    collection.fetched = daemon::wall_clock();
    auto published = simulated::published_by(*root, random, collection.fetched);
    if (!published) return daemon::fail(kProgram, published.error());
    collection.tdx = std::move(*published);
    const auto text = collection.to_json();
    if (!text) return daemon::fail(kProgram, text.error());
    fmt::print("{}", *text);
    return 0;
}

#else
Result<std::unique_ptr<node::Attester>> make_attester(net::Loop& loop, const Settings& settings, Random&) {
    return open_device(loop, settings);
}
#endif

// What a client's policy must name to accept this node: the stand-in for a release manifest until there are releases.
// The measurement of genuine hardware is not known to a program that runs on it, so it is null there.
Result<json::Value> measured_object(const Settings& settings) {
#if OPENPCC_SIMULATED_HARDWARE
    if (settings.simulated_certificate) {
        OPENPCC_TRY(const auto measured, measurement(settings));
        return json::parse(as_bytes(measured.to_json()));
    }
#else
    (void)settings;
#endif
    return json::Value();
}

int describe(const Settings& settings) {
    auto measured = measured_object(settings);
    if (!measured) return daemon::fail(kProgram, measured.error());
    json::Value out = json::Value::object();
    out.set("measurement", std::move(*measured));
    out.set("model", json::Value::string(to_hex(settings.identity.model)));
    out.set("engine_profile", json::Value::string(to_hex(settings.identity.engine_profile)));
    fmt::print("{}\n", out.to_text());
    return 0;
}

// EngineReport tells the operator when the engine comes and goes: a line for each change, and none of what it was asked.
class EngineReport {
  public:
    void look(const node::Engine& engine) {
        if (engine.falls() != falls_) {
            falls_ = engine.falls();
            ready_ = false;
            fmt::print(stderr, "{}: warning: the engine went down, and is started again: {}\n", kProgram, engine.trouble());
        }
        if (ready_ || engine.state() != node::Engine::State::kReady) return;
        ready_ = true;
        fmt::print(stderr, "{}: the engine is ready\n", kProgram);
    }

  private:
    std::uint32_t falls_ = 0;  // that were told
    bool ready_ = false;
};

int run(const Settings& settings, daemon::Metrics& metrics, obs::Refusals& refusals) {
    crypto::SystemRandom random;
    net::Loop loop;
    auto attester = make_attester(loop, settings, random);
    if (!attester) return daemon::fail(kProgram, attester.error());
    auto keeper = node::LocalKeeper::make(settings.identity, hpke::served_kems(), settings.times,
                                          settings.replay_capacity, std::move(*attester), random, daemon::wall_clock());
    if (!keeper) return daemon::fail(kProgram, keeper.error());

    auto engine = node::Engine::start(loop, settings.engine, settings.socket_directory);
    if (!engine) return daemon::fail(kProgram, engine.error());
    EngineReport report;
    loop.spawn(daemon::every(std::chrono::seconds(1), [&] {
        report.look(**engine);
        if (const auto rotated = (*keeper)->rotate(daemon::wall_clock()); !rotated)
            daemon::fail(kProgram, rotated.error());
    }));
    node::Worker worker(**keeper, **engine, settings.engine.dialect(), settings.limits, random, daemon::wall_clock,
                        refusals);
    http::ServerLimits limits;
    limits.body_bytes = settings.limits.sealed_bytes;
    return daemon::serve(
        kProgram, loop, settings.listener, metrics, limits,
        [&](http::Exchange& exchange) { return worker.serve(exchange); },
        [&]() -> net::Task<void> { return (*engine)->stop(); });
}

}  // namespace

int main(int argc, char** argv) {
    // `--describe` and `--collateral` beside the flags that all daemons have.
    bool want_description = false;
    bool want_collateral = false;
    std::vector<char*> arguments;
    for (int i = 0; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--describe")
            want_description = true;
        else if (std::string_view(argv[i]) == "--collateral")
            want_collateral = true;
        else
            arguments.push_back(argv[i]);
    }
    auto parsed =
        daemon::parse_command_line(kProgram,
                                   "proves itself, opens the seal, calls the engine, seals the answer\n"
                                   "       --describe beside --config prints what a policy must name to accept it\n"
                                   "       --collateral beside it prints a simulated vendor's collateral",
                                   static_cast<int>(arguments.size()), arguments.data());
    if (const int* code = std::get_if<int>(&parsed)) return *code;
    auto& command_line = std::get<daemon::CommandLine>(parsed);
    Settings settings = read_settings(command_line.file);
    daemon::Metrics metrics;
    metrics.read(command_line.file);
    if (const auto code = daemon::judge_config(kProgram, command_line)) return *code;

    const auto model = model_digest(settings.engine.model_path);
    if (!model) return daemon::fail(kProgram, model.error());
    settings.identity.model = *model;
    if (!settings.engine.projector.empty()) {
        const auto projector = model_digest(settings.engine.projector);
        if (!projector) return daemon::fail(kProgram, projector.error());
        settings.engine.projector_digest = *projector;
    }
    settings.identity.engine_profile = settings.engine.digest();
    if (want_description) return describe(settings);
#if OPENPCC_SIMULATED_HARDWARE
    if (want_collateral) return publish_collateral(settings);
#else
    if (want_collateral) return daemon::fail(kProgram, node::kNoHardware);
#endif
    if (const auto code = daemon::harden(kProgram)) return *code;
    obs::Refusals refusals(metrics.registry, "openpcc_node_refusals_total");
    return run(settings, metrics, refusals);
}

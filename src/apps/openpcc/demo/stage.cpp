// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/demo/stage.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "apps/console/console.hpp"
#include "apps/openpcc/choice.hpp"
#include "core/text.hpp"
#include "crypto/random.hpp"
#include "evidence/simulated/collateral.hpp"
#include "trust/profile/service_key.hpp"
#include "wire/json.hpp"

namespace openpcc::demo {

namespace {

using namespace std::chrono_literals;
constexpr auto kStartTime = 20s;
constexpr auto kStopTime = 5s;
constexpr std::string_view kRelease = "openpcc-demo-1";

std::string absolute(const std::string& path) { return std::filesystem::absolute(path).lexically_normal().string(); }

std::string node_configuration(const StageOptions& options, const std::string& folder, std::size_t number) {
    return fmt::format(R"(listen = "unix:{0}/node-{1}.sock"
metrics = "unix:{0}/node-{1}.metrics"
release = "{2}"

[engine]
kind = "llama-server"
root = "{3}"
model = "{4}"
model_name = "demo"
parallel = 2
context_tokens = 1024
socket_directory = "{0}/engine-{1}"

[simulated]
root_certificate = "{0}/root.pem"
root_key = "{0}/root.key"
)",
                       folder, number, kRelease, absolute(options.engine_root), absolute(options.model));
}

// Started is a program whose standard output is read here; what it says otherwise goes to a log file.
struct Started {
    confine::Process process;
    confine::Fd output;
};

Result<Started> start_program(const std::vector<std::string>& argv, const std::string& log_path) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return fail(kCannotStart, "no pipe");
    confine::Fd output(ends[0]);
    const confine::Fd child_output(ends[1]);  // closed here after the start, so that its end is noticed
    const confine::Fd log(::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    confine::SpawnOptions options;
    options.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
    options.output = child_output.get();
    options.errors = log.get();
    auto process = confine::Process::spawn(argv, options);
    if (!process) return fail(kCannotStart, process.error().describe());
    return Started{std::move(*process), std::move(output)};
}

// Reads one line of a child's output, for at most `time`.
Result<std::string> read_line(int fd, std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    std::string line;
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        pollfd waiting{fd, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return fail(kCannotStart, "it says nothing");
        char byte = 0;
        if (::read(fd, &byte, 1) != 1) return fail(kCannotStart, "it ended at once");
        if (byte == '\n') return line;
        line.push_back(byte);
    }
}

std::string last_lines(const std::string& path) {
    const std::string text = config::read_file(path, 1 << 20).value_or("");
    return text.size() > 600 ? text.substr(text.size() - 600) : text;
}

Result<Digest256> digest_member(const json::Value& object, std::string_view name) {
    const json::Value* value = object.get(name);
    return array_from_hex<Digest256>(value == nullptr ? "" : value->as_string().value_or(""));
}

}  // namespace

Result<void> Stage::make_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "openpcc-demo-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) return fail(kCannotStart, pattern + ": cannot be made");
    folder_ = pattern;
    return {};
}

Result<void> Stage::make_keys() {
    service_key_ = std::make_unique<crypto::SigningKey>(crypto::SigningKey::generate_ed25519());
    OPENPCC_TRY(auto root, simulated::RootAuthority::create(cli::wall_clock()));
    root_ = std::make_unique<simulated::RootAuthority>(std::move(root));
    const auto write_secret = [&](const std::string& name, const SecretBytes& secret) {
        return secret.with([&](ByteView pem) { return config::write_file(folder_ + "/" + name, as_text(pem), 0600); });
    };
    OPENPCC_CHECK(write_secret("service.key", service_key_->to_pem()));
    OPENPCC_CHECK(write_secret("root.key", root_->key_pem()));
    return config::write_file(folder_ + "/root.pem", root_->certificate_pem(), 0644);
}

// What a vendor would publish about platforms under this root.
Result<void> Stage::make_collateral() {
    crypto::SystemRandom random;
    const TimePoint now = std::chrono::floor<Seconds>(std::chrono::system_clock::now());
    collateral_.fetched = now;
    OPENPCC_TRY(collateral_.tdx, simulated::published_by(*root_, random, now));
    OPENPCC_TRY(const std::string text, collateral_.to_json());
    return config::write_file(folder_ + "/collateral.json", text, 0644);
}

Result<void> Stage::start_role(const std::string& name, const std::string& program, const std::string& configuration) {
    std::string base = folder_ + "/" + name;
    std::ranges::replace(base, ' ', '-');
    OPENPCC_CHECK(config::write_file(base + ".toml", configuration, 0600));
    OPENPCC_TRY(auto started, start_program({programs_ + "/" + program, "--config", base + ".toml"}, base + ".log"));
    const auto line = read_line(started.output.get(), kStartTime);
    const std::size_t at = line ? line->find("listening on ") : std::string::npos;
    if (at == std::string::npos) return fail(kCannotStart, name + " did not start; its log ends:\n" + last_lines(base + ".log"));
    OPENPCC_TRY(const auto endpoint, net::Endpoint::parse(line->substr(at + 13)));
    roles_.push_back({name, std::move(started.process), endpoint, *net::Endpoint::parse("unix:" + base + ".metrics")});
    return {};
}

Result<std::string> Stage::describe_node(const std::string& configuration_path) {
    const std::string log = configuration_path + ".log";
    OPENPCC_TRY(auto started, start_program({programs_ + "/noded", "--config", configuration_path, "--describe"}, log));
    auto line = read_line(started.output.get(), kStartTime);
    if (!line) return fail(kCannotStart, "noded cannot describe itself; its log ends:\n" + last_lines(log));
    return line;
}

// The demo's own release: what the node program says of itself before it runs. A real service's comes from a signed,
// logged release.
Result<void> Stage::make_policy(const std::string& description) {
    OPENPCC_TRY(const auto object, json::parse(as_bytes(description)));
    const json::Value* measurement = object.get("measurement");
    if (measurement == nullptr) return fail(kCannotStart, "noded --describe gave no measurement");
    policy_ = policy::Policy::of(policy::Preset::kDevelopment, cli::wall_clock());
    OPENPCC_TRY(const auto registers, policy::TdxMeasurement::parse(as_bytes(measurement->to_text())));
    OPENPCC_TRY(const auto model, digest_member(object, "model"));
    OPENPCC_TRY(const auto profile, digest_member(object, "engine_profile"));
    policy_.tdx_measurements.push_back(registers);
    policy_.models.push_back(model);
    policy_.engine_profiles.push_back(profile);
    return config::write_file(folder_ + "/policy.json", policy_.to_json(), 0644);
}

Result<void> Stage::start_nodes(const StageOptions& options, const Progress& progress) {
    for (std::size_t i = 1; i <= options.nodes; ++i) {
        progress(fmt::format("starting node {} of {}, with its engine in a sandbox", i, options.nodes));
        const std::string engine_folder = fmt::format("{}/engine-{}", folder_, i);
        if (::mkdir(engine_folder.c_str(), 0700) != 0) return fail(kCannotStart, engine_folder + ": cannot be made");
        const std::string configuration = node_configuration(options, folder_, i);
        if (i == 1) {
            const std::string path = folder_ + "/describe.toml";
            OPENPCC_CHECK(config::write_file(path, configuration, 0600));
            OPENPCC_TRY(const std::string description, describe_node(path));
            OPENPCC_CHECK(make_policy(description));
        }
        OPENPCC_CHECK(start_role(fmt::format("node {}", i), "noded", configuration));
    }
    return {};
}

Result<std::unique_ptr<Stage>> Stage::start(const StageOptions& options, const Progress& progress) {
    std::unique_ptr<Stage> stage(new Stage);
    stage->programs_ = options.programs;
    OPENPCC_CHECK(stage->make_folder());
    progress("making keys and a throwaway root of trust");
    OPENPCC_CHECK(stage->make_keys());
    OPENPCC_CHECK(stage->make_collateral());
    OPENPCC_CHECK(stage->start_nodes(options, progress));
    progress("starting the gateway");
    std::string nodes;
    for (const Role& role : stage->roles_) nodes += fmt::format("{}\"{}\"", nodes.empty() ? "" : ", ", role.endpoint.to_text());
    const std::string& folder = stage->folder_;
    OPENPCC_CHECK(stage->start_role("gateway", "gatewayd",
                                    fmt::format("listen = \"unix:{0}/gateway.sock\"\nmetrics = \"unix:{0}/gateway.metrics\"\n"
                                                "nodes = [{1}]\nservice_key = \"{0}/service.key\"\n",
                                                folder, nodes)));
    progress("starting the relay");
    OPENPCC_CHECK(stage->start_role("relay", "relayd",
                                    fmt::format("listen = \"http://127.0.0.1:0\"\nmetrics = \"unix:{0}/relay.metrics\"\n"
                                                "gateway = \"unix:{0}/gateway.sock\"\n",
                                                folder)));
    OPENPCC_CHECK(config::write_file(
        stage->client_config(),
        fmt::format("relay = \"{0}\"\nservice_key = \"{1}\"\npolicy = \"{2}/policy.json\"\ncollateral = \"{2}/collateral.json\"\n\n[simulated]\nroots = \"{2}/root.pem\"\n",
                    stage->role("relay").endpoint.to_text(), profile::service_key_text(stage->service_key_->verifying_key()), folder),
        0644));
    return stage;
}

Stage::Role& Stage::role(std::string_view name) {
    return *std::ranges::find_if(roles_, [&](const Role& role) { return role.name == name; });
}

client::Profile Stage::profile() const {
    const auto relay = std::ranges::find(roles_, "relay", &Role::name);
    verify::Roots roots = verify::genuine_roots();
    roots.simulated.tdx.push_back(root_->certificate());
    return {relay->endpoint, nullptr, service_key_->verifying_key(), policy_, roots, collateral_};
}

void Stage::stop_role(std::string_view name) {
    std::erase_if(roles_, [&](Role& role) {
        if (role.name != name) return false;
        static_cast<void>(role.process.signal(SIGTERM));
        role.process.wait(kStopTime);
        return true;
    });
}

Stage::~Stage() {
    // Against the stream: nobody's peer goes away while it is still asked. Signals first, so that all end together.
    for (auto role = roles_.rbegin(); role != roles_.rend(); ++role) static_cast<void>(role->process.signal(SIGTERM));
    for (auto role = roles_.rbegin(); role != roles_.rend(); ++role) role->process.wait(kStopTime);
    roles_.clear();
    std::error_code ignored;
    if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace openpcc::demo

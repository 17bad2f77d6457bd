// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "apps/config/config.hpp"
#include "apps/openpcc-admin/noded.hpp"
#include "apps/openpcc-admin/options.hpp"
#include "apps/policies/policy_file.hpp"
#include "io/device/inspection.hpp"
#include "io/device/machine.hpp"
#include "io/net/listener.hpp"
#include "io/net/tls.hpp"
#include "trust/policy/lint.hpp"

namespace openpcc::admin {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostKey = 64 * 1024;
constexpr std::int64_t kWarnDays = 14;
constexpr const char* kSynchronized = "/run/systemd/timesync/synchronized";
constexpr std::string_view kRoles[] = {"relay", "gateway", "node"};

enum class Level : std::uint8_t { kOk, kWarning, kIncomplete, kFailed };
std::string_view to_string(Level level) {
    constexpr std::string_view kNames[] = {"ok", "warning", "incomplete", "failed"};
    return kNames[static_cast<std::size_t>(level)];
}

struct Line {
    Level level;
    std::string subject;  // the role, or what else it is about
    std::string text;
    std::string remedy;
};
using Lines = std::vector<Line>;

std::int64_t days_left(TimePoint end) { return (end - cli::wall_clock()).count() / 86400; }

void look_at_key(Lines& out, const std::string& role, const std::string& path) {
    const auto key = config::read_private_file(path, kMostKey);
    if (!key) return out.push_back({Level::kFailed, role, key.error().text(), "mode 0600, of the daemon's user"});
    struct stat folder{};
    const std::string parent = fs::path(path).parent_path().string();
    if (::stat(parent.c_str(), &folder) == 0 && (folder.st_mode & 022) != 0)
        return out.push_back(
            {Level::kFailed, role, parent + ": others may put another key there", "chmod 700 " + parent});
    out.push_back({Level::kOk, role, path + ": a key that is its owner's alone", ""});
}

void look_at_certificate(Lines& out, const std::string& role, const std::string& chain, const std::string& key) {
    const auto tls = net::TlsServer::from_files(chain, key);
    if (!tls) return out.push_back({Level::kFailed, role, tls.error().text(), "docs/operate/tls.md"});
    const std::int64_t left = days_left((*tls)->expires());
    const Level level = left < 0 ? Level::kFailed : left < kWarnDays ? Level::kWarning : Level::kOk;
    out.push_back({level, role, fmt::format("{}: until {}, {} days", chain, to_rfc3339((*tls)->expires()), left),
                   level == Level::kOk ? "" : "renew it; the daemon reads it again by itself"});
}

// The same bind that the daemon makes, without TLS, which does not matter for a port.
void look_at_port(Lines& out, const std::string& role, net::Endpoint endpoint) {
    const std::string text = endpoint.to_text();
    if (endpoint.kind == net::Endpoint::Kind::kUnix) {
        const std::string folder = fs::path(endpoint.host).parent_path().string();
        if (!fs::is_directory(folder))
            out.push_back({Level::kFailed, role, text + ": no such folder", "mkdir " + folder});
        return;
    }
    endpoint.kind = net::Endpoint::Kind::kTcp;
    net::Loop loop;
    const auto listener = net::Listener::open(loop, endpoint, nullptr);
    if (listener) return out.push_back({Level::kOk, role, text + ": free", ""});
    out.push_back({Level::kFailed, role, text + ": " + listener.error().describe(),
                   fmt::format("does it run already? ss -ltnp | grep :{}", endpoint.port)});
}

void look_at_engine(Lines& out, config::File& file) {
    const auto need = [&](const std::string& path, const std::string& remedy) {
        if (::access(path.c_str(), R_OK) != 0)
            out.push_back({Level::kFailed, "node", path + ": cannot be read", remedy});
        else
            out.push_back({Level::kOk, "node", path + ": is there", ""});
    };
    need("/usr/bin/bwrap", "apt-get install bubblewrap");
    need(file.path("engine.root") + "/usr", "fetch the engine: docs/operate/first-hour.md");
    need(file.path("engine.model"), "put the model there, or name the right path");
}

void look_at_device(Lines& out) {
    const auto files = device::make_root_files("");
    const device::Inspection found = device::inspect(device::read_machine(*files));
    out.push_back({found.can_attest() ? Level::kOk : Level::kIncomplete, "node", found.summary(),
                   found.can_attest() ? "" : "openpcc-admin inspect"});
}

void look_at_role(Lines& out, const std::string& role, const std::string& path, const std::string& programs) {
    const auto said = ask_daemon(programs + "/" + role + "d", path, "--check");
    if (!said) {
        out.push_back({Level::kFailed, role, said.error().text(), "docs/operate/configuration.md has every key"});
        return;
    }
    out.push_back({Level::kOk, role, path + ": the configuration is good", ""});
    auto file = config::File::load(path);
    if (!file) return;  // read by the daemon a moment ago
    look_at_port(out, role, file->endpoint("listen"));
    if (file->optional_text("metrics")) look_at_port(out, role, file->endpoint("metrics"));
    const auto chain = file->optional_path("tls.certificate"), key = file->optional_path("tls.key");
    if (key) look_at_key(out, role, *key);
    if (chain && key) look_at_certificate(out, role, *chain, *key);
    if (role == "gateway") look_at_key(out, role, file->path("service_key"));
    if (role != "node") return;
    look_at_engine(out, *file);
    const auto root = file->optional_path("simulated.root_key");
    if (!root) return look_at_device(out);
    look_at_key(out, role, *root);
    out.push_back({Level::kWarning, role, "simulated hardware: it protects nothing", "for trying things out alone"});
}

void look_at_policy(Lines& out, const std::string& path) {
    auto file = policies::read_claimed(path);
    if (!file) return out.push_back({Level::kFailed, "policy", file.error().text(), "openpcc-admin policy make"});
    const policy::Policy policy = std::move(*file).claimed().policy;
    for (const policy::Finding& finding : policy::lint(policy, cli::wall_clock()))
        out.push_back({finding.severity == policy::Finding::Severity::kError ? Level::kFailed : Level::kWarning,
                       "policy", finding.member + ": " + finding.text, "docs/reference/policy.md"});
    out.push_back({Level::kOk, "policy", fmt::format("{}: until {}", path, to_rfc3339(policy.expires)), ""});
}

void look_at_clock(Lines& out) {
    if (::access(kSynchronized, F_OK) == 0) return out.push_back({Level::kOk, "clock", "synchronised", ""});
    out.push_back({Level::kWarning, "clock", "nobody says that it is synchronised: " + to_rfc3339(cli::wall_clock()),
                   "timedatectl set-ntp true; with chrony look at chronyc tracking"});
}

Result<Lines> look(const CheckServiceOptions& options) {
    const std::string programs = options.programs.empty() ? programs_folder() : fs::absolute(options.programs).string();
    if (programs.empty()) return fail(config::kBadFile, "no daemon is installed here; --programs names their folder");
    Lines out;
    bool found = false;
    for (const std::string& given : options.paths) {
        const fs::path path = fs::absolute(given).lexically_normal();
        for (const std::string_view role : kRoles) {
            const std::string name(role);
            const fs::path file = fs::is_directory(path) ? path / name / (name + ".toml") : path;
            if (file.filename() != name + ".toml" || !fs::exists(file)) continue;
            found = true;
            look_at_role(out, name, file.string(), programs);
        }
        if (fs::exists(path / "users/policy.json")) look_at_policy(out, (path / "users/policy.json").string());
    }
    if (!found) return fail(config::kBadFile, "no relay.toml, gateway.toml or node.toml was found");
    look_at_clock(out);
    return out;
}

void print(const Lines& lines, bool json) {
    auto list = json::Value::array();
    for (const Line& line : lines) {
        if (!json) {
            fmt::print("{:<10}  {:<7}  {}\n", to_string(line.level), line.subject, line.text);
            if (!line.remedy.empty()) fmt::print("{:21}what to do: {}\n", "", line.remedy);
            continue;
        }
        auto& one = list.push(json::Value::object());
        one.set("level", json::Value::string(to_string(line.level)));
        one.set("subject", json::Value::string(line.subject));
        one.set("text", json::Value::string(line.text));
        one.set("remedy", line.remedy.empty() ? json::Value() : json::Value::string(line.remedy));
    }
    if (json) fmt::print("{}\n", list.to_text());
}

}  // namespace

void add_check(CLI::App& app, CheckServiceOptions& options) {
    CLI::App* check = app.add_subcommand("check", "Look at a service before it starts: what is wrong, and what to do");
    check->add_option("paths", options.paths, "A service's folder, or relay.toml, gateway.toml, node.toml")->required();
    check->add_option("--programs", options.programs, "Folder of the daemons; beside this program, or the package's");
    check->add_flag("--json", options.json, "One list of objects");
}

cli::ExitCode check(const CheckServiceOptions& options) {
    const auto lines = look(options);
    if (!lines) return report(lines.error(), options.json);
    print(*lines, options.json);
    const auto has = [&](Level level) { return std::ranges::find(*lines, level, &Line::level) != lines->end(); };
    return has(Level::kFailed) ? cli::kNotVerified : has(Level::kIncomplete) ? cli::kIncomplete : cli::kOk;
}

}  // namespace openpcc::admin

// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc-admin/service_report.hpp"

#include <fmt/format.h>

#include "wire/json.hpp"

namespace openpcc::admin {

namespace {

constexpr std::string_view kSimulated =
    "SIMULATED HARDWARE: the operator of this machine can read every prompt; for trying things out, 30 days long";

// What to do now, in order.
std::vector<std::string> next_steps(const ServiceInitOptions& options, const Made& made) {
    const std::string& folder = options.folder;
    std::vector<std::string> out;
    if (options.split) {
        for (const char* role : {"relay", "gateway", "node"})
            out.push_back(
                fmt::format("hand {0}/{1} to who runs the {1}; {0}/{1}/README.txt says what they do", folder, role));
        out.push_back(fmt::format("keep {}/operator: its key signs what users are told", folder));
    } else {
        for (const std::string& role : made.not_given)
            out.push_back(fmt::format("chown -R openpcc-{0}: {1}/{0}  # after the package openpcc-{0} is installed",
                                      role, folder));
        out.push_back(fmt::format("openpcc-admin check {}", folder));
        if (is_packaged(options))
            out.push_back(fmt::format("systemctl enable --now openpcc-node@{0} openpcc-gateway@{0} openpcc-relay@{0}",
                                      options.name));
        else
            for (const char* role : {"node", "gateway", "relay"})
                out.push_back(fmt::format("{0}d --config {1}/{0}/{0}.toml", role, folder));
    }
    out.push_back(fmt::format("openpcc verify --config {}/users/client.toml", folder));
    return out;
}

std::vector<std::pair<std::string, std::string>> folders(const ServiceInitOptions& options) {
    std::vector<std::pair<std::string, std::string>> out = {
        {"relay", "relay.toml"},
        {"gateway", "gateway.toml, service.key (secret)"},
        {"node", options.simulated ? "node.toml, root.key (of the simulated hardware)" : "node.toml"},
        {"users", fmt::format("{}.profile, which users add; client.toml, policy.json; nothing secret", options.name)},
        {"operator", "signer.key (secret; keep it off these machines)"},
    };
    return out;
}

}  // namespace

std::string to_text(const ServiceInitOptions& options, const Made& made) {
    std::string out = fmt::format("{}: the service {}\n", options.folder, options.name);
    for (const auto& [folder, what] : folders(options)) out += fmt::format("  {:<10}{}\n", folder + "/", what);
    if (options.simulated) out += fmt::format("\n{}\n", kSimulated);
    if (!made.findings.empty()) out += "\nabout users/policy.json\n";
    for (const policy::Finding& finding : made.findings)
        out += fmt::format("  {}: {}: {}\n", to_string(finding.severity), finding.member, finding.text);
    out += fmt::format("\nwhat users compare: {}\n\nnext\n", made.fingerprint);
    for (const std::string& step : next_steps(options, made)) out += "  " + step + "\n";
    return out;
}

std::string to_json(const ServiceInitOptions& options, const Made& made) {
    auto out = json::Value::object();
    out.set("schema", json::Value::string("openpcc-service-1"));
    out.set("folder", json::Value::string(options.folder));
    out.set("name", json::Value::string(options.name));
    out.set("simulated", json::Value::boolean(options.simulated));
    out.set("service_key", json::Value::string(made.service_key));
    out.set("signer", json::Value::string(made.signer));
    out.set("fingerprint", json::Value::string(made.fingerprint));
    auto findings = json::Value::array();
    for (const policy::Finding& finding : made.findings) {
        auto& one = findings.push(json::Value::object());
        one.set("level", json::Value::string(to_string(finding.severity)));
        one.set("member", json::Value::string(finding.member));
        one.set("text", json::Value::string(finding.text));
    }
    out.set("findings", std::move(findings));
    auto next = json::Value::array();
    for (const std::string& step : next_steps(options, made)) next.push(json::Value::string(step));
    out.set("next", std::move(next));
    return out.to_text() + "\n";
}

}  // namespace openpcc::admin

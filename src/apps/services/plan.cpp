// SPDX-License-Identifier: Apache-2.0
#include "apps/services/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace openpcc::services {

namespace {

constexpr std::size_t kMostName = 63;

bool is_name(std::string_view name) {
    const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
    return !name.empty() && name.size() <= kMostName && name.front() != '-' && name.back() != '-' &&
           std::ranges::all_of(name, good);
}

// quoted is a TOML basic string.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

bool is_plain(std::string_view text) {
    return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string list(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const std::string& text : texts) out += (out.size() > 1 ? ", " : "") + quoted(text);
    return out + "]";
}

std::string listener(const net::Endpoint& endpoint, std::uint16_t metrics) {
    return fmt::format("listen = {}\nmetrics = \"http://127.0.0.1:{}\"\n", quoted(listen_for(endpoint).to_text()),
                       metrics);
}

// The pair lies beside the configuration, from whoever issues certificates.
std::string tls(const net::Endpoint& endpoint) {
    if (endpoint.kind != net::Endpoint::Kind::kTls) return {};
    return "\n[tls]\ncertificate = \"tls.pem\"\nkey = \"tls.key\"\n";
}

std::string relay_toml(const Plan& plan) {
    return listener(plan.relay, kMetricsPort) + fmt::format("gateway = {}\n", quoted(plan.gateway.to_text())) +
           tls(plan.relay);
}

std::string gateway_toml(const Plan& plan) {
    std::vector<std::string> nodes;
    for (const net::Endpoint& node : plan.nodes) nodes.push_back(node.to_text());
    std::string out = listener(plan.gateway, kMetricsPort + 1);
    out += fmt::format("nodes = {}\nservice_key = \"service.key\"\n", list(nodes)) + tls(plan.gateway);
    if (plan.hardware == Hardware::kSimulated) return out + "\n[collateral]\nfile = \"collateral.json\"\n";
    if (plan.fmspc.empty() && plan.products.empty()) return out;
    out += fmt::format("\n[collateral]\nfile = {}\n", quoted(plan.state_folder + "/collateral.json"));
    if (!plan.fmspc.empty()) out += fmt::format("fmspc = {}\n", list(plan.fmspc));
    if (!plan.products.empty()) out += fmt::format("products = {}\n", list(plan.products));
    return out;
}

std::string node_toml(const Plan& plan) {
    std::string out = listener(plan.nodes.front(), kMetricsPort + 2);
    out += fmt::format("release = {}\n", quoted(plan.release)) + tls(plan.nodes.front());
    out += fmt::format("\n[engine]\nkind = {}\nroot = {}\nmodel = {}\nmodel_name = {}\nsocket_directory = {}\n",
                       quoted(plan.engine_kind), quoted(plan.engine_root), quoted(plan.model), quoted(plan.model_name),
                       quoted(plan.run_folder));
    if (plan.hardware == Hardware::kSimulated)
        out += "\n[simulated]\nroot_certificate = \"root.pem\"\nroot_key = \"root.key\"\n";
    return out;
}

std::string client_toml(const Plan& plan, const std::string& service_key) {
    std::string out = fmt::format("relay = {}\nservice_key = {}\npolicy = \"policy.json\"\n",
                                  quoted(plan.relay.to_text()), quoted(service_key));
    if (plan.hardware == Hardware::kSimulated) out += "\n[simulated]\nroots = \"root.pem\"\n";
    return out;
}

constexpr std::string_view kHandOver =
    "{0} of the service {1}\n\n"
    "1. install the package openpcc-{0}\n"
    "2. copy this folder to /etc/openpcc/{1}/{0} and give it to its user: chown -R openpcc-{0}: /etc/openpcc/{1}/{0}\n"
    "3. {2}\n"
    "4. openpcc-admin check /etc/openpcc/{1}/{0}/{0}.toml\n"
    "5. systemctl enable --now openpcc-{0}@{1}\n";

File hand_over(const Plan& plan, std::string_view role, const net::Endpoint& endpoint, std::string_view secrets) {
    std::string third = endpoint.kind == net::Endpoint::Kind::kTls
                            ? fmt::format(
                                  "put the certificate chain for {} there as tls.pem and its key, mode 0600, as "
                                  "tls.key",
                                  endpoint.host)
                            : "nothing to add: TLS, if any, ends before it";
    if (!secrets.empty()) third += fmt::format("; {}", secrets);
    return {fmt::format("{}/README.txt", role), fmt::format(fmt::runtime(kHandOver), role, plan.name, third)};
}

bool reachable(const net::Endpoint& endpoint) {
    return endpoint.kind != net::Endpoint::Kind::kUnix && endpoint.port != 0;
}

Result<void> check_places(const Plan& plan) {
    if (plan.nodes.empty()) return fail(kBadPlan, "a service has at least one node");
    if (!reachable(plan.relay) || !reachable(plan.gateway))
        return fail(kBadPlan, "relay, gateway: http:// or https://");
    for (const net::Endpoint& node : plan.nodes) {
        if (!reachable(node)) return fail(kBadPlan, "nodes: http:// or https://");
        if (node.kind != plan.nodes.front().kind || node.port != plan.nodes.front().port)
            return fail(kBadPlan, "nodes share one configuration: the same port, and all with TLS or none");
        if (plan.hardware == Hardware::kSimulated && !node.is_local())
            return fail(kBadPlan, "simulated nodes are reached on this machine only: http://127.0.0.1:PORT");
    }
    const bool local = plan.relay.is_local() || plan.gateway.is_local();
    if (plan.place == Place::kSplit && local)
        return fail(kBadPlan, "parties on other machines do not reach loopback: --relay and --gateway name addresses");
    if (plan.hardware == Hardware::kSimulated && !plan.relay.is_local())
        return fail(kBadPlan, "clients take simulated hardware over loopback only: no --relay elsewhere");
    return {};
}

}  // namespace

net::Endpoint listen_for(const net::Endpoint& endpoint) {
    net::Endpoint out = endpoint;
    if (!endpoint.is_local()) out.host = "0.0.0.0";
    return out;
}

Result<void> check(const Plan& plan) {
    if (!is_name(plan.name)) return fail(kBadPlan, "name: small letters, digits and -, 63 at most");
    for (const std::string* text : {&plan.release, &plan.engine_root, &plan.model, &plan.model_name, &plan.run_folder})
        if (text->empty() || !is_plain(*text)) return fail(kBadPlan, "a text is empty, or has control characters");
    return check_places(plan);
}

std::vector<File> files(const Plan& plan, const std::string& service_key) {
    std::vector<File> out = {
        {"relay/relay.toml", relay_toml(plan)},
        {"gateway/gateway.toml", gateway_toml(plan)},
        {"node/node.toml", node_toml(plan)},
        {"users/client.toml", client_toml(plan, service_key)},
    };
    if (plan.place == Place::kOneMachine) return out;
    out.push_back(hand_over(plan, "relay", plan.relay, ""));
    out.push_back(hand_over(plan, "gateway", plan.gateway, "service.key is the service's secret"));
    out.push_back(hand_over(plan, "node", plan.nodes.front(), ""));
    return out;
}

}  // namespace openpcc::services

// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc-admin/service.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "apps/config/config.hpp"
#include "apps/openpcc-admin/noded.hpp"
#include "apps/openpcc-admin/options.hpp"
#include "apps/openpcc-admin/policy_make.hpp"
#include "apps/openpcc-admin/service_report.hpp"
#include "apps/policies/policy_file.hpp"
#include "apps/services/plan.hpp"
#include "core/text.hpp"
#include "trust/envelope/envelope.hpp"
#include "trust/profile/profile.hpp"
#if OPENPCC_SIMULATED_HARDWARE
#include "evidence/simulated/authority.hpp"
#endif

namespace openpcc::admin {

namespace {

using services::File;
using services::Hardware;
using services::Place;
using services::Plan;
using services::Tree;

// Where units of the packages look for a service: /etc/openpcc/NAME.
constexpr std::string_view kEtc = "/etc/openpcc/";
constexpr std::size_t kMaxRoots = 64 * 1024;

Result<net::Endpoint> endpoint_or(const std::string& text, std::uint16_t port) {
    if (text.empty()) return net::Endpoint{net::Endpoint::Kind::kTcp, "127.0.0.1", port};
    auto endpoint = net::Endpoint::parse(text);
    if (!endpoint) return fail(services::kBadPlan, text + ": expected http://HOST:PORT or https://HOST:PORT");
    return endpoint;
}

Result<Plan> plan_from(const ServiceInitOptions& options) {
    Plan plan;
    plan.name = options.name;
    plan.release = options.release.empty() ? options.name + "-1" : options.release;
    plan.place = options.split ? Place::kSplit : Place::kOneMachine;
    plan.hardware = options.simulated ? Hardware::kSimulated : Hardware::kGenuine;
    OPENPCC_TRY(plan.relay, endpoint_or(options.relay, services::kRelayPort));
    OPENPCC_TRY(plan.gateway, endpoint_or(options.gateway, services::kGatewayPort));
    for (const std::string& text : options.nodes) {
        OPENPCC_TRY(auto node, endpoint_or(text, services::kNodePort));
        plan.nodes.push_back(std::move(node));
    }
    if (plan.nodes.empty()) plan.nodes.push_back({net::Endpoint::Kind::kTcp, "127.0.0.1", services::kNodePort});
    plan.engine_kind = options.engine_kind;
    plan.engine_root = std::filesystem::absolute(options.engine_root).lexically_normal().string();
    plan.model = std::filesystem::absolute(options.model).lexically_normal().string();
    plan.model_name = options.model_name;
    const bool packaged = is_packaged(options) || options.split;
    plan.run_folder = packaged ? fmt::format("/run/openpcc-node-{}/engine", plan.name) : "engine";
    plan.state_folder = packaged ? fmt::format("/var/lib/openpcc-gateway-{}", plan.name) : ".";
    plan.fmspc = options.fmspc;
    plan.products = options.products;
    OPENPCC_CHECK(services::check(plan));
    return plan;
}

Result<void> write_secret(Tree& tree, const std::string& path, const SecretBytes& pem) {
    return pem.with([&](ByteView text) { return tree.write({path, std::string(as_text(text)), services::kSecret}); });
}

#if OPENPCC_SIMULATED_HARDWARE
// The throwaway root: the node certifies itself with its key, and users have its certificate.
Result<void> make_simulated_root(Tree& tree) {
    OPENPCC_TRY(const auto root, simulated::RootAuthority::create(cli::wall_clock()));
    OPENPCC_CHECK(write_secret(tree, "node/root.key", root.key_pem()));
    OPENPCC_CHECK(tree.write({"node/root.pem", root.certificate_pem()}));
    return tree.write({"users/root.pem", root.certificate_pem()});
}
#else
Result<void> make_simulated_root(Tree&) { return fail(services::kBadPlan, "this build has no simulated hardware"); }
#endif

Result<policy::Policy> given_policy(const std::string& path) {
    OPENPCC_TRY(auto file, policies::read_claimed(path));
    auto claimed = std::move(file).claimed();
    if (!claimed.envelope.signatures.empty())
        return fail(policy::kBadPolicy,
                    path + ": is signed; the bare one is wanted, the service's profile vouches for it");
    return std::move(claimed.policy);
}

// The model's digest and the engine profile's come from the node's own program; so does the measurement of a simulated
// one.
Result<policy::Policy> policy_for(const ServiceInitOptions& options, const Tree& tree) {
    if (!options.policy.empty()) return given_policy(options.policy);
    MakeOptions make;
    make.preset = !options.preset.empty() ? options.preset : options.simulated ? "development" : "strict";
    make.name = options.name;
    make.measurements = options.measurements;
    make.days = options.days;
    const std::string programs =
        options.programs.empty() ? programs_folder() : std::filesystem::absolute(options.programs).string();
    std::error_code ignored;
    if (programs.empty() || !std::filesystem::exists(options.model, ignored)) {
        if (options.simulated)
            return fail(services::kBadPlan, "a simulated service needs noded and the model on this machine");
        return make_policy(make, cli::wall_clock());
    }
    OPENPCC_TRY(const std::string description,
                ask_daemon(programs + "/noded", tree.path("node/node.toml"), "--describe"));
    const std::string path = tree.path("operator/node.json");
    OPENPCC_CHECK(config::write_file(path, description, services::kPublic));
    make.descriptions.push_back(path);
    if (options.simulated) {
        OPENPCC_TRY(const std::string collateral,
                    ask_daemon(programs + "/noded", tree.path("node/node.toml"), "--collateral"));
        OPENPCC_CHECK(config::write_file(tree.path("gateway/collateral.json"), collateral, services::kPublic));
    }
    return make_policy(make, cli::wall_clock());
}

// The one signed file that users are given. Whoever has its fingerprint by another way takes every later version too.
Result<std::string> write_profile(const ServiceInitOptions& options, const Plan& plan, Tree& tree,
                                  const crypto::SigningKey& service_key, const crypto::SigningKey& signer_key,
                                  const policy::Policy& policy) {
    OPENPCC_TRY(auto signer, envelope::Signer::of(signer_key.verifying_key()));
    std::vector<envelope::Signer> list;
    list.push_back(std::move(signer));
    OPENPCC_TRY(auto signers, envelope::SignerSet::make(std::move(list), 1));
    std::optional<std::string> relay_roots, simulated_roots;
    if (!options.relay_roots.empty()) {
        OPENPCC_TRY(relay_roots, config::read_file(options.relay_roots, kMaxRoots));
    }
    if (options.simulated) {
        OPENPCC_TRY(simulated_roots, config::read_file(tree.path("users/root.pem"), kMaxRoots));
    }
    const profile::Profile made{.name = plan.name,
                                .version = 1,
                                .issued = policy.issued,
                                .expires = policy.expires,
                                .relay = plan.relay.to_text(),
                                .relay_roots = std::move(relay_roots),
                                .service_key = service_key.verifying_key(),
                                .policy = policy,
                                .signers = std::move(signers),
                                .simulated_roots = std::move(simulated_roots)};
    envelope::Envelope signed_one{std::string(profile::kPayloadType), Bytes(as_bytes(made.to_json())), {}};
    OPENPCC_CHECK(signed_one.sign(signer_key));
    const std::string text = signed_one.to_json() + "\n";
    OPENPCC_CHECK(profile::Profile::open(as_bytes(text)));  // what cannot be read is not written
    OPENPCC_CHECK(tree.write({fmt::format("users/{}.profile", plan.name), text}));
    return made.fingerprint();
}

Result<void> make_folders(Tree& tree) {
    for (const auto& folder :
         {services::kRelayFolder, services::kGatewayFolder, services::kNodeFolder, services::kOperatorFolder})
        OPENPCC_CHECK(tree.make_folder(folder, 0700));
    return tree.make_folder(services::kUsersFolder, 0755);
}

Result<Made> make(const ServiceInitOptions& options) {
    OPENPCC_TRY(const Plan plan, plan_from(options));
    OPENPCC_TRY(Tree tree, Tree::begin(options.folder));
    OPENPCC_CHECK(make_folders(tree));
    const auto service_key = crypto::SigningKey::generate_ed25519();
    const auto signer_key = crypto::SigningKey::generate_ed25519();
    OPENPCC_CHECK(write_secret(tree, "gateway/service.key", service_key.to_pem()));
    OPENPCC_CHECK(write_secret(tree, "operator/signer.key", signer_key.to_pem()));
    OPENPCC_TRY(const Bytes raw, service_key.verifying_key().raw());
    OPENPCC_TRY(const auto signer, envelope::Signer::of(signer_key.verifying_key()));
    Made made{.service_key = "openpcc-service:" + to_hex(raw), .signer = signer.to_text()};
    for (const File& file : services::files(plan, made.service_key)) OPENPCC_CHECK(tree.write(file));
    if (options.simulated) OPENPCC_CHECK(make_simulated_root(tree));
    OPENPCC_TRY(const auto policy, policy_for(options, tree));
    OPENPCC_TRY(const auto value, json::parse(as_bytes(policy.to_json())));
    OPENPCC_CHECK(tree.write({"users/policy.json", cli::indented(value)}));
    OPENPCC_TRY(made.fingerprint, write_profile(options, plan, tree, service_key, signer_key, policy));
    made.findings = policy::lint(policy, cli::wall_clock());
    for (const auto& role : {services::kRelayFolder, services::kGatewayFolder, services::kNodeFolder})
        if (is_packaged(options) && !tree.give(role, "openpcc-" + std::string(role))) made.not_given.emplace_back(role);
    OPENPCC_CHECK(tree.finish());
    return made;
}

void add_engine_options(CLI::App& init, ServiceInitOptions& options) {
    init.add_option("--engine", options.engine_kind, "llama-server or vllm")
        ->capture_default_str()
        ->check(CLI::IsMember({"llama-server", "vllm"}));
    init.add_option("--engine-root", options.engine_root, "The unpacked file system of the engine, on the nodes")
        ->required();
    init.add_option("--model", options.model, "Weights, on the nodes")->required();
    init.add_option("--model-name", options.model_name, "What callers call the model")->required();
    init.add_option("--release", options.release, "What the nodes call what they run; NAME-1 when absent");
    init.add_option("--programs", options.programs, "Folder of noded; beside this program, or the package's");
}

void add_policy_options(CLI::App& init, ServiceInitOptions& options) {
    auto* preset = init.add_option("--preset", options.preset, "strict when absent, standard, two-roots or development")
                       ->check(CLI::IsMember({"strict", "standard", "two-roots", "development"}));
    init.add_option("--policy", options.policy, "A policy of your own (bare) in the place of a preset")
        ->excludes(preset);
    init.add_option("--release-measurement", options.measurements, "Files with a measurement each (JSON)");
    init.add_option("--expires", options.days, "For how many days the policy is good")
        ->capture_default_str()
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{3650}));
    init.add_option("--fmspc", options.fmspc, "Intel platform families that the gateway fetches collateral about");
    init.add_option("--product", options.products, "AMD products, likewise");
}

}  // namespace

bool is_packaged(const ServiceInitOptions& options) {
    return std::filesystem::absolute(options.folder).lexically_normal() == std::string(kEtc) + options.name;
}

void add_service(CLI::App& app, ServiceOptions& options) {
    CLI::App* all = app.add_subcommand("service", "Begin a service: keys, configurations, policy");
    all->require_subcommand(1);
    CLI::App* init = all->add_subcommand("init", "Make all that a new service needs, in a folder for each party");
    init->add_option("folder", options.init.folder, "The folder to make; /etc/openpcc/NAME for the packages' units")
        ->required();
    init->add_option("--name", options.init.name, "The service's name: small letters, digits and -")->required();
    init->add_option("--relay", options.init.relay, "Where clients reach the relay; http://127.0.0.1:8440 when absent");
    init->add_option("--relay-roots", options.init.relay_roots, "PEM roots of the relay's certificate, if private");
    init->add_option("--gateway", options.init.gateway, "Where the relay reaches the gateway; port 8441 when absent");
    init->add_option("--node", options.init.nodes, "Where the gateway reaches a node; port 8442 when absent");
    init->add_flag("--split", options.init.split,
                   "The roles are on machines of their own, the relay with another party");
#if OPENPCC_SIMULATED_HARDWARE
    init->add_flag("--simulated", options.init.simulated, "No TEE: simulated hardware, which protects nothing");
#endif
    add_engine_options(*init, options.init);
    add_policy_options(*init, options.init);
    init->add_flag("--json", options.init.json, "One JSON object");
}

int service(const ServiceOptions& options) {
    const auto made = make(options.init);
    if (!made) return report(made.error(), options.init.json);
    fmt::print("{}", options.init.json ? to_json(options.init, *made) : to_text(options.init, *made));
    return cli::kOk;
}

}  // namespace openpcc::admin

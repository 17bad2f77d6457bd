// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/client_config.hpp"

#include <CLI/CLI.hpp>

#include "apps/policies/policy_file.hpp"
#include "crypto/x509/x509.hpp"
#include "trust/collateral/collection.hpp"
#include "trust/service/service_key.hpp"

namespace openpcc::cli {

Result<policy::Policy> load_policy(const std::string& path, const PolicySigners& signers) {
    OPENPCC_TRY(const auto set, policies::signer_set(signers.texts, signers.threshold));
    return policies::load(path, set);
}

void add_policy_signers(CLI::App& command, const std::string& of, PolicySigners& signers) {
    command.add_option("--" + of + "-signer", signers.texts, "Keys that must have signed the policy; a bare one without");
    command.add_option("--" + of + "-threshold", signers.threshold, "How many of them; all when absent");
}

Result<void> load_simulated_roots(const std::string& path, verify::Roots& roots) {
#if OPENPCC_SIMULATED_HARDWARE
    OPENPCC_TRY(const std::string pem, config::read_file(path, 64 * 1024));
    OPENPCC_TRY(roots.simulated.tdx, x509::Certificate::parse_pem_chain(as_bytes(pem), 8));
    return {};
#else
    (void)roots;
    return fail(config::kBadConfig, path + ": this build knows no simulated hardware");
#endif
}

namespace {

Result<collateral::Collection> read_collateral(const std::string& path) {
    OPENPCC_TRY(const std::string text, config::read_file(path, collateral::kMaxFile));
    auto collection = collateral::Collection::parse(as_bytes(text));
    if (!collection) return fail(config::kBadConfig, path + ": " + collection.error().describe());
    return std::move(*collection).claimed();
}

}  // namespace

Result<verify::SignedCollateral> load_collateral(const std::string& path, const verify::Roots& roots) {
    OPENPCC_TRY(const auto collection, read_collateral(path));
    return verify::sign_checked(collection, roots);
}

Result<client::Profile> read_profile(config::File& file) {
    const net::Endpoint relay = file.endpoint("relay");
    const auto relay_roots = file.optional_path("relay_roots");
    const std::string service_key = file.text("service_key");
    const std::string policy_path = file.path("policy");
    const auto signer_texts = file.optional_texts("policy_signers");
    const std::int64_t threshold = file.number_or("policy_threshold", 0, 0, 16);
    const auto collateral_path = file.optional_path("collateral");
    const auto simulated = file.optional_path("simulated.roots");
    const auto signers =
        policies::signer_set(signer_texts, threshold == 0 ? std::nullopt : std::optional(threshold));
    if (!signers) file.problem("policy_signers", signers.error().text());
    auto key = service::parse_service_key(service_key);
    if (!key && !service_key.empty()) file.problem("service_key", key.error().text());
    OPENPCC_CHECK(file.finish());

    OPENPCC_TRY(auto policy, policies::load(policy_path, *signers));
    verify::Roots roots = verify::genuine_roots();
    if (simulated) OPENPCC_CHECK(load_simulated_roots(*simulated, roots));
    collateral::Collection collateral;
    if (collateral_path) {
        OPENPCC_TRY(collateral, read_collateral(*collateral_path));
    }
    std::shared_ptr<const net::TlsClient> tls;
    if (relay.kind == net::Endpoint::Kind::kTls) {
        OPENPCC_TRY(tls, relay_roots ? net::TlsClient::roots_from_file(*relay_roots) : net::TlsClient::system_roots());
    }
    return client::Profile{relay, std::move(tls), std::move(*key), std::move(policy), std::move(roots),
                           std::move(collateral)};
}

Result<client::Profile> load_profile(const std::string& path) {
    OPENPCC_TRY(auto file, config::File::load(path));
    return read_profile(file);
}

}  // namespace openpcc::cli

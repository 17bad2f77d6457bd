// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/choice.hpp"

#include <CLI/CLI.hpp>

#include "apps/console/console.hpp"
#include "apps/policies/policy_file.hpp"

namespace openpcc::cli {

void add_service_choice(CLI::App& command, ServiceChoice& choice) {
    command.add_option("--service", choice.service, "A service that was added; the one in use when absent");
    command.add_option("--config", choice.config, "A client configuration instead (TOML)");
}

Result<client::Profile> load_profile(const ServiceChoice& choice) {
    if (choice.config && choice.service)
        return fail(config::kBadConfig, "--config and --service both name the service");
    if (choice.config) return profiles::load_config(*choice.config);
    return profiles::load_added(choice.service, wall_clock());
}

void add_policy_signers(CLI::App& command, const std::string& of, PolicySigners& signers) {
    command.add_option("--" + of + "-signer", signers.texts,
                       "Keys that must have signed the policy; a bare one without");
    command.add_option("--" + of + "-threshold", signers.threshold, "How many of them; all when absent");
}

Result<policy::Policy> load_policy(const std::string& path, const PolicySigners& signers) {
    OPENPCC_TRY(const auto set, policies::signer_set(signers.texts, signers.threshold));
    return policies::load(path, set);
}

}  // namespace openpcc::cli

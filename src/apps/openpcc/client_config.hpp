// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/config/config.hpp"
#include "hops/client/profile.hpp"

namespace CLI {
class App;
}

namespace openpcc::cli {

// read_profile reads a client configuration: relay, relay_roots, service_key, policy, policy_signers,
// policy_threshold, collateral, simulated.roots.
Result<client::Profile> read_profile(config::File& file);
Result<client::Profile> load_profile(const std::string& path);

// PolicySigners are those who must have signed a policy that the command line names, as in a configuration: without any,
// it must be bare.
struct PolicySigners {
    std::vector<std::string> texts;
    std::optional<std::int64_t> threshold;  // how many of them; all when absent

    bool named() const { return !texts.empty() || threshold; }
};
Result<policy::Policy> load_policy(const std::string& path, const PolicySigners& signers);
// add_policy_signers adds `--OF-signer` and `--OF-threshold`, about the policy of `--OF`.
void add_policy_signers(CLI::App& command, const std::string& of, PolicySigners& signers);
// load_collateral reads a file of docs/reference/collateral.md and checks its signatures under these roots.
Result<verify::SignedCollateral> load_collateral(const std::string& path, const verify::Roots& roots);
// load_simulated_roots adds throwaway roots; builds without simulated hardware have no such input.
Result<void> load_simulated_roots(const std::string& path, verify::Roots& roots);

}  // namespace openpcc::cli

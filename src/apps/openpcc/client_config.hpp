// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "apps/config/config.hpp"
#include "hops/client/profile.hpp"

namespace openpcc::cli {

// read_profile reads a client configuration: relay, relay_roots, service_key, policy, policy_signers,
// policy_threshold, collateral, simulated.roots.
Result<client::Profile> read_profile(config::File& file);
Result<client::Profile> load_profile(const std::string& path);

// load_policy reads a bare policy that the caller has named on the command line.
Result<policy::Policy> load_policy(const std::string& path);
// load_collateral reads a file of docs/reference/collateral.md and checks its signatures under these roots.
Result<verify::SignedCollateral> load_collateral(const std::string& path, const verify::Roots& roots);
// load_simulated_roots adds throwaway roots; builds without simulated hardware have no such input.
Result<void> load_simulated_roots(const std::string& path, verify::Roots& roots);

// The text form of a service key: "openpcc-service:" and 64 hex digits of an Ed25519 key.
std::string service_key_text(const crypto::VerifyingKey& key);
Result<crypto::VerifyingKey> parse_service_key(std::string_view text);

}  // namespace openpcc::cli

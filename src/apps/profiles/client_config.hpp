// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "apps/config/config.hpp"
#include "hops/client/profile.hpp"
#include "trust/profile/profile.hpp"

// From files to what a client must know of a service: a configuration that its user wrote, or a signed profile.
namespace openpcc::profiles {

// read_config reads a client configuration: relay, relay_roots, service_key, policy, policy_signers, policy_threshold,
// collateral, simulated.roots.
Result<client::Profile> read_config(config::File& file);
Result<client::Profile> load_config(const std::string& path);

// client_profile is what a signed profile says, for a client. In builds without simulated hardware a profile with
// simulated roots is config.bad_config.
Result<client::Profile> client_profile(const profile::Profile& profile);

// load_added is the service that a user has added under this name, or without one the service in use; its profile has
// to be in force now.
Result<client::Profile> load_added(const std::optional<std::string>& name, TimePoint now);

// load_collateral reads a file of docs/reference/collateral.md and checks its signatures under these roots.
Result<verify::SignedCollateral> load_collateral(const std::string& path, const verify::Roots& roots);
// open_collateral is load_collateral of what is in memory; `from` is what errors call it.
Result<verify::SignedCollateral> open_collateral(std::string_view file, const std::string& from,
                                                 const verify::Roots& roots);
// load_simulated_roots adds throwaway roots; builds without simulated hardware have no such input.
Result<void> load_simulated_roots(const std::string& path, verify::Roots& roots);
Result<void> add_simulated_roots(std::string_view pem, const std::string& from, verify::Roots& roots);

}  // namespace openpcc::profiles

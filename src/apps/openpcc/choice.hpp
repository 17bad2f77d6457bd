// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/profiles/client_config.hpp"

namespace CLI {
class App;
}

// What several commands let their caller choose: the service, and a policy with those who must have signed it.
namespace openpcc::cli {

// ServiceChoice names a service: a client configuration, or a service that was added. Without either it is the one in
// use (`openpcc use`), or the only one.
struct ServiceChoice {
    std::optional<std::string> config;
    std::optional<std::string> service;

    bool named() const { return config || service; }
};
void add_service_choice(CLI::App& command, ServiceChoice& choice);
Result<client::Profile> load_profile(const ServiceChoice& choice);

// PolicySigners are those who must have signed a policy that the command line names, as in a configuration: without
// any, it must be bare.
struct PolicySigners {
    std::vector<std::string> texts;
    std::optional<std::int64_t> threshold;  // how many of them; all when absent

    bool named() const { return !texts.empty() || threshold; }
};
// add_policy_signers adds `--OF-signer` and `--OF-threshold`, about the policy of `--OF`.
void add_policy_signers(CLI::App& command, const std::string& of, PolicySigners& signers);
Result<policy::Policy> load_policy(const std::string& path, const PolicySigners& signers);

}  // namespace openpcc::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "apps/console/console.hpp"

namespace openpcc::admin {

// What `make` and `renew` have in common: what goes into a profile. `renew` keeps what is absent.
struct ProfileMembers {
    std::optional<std::string> relay;
    std::optional<std::string> relay_roots;
    std::optional<std::string> service_key;  // its text, or a file with the private key
    std::optional<std::string> policy;       // bare
    std::vector<std::string> signers;
    std::optional<std::int64_t> threshold;  // all of the signers when absent
    std::int64_t days = 90;
};

struct ProfileOptions {
    std::string file;
    std::string name;
    std::string key;
    std::string out;
    ProfileMembers members;
    std::optional<std::string> simulated_roots;
    bool json = false;
};
void add_profile(CLI::App& app, ProfileOptions& options);
int profile(const CLI::App& app, const ProfileOptions& options);

}  // namespace openpcc::admin

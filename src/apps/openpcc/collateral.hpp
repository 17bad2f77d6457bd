// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/openpcc/choice.hpp"

namespace openpcc::cli {

struct CollateralOptions {
    std::vector<std::string> inputs;  // pack: files and folders
    std::string out;                  // pack, fetch
    bool strict = false;
    std::string file;  // show
    std::optional<std::string> at;
    std::optional<std::string> policy;
    PolicySigners policy_signers;
    std::optional<std::string> config;  // fetch
    std::vector<std::string> fmspcs;
    std::vector<std::string> products;
    bool json = false;
};

// add_collateral adds `openpcc collateral pack|show|fetch`.
void add_collateral(CLI::App& app, CollateralOptions& options);
// collateral runs the one that was asked for.
int collateral(const CLI::App& app, const CollateralOptions& options);

}  // namespace openpcc::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

#include "apps/openpcc/choice.hpp"
#include "apps/openpcc/output.hpp"

namespace openpcc::cli {

struct PolicyOptions {
    std::string file;
    std::vector<std::string> bundles;    // saved ones, to try it on
    ServiceChoice choice;                // where the current policy comes from, and nodes when there are no bundles
    std::optional<std::string> current;  // or the current policy itself
    PolicySigners current_signers;
    std::optional<std::string> collateral;
    std::optional<std::string> simulated_roots;
    std::optional<std::string> at;  // RFC 3339
    bool json = false;
};

void add_policy(CLI::App& app, PolicyOptions& options);
int policy(const CLI::App& app, const PolicyOptions& options);

// dry_run says of each bundle, or of each node of a live service, what a policy would make of it, beside what the
// current policy does.
Result<ExitCode> dry_run(const PolicyOptions& options);

}  // namespace openpcc::cli

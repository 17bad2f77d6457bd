// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "apps/openpcc/choice.hpp"

namespace openpcc::cli {

struct WatchOptions {
    ServiceChoice choice;
    std::int64_t every = 30;            // seconds between verifications
    std::optional<std::int64_t> times;  // how many; until it is stopped when absent
    bool json = false;
};
void add_watch(CLI::App& app, WatchOptions& options);

// watch verifies again and again, and shows what it finds: as cards on a terminal, a line for each verification
// elsewhere. The exit code is that of the last.
int watch(const WatchOptions& options);

}  // namespace openpcc::cli

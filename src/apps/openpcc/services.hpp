// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "apps/console/console.hpp"

namespace CLI {
class App;
}

namespace openpcc::cli {

struct ServicesOptions {
    std::string source;                      // of `add`: a file, or an https address
    std::optional<std::string> fingerprint;  // as the service publishes it; a person is asked when absent
    std::string name;                        // of `use` and `remove`
    bool json = false;
};
// add_services adds the commands add, services, use and remove.
void add_services(CLI::App& app, ServicesOptions& options);
// services runs the one of them that was asked for; nullopt when it was another command.
std::optional<ExitCode> services(const CLI::App& app, const ServicesOptions& options);

}  // namespace openpcc::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "apps/console/console.hpp"
#include "apps/openpcc/choice.hpp"

namespace CLI {
class App;
}

namespace openpcc::cli {

struct ProxyOptions {
    ServiceChoice choice;
    std::string listen = "http://127.0.0.1:8484";
    std::optional<std::string> key_file;  // below the user's configuration folder when absent
    bool json = false;
};
void add_proxy(CLI::App& app, ProxyOptions& options);

// proxy answers the OpenAI API on this machine until SIGINT or SIGTERM.
int proxy(const ProxyOptions& options);

}  // namespace openpcc::cli

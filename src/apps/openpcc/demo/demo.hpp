// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "apps/openpcc/demo/stage.hpp"

namespace openpcc::demo {

struct DemoOptions {
    StageOptions stage;
    std::string prompt = "How is my prompt protected?";
    bool attack = false;
    bool json = false;
    bool hold = false;  // keep everything running until a signal, for those who want to look around
};

// run starts every role, asks, shows the answer and who could see what, attacks when asked to, and stops everything.
int run(const DemoOptions& options);

}  // namespace openpcc::demo

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hops/node/engine.hpp"
#include "io/confine/sandbox.hpp"

namespace openpcc::node {

inline constexpr std::string_view kEngineSocket = "e.sock";

// EngineCommand is how an engine is started: what it sees, and its own command line in terms of that. The latter and
// the environment are the same on every machine.
struct EngineCommand {
    confine::Sandbox sandbox;
    std::vector<std::string> argv;
};

EngineCommand engine_command(const EngineProfile& profile, const std::string& socket_directory);

// Times of one kind of engine.
struct EngineTimes {
    net::Clock::duration start;  // until it must answer; then it is killed and started again
};
EngineTimes engine_times(const EngineProfile& profile);

}  // namespace openpcc::node

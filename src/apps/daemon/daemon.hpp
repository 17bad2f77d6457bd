// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "apps/config/config.hpp"
#include "core/time.hpp"
#include "io/http/server.hpp"
#include "io/net/loop.hpp"
#include "io/obs/metrics.hpp"

// What all daemons share: the command line, the configuration's life, the listener, draining on SIGTERM.
namespace openpcc::daemon {

// CommandLine of every daemon: PROGRAM --config FILE [--check | --explain] | --version.
struct CommandLine {
    config::File file;
    bool check = false;
    bool explain = false;
};
// parse_command_line returns the exit code instead when there is nothing to run.
std::variant<CommandLine, int> parse_command_line(const char* program, const char* purpose, int argc, char** argv);
// judge_config ends `--check` and `--explain`, and reports what is wrong with the file; nullopt means: go on and run.
std::optional<int> judge_config(const char* program, CommandLine& command_line);

// harden closes the process against its own user before it holds any secret (io/confine/harden.hpp); the exit code when
// that is not possible.
std::optional<int> harden(const char* program);

// Listener is the `listen`, `tls.certificate` and `tls.key` of a configuration.
struct Listener {
    net::Endpoint endpoint;
    std::optional<std::string> certificate;
    std::optional<std::string> key;

    static Listener read(config::File& file);
};

// Metrics are served on a listener of their own (`metrics`), if at all: they are the operator's, not the peers'.
struct Metrics {
    std::optional<net::Endpoint> endpoint;
    obs::Registry registry;

    void read(config::File& file);
};

// serve listens, says so on standard output ("PROGRAM: listening on ENDPOINT"), and runs the loop until SIGTERM or SIGINT;
// then it drains. A certificate is read again when its files change, and on SIGHUP. `on_stop` is awaited before the loop ends. Returns the exit code.
int serve(const char* program, net::Loop& loop, const Listener& listener, Metrics& metrics, http::ServerLimits limits,
          http::Handler handler, std::function<net::Task<void>()> on_stop = {});

// fail prints "PROGRAM: error: TEXT" and returns the exit code for its category.
int fail(const char* program, const Error& error);

// every runs `work` at that interval for ever.
net::Task<void> every(net::Clock::duration interval, std::function<void()> work);

TimePoint wall_clock();

}  // namespace openpcc::daemon

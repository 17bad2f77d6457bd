// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"
#include "core/verdict.hpp"
#include "wire/json.hpp"

// What the command-line programs have in common: exit codes and the form of their messages.
namespace openpcc::cli {

// Exit codes of `openpcc` and `openpcc-admin`; docs/reference/cli.md explains them.
enum ExitCode : int {
    kOk = 0,
    kUsage = 1,
    kNotVerified = 2,
    kIncomplete = 3,
    kUnreachable = 4,
    kRefused = 5,
    kInternal = 6,
    kSimulated = 7,
    kChanged = 8,
    kLooser = 9,
};

ExitCode exit_code(State state);
ExitCode exit_code(Category category);
// worse of two outcomes: a failure outweighs what is incomplete, and that outweighs what is simulated.
ExitCode worse(ExitCode a, ExitCode b);

TimePoint wall_clock();

// report_as prints "PROGRAM: error: ..." and the hint, if there is one, and returns the code. With json it prints one
// object on standard output instead.
ExitCode report_as(std::string_view program, const Error& error, ExitCode code, std::string_view hint, bool json);

// indented is JSON for people to read and edit: two spaces a level; short lists and objects on one line.
std::string indented(const json::Value& value);

}  // namespace openpcc::cli

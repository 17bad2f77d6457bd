// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/result.hpp"
#include "core/verdict.hpp"

namespace openpcc::cli {

// Exit codes of `openpcc`; docs/reference/cli.md explains them.
enum ExitCode : int {
    kOk = 0,
    kUsage = 1,
    kNotVerified = 2,
    kIncomplete = 3,
    kUnreachable = 4,
    kRefused = 5,
    kInternal = 6,
    kSimulated = 7,
};

ExitCode exit_code(State state);
ExitCode exit_code(const Error& error);

// report prints "openpcc: error: ..." and a hint when there is one for this error, and returns the exit code. With json it
// prints one object on standard output instead.
ExitCode report(const Error& error, bool json);

}  // namespace openpcc::cli

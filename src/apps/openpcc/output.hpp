// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/console/console.hpp"

namespace openpcc::cli {

ExitCode exit_code(const Error& error);

// hint_for says what to do about an error; empty where that cannot be said.
std::string_view hint_for(const Error& error);

// report prints "openpcc: error: ..." and a hint when there is one for this error, and returns the exit code. With json it
// prints one object on standard output instead.
ExitCode report(const Error& error, bool json);

}  // namespace openpcc::cli

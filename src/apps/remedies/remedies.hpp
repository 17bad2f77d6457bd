// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "apps/console/console.hpp"

// What an error means to somebody who asks a service, whatever he asks it with: the command line, the proxy, C.
namespace openpcc::remedies {

// exit_code is that of the error's category, but for files of the caller's own: those are usage.
cli::ExitCode exit_code(const Error& error);

// hint_for says what to do about an error; empty where that cannot be said.
std::string_view hint_for(const Error& error);

}  // namespace openpcc::remedies

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.hpp"

namespace openpcc::admin {

inline constexpr ErrorCode kNoAnswer{"admin.no_answer", Category::kUnavailable};

// programs_folder is where the daemons are: beside this program, else where packages put them; empty when neither.
std::string programs_folder();

// ask_daemon runs `PROGRAM --config FILE WHAT` to its end, and gives what it prints.
// admin.no_answer with the end of what it says on standard error.
Result<std::string> ask_daemon(const std::string& program, const std::string& configuration, const std::string& what);

}  // namespace openpcc::admin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

namespace openpcc::demo {

// memory_holds searches all readable memory of a process for a text; nullopt when this process may not look (that takes
// CAP_SYS_PTRACE).
std::optional<bool> memory_holds(pid_t process, std::string_view text);

// descendants lists the processes below one, itself first.
std::vector<pid_t> descendants(pid_t process);

}  // namespace openpcc::demo

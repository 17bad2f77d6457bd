// SPDX-License-Identifier: Apache-2.0
#include "io/obs/log.hpp"

#include <unistd.h>

#include "core/time.hpp"

namespace openpcc::obs {

std::string_view to_string(Level level) {
    switch (level) {
        case Level::kInfo:
            return "info";
        case Level::kWarning:
            return "warning";
        case Level::kError:
            return "error";
    }
    return "error";
}

void Log::write_line(Level level, Label event, const std::string& rest) const {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    std::string line = to_rfc3339(now);
    line.append(" ").append(to_string(level)).append(" ").append(program_.text());
    line.append(" event=").append(event.text()).append(rest).append("\n");
    // A log that cannot be written must not stop a request.
    [[maybe_unused]] const auto written = ::write(descriptor_, line.data(), line.size());
}

}  // namespace openpcc::obs

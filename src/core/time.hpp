// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace openpcc {

// TimePoint is wall-clock time in whole seconds, always given by the caller: only apps and io ask a clock.
using TimePoint = std::chrono::sys_seconds;
using Seconds = std::chrono::seconds;
using Milliseconds = std::chrono::milliseconds;

// to_rfc3339 writes UTC as 2026-11-25T07:00:00Z (RFC 3339 section 5.6).
std::string to_rfc3339(TimePoint time);
// parse_rfc3339 reads exactly that form; fractions of seconds are dropped, other offsets are refused.
Result<TimePoint> parse_rfc3339(std::string_view text);

}  // namespace openpcc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "core/checklist.hpp"
#include "core/trust.hpp"
#include "core/verdict.hpp"
#include "evidence/eventlog/rules.hpp"

namespace openpcc::eventlog {

// judge_tdx_log judges the log that came with a quote against RTMR0 to RTMR3, which the caller has verified. It adds
// every check of `checks()` to the verdict, in that order. The log comes back when it replays to all four registers,
// whatever else was found: its digests are authenticated then, and its data where match_data says so.
std::optional<Verified<Log>> judge_tdx_log(ByteView log, std::span<const ByteArray<48>, 4> rtmrs, Verdict& verdict);

// checks lists what judge_tdx_log judges; docs/reference/verdict.md has the same list.
std::span<const CheckSpec> checks();

}  // namespace openpcc::eventlog

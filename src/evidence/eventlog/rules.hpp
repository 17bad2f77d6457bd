// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>

#include "evidence/eventlog/replay.hpp"

namespace openpcc::eventlog {

// SecureBoot is the state that firmware measured before anything was loaded.
enum class SecureBoot {
    kNotMeasured,
    kOff,  // off, or without keys
    kOn,
    kUnclear,  // measured with two values, or with one that is none
};
std::string_view to_string(SecureBoot state);

// Findings are what a log shows beside its registers; digests must have been authenticated for them to mean anything.
struct Findings {
    std::size_t equal = 0;                       // events whose data is authenticated
    std::size_t differing = 0;                   // events whose data should be, and is not
    std::optional<std::size_t> first_differing;  // its place in Log::events
    std::array<std::uint32_t, kRegisters> separators{};
    bool error_separator = false;  // one of another value: firmware says that it failed
    // The first event in a firmware register (PCR 0 to 7; RTMR0, RTMR1) after ExitBootServices: firmware was over.
    std::optional<std::size_t> after_exit;
    SecureBoot secure_boot = SecureBoot::kNotMeasured;
};

Findings examine(const Log& log, Bank bank, Layout layout);

}  // namespace openpcc::eventlog

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/device/machine.hpp"
#include "io/device/report_device.hpp"

namespace openpcc::device {

// Severity of a finding: an obstacle keeps the machine from making evidence; a warning is about a node that can, and is
// worse than it need be.
enum class Severity { kNote, kWarning, kObstacle };
std::string_view to_string(Severity severity);

// Finding says what is so and what to do about it; `id` is stable.
struct Finding {
    std::string id;
    Severity severity = Severity::kNote;
    std::string text;
    std::string remedy;  // empty: nothing needs to be done
};

// Inspection is what a machine could attest.
struct Inspection {
    std::optional<Kind> kind;       // of guest
    std::string interface;          // that noded would use; empty: none
    std::vector<Finding> findings;  // obstacles first

    bool can_attest() const { return kind && !interface.empty(); }
    // summary is one line for people.
    std::string summary() const;
};

// inspect judges what read_machine has read.
Inspection inspect(const Machine& machine);

}  // namespace openpcc::device

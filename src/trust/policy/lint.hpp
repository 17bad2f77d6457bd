// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trust/policy/policy.hpp"

// What somebody should know before a policy is signed. None of it changes what a policy accepts.
namespace openpcc::policy {

struct Finding {
    // kError: do not sign this. kWarning: be sure that you mean it.
    enum class Severity : std::uint8_t { kError, kWarning };
    Severity severity;
    std::string member;  // its path in the file
    std::string text;
    friend bool operator==(const Finding&, const Finding&) = default;
};
std::string_view to_string(Finding::Severity severity);

// lint looks at a policy as of `now`. An error is a policy without a TCB rule, one that lets a host look into its
// guests, or one that has expired; a warning is what accepts nothing, more than a preset would, or not for long.
std::vector<Finding> lint(const Policy& policy, TimePoint now);

}  // namespace openpcc::policy

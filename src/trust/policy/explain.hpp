// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "trust/policy/policy.hpp"

namespace openpcc::policy {

// Sentence says in English what one member of a policy asks for, or what it leaves open.
struct Sentence {
    std::string member;
    std::string text;
    friend bool operator==(const Sentence&, const Sentence&) = default;
};

// explain covers every member, in the order of the file, as of `now`.
std::vector<Sentence> explain(const Policy& policy, TimePoint now);

}  // namespace openpcc::policy

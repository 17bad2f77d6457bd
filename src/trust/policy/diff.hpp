// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "trust/policy/policy.hpp"

namespace openpcc::policy {

// Direction says what a change does: kLooser accepts something that was refused, kTighter the other way round,
// kDifferent both or neither.
enum class Direction : std::uint8_t { kLooser, kTighter, kDifferent };
std::string_view to_string(Direction direction);  // "looser", "tighter", "different"

// Change is one member that is not the same; `from` is empty for an entry that came, `to` for one that went.
struct Change {
    std::string member;
    std::string from;
    std::string to;
    Direction direction;
    friend bool operator==(const Change&, const Change&) = default;
};

// diff compares member by member, lists entry by entry whatever their order. It is empty exactly when the policies are
// equal but for the order of their lists.
std::vector<Change> diff(const Policy& from, const Policy& to);

}  // namespace openpcc::policy

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "core/time.hpp"
#include "core/verdict.hpp"

// What the rules for every kind of evidence have in common.
namespace openpcc::evidence {

// Must is what one bit of a configuration has to be.
enum class Must : std::uint8_t { kZero, kOne, kAny };
std::string_view to_string(Must must);  // "zero", "one", "any"

constexpr bool holds(Must must, bool bit) { return must == Must::kAny || bit == (must == Must::kOne); }

// CollateralAge grades what a vendor signed by the time since it was issued: older than `amber` is a note, older than
// `red` fails, and so does what is issued in the future (beyond the skew of clocks), whatever `nextUpdate` says. The
// defaults accept nothing.
struct CollateralAge {
    static constexpr Seconds kSkew{300};
    Seconds amber{-1};
    Seconds red{-1};
    Outcome grade(TimePoint issued, TimePoint now) const;
    friend bool operator==(const CollateralAge&, const CollateralAge&) = default;
};

}  // namespace openpcc::evidence

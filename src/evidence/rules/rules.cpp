// SPDX-License-Identifier: Apache-2.0
#include "evidence/rules/rules.hpp"

#include <algorithm>

namespace openpcc::evidence {

std::string_view to_string(Must must) {
    switch (must) {
        case Must::kZero:
            return "zero";
        case Must::kOne:
            return "one";
        case Must::kAny:
            return "any";
    }
    return "zero";
}

Outcome CollateralAge::grade(TimePoint issued, TimePoint now) const {
    if (issued > now + kSkew) return Outcome::kFail;
    const Seconds age = std::max(now - issued, Seconds(0));
    if (age > red) return Outcome::kFail;
    return age > amber ? Outcome::kNote : Outcome::kPass;
}

}  // namespace openpcc::evidence

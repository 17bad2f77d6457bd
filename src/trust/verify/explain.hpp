// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace openpcc::verify {

// Explanation says for people what a check protects them from, and what to do when it does not pass.
struct Explanation {
    std::string_view meaning;
    std::string_view remedy;
};

// explain knows every check by its id, or by the family that the id belongs to ("tdx.attributes.lass" is one of
// "tdx.attributes."). An id that nobody knows gets an explanation that says so.
Explanation explain(std::string_view check_id);

}  // namespace openpcc::verify

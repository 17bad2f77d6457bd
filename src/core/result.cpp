// SPDX-License-Identifier: Apache-2.0
#include "core/result.hpp"

namespace openpcc {

std::string_view to_string(Category category) {
    switch (category) {
        case Category::kBadInput: return "bad_input";
        case Category::kUnauthenticated: return "unauthenticated";
        case Category::kUnverified: return "unverified";
        case Category::kUnavailable: return "unavailable";
        case Category::kTimeout: return "timeout";
        case Category::kInternal: return "internal";
    }
    return "internal";
}

std::string Error::describe() const {
    std::string out(code_.name);
    if (!text_.empty()) out.append(": ").append(text_);
    return out;
}

}  // namespace openpcc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace openpcc::obs {

// Label is text that stands in our own source: only a literal can become one, so nothing that was received, computed or
// configured ever appears where a Label is asked for.
class Label {
  public:
    template <std::size_t N>
    consteval Label(const char (&literal)[N]) : text_(literal, N - 1) {}  // NOLINT: written as a plain literal
    constexpr std::string_view text() const { return text_; }

  private:
    std::string_view text_;
};

}  // namespace openpcc::obs

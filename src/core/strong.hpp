// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>

namespace openpcc {

// Strong is a number with a meaning: two tags do not mix, and there is no arithmetic.
template <class T, class Tag>
class Strong {
  public:
    constexpr Strong() = default;
    constexpr explicit Strong(T value) : value_(value) {}
    constexpr T value() const { return value_; }
    friend constexpr bool operator==(const Strong&, const Strong&) = default;
    friend constexpr auto operator<=>(const Strong&, const Strong&) = default;

  private:
    T value_{};
};

}  // namespace openpcc

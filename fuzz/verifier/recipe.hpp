// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"

// A recipe says how a good node is made hostile: which node, and one edit a line. Everything that an edit's field is
// part of is signed after it, by throwaway authorities; so a recipe reaches what lies behind signatures.
//
//   # a comment
//   base genoa
//   report.policy set 0 0 0000080000000000
namespace openpcc::hostile {

// Base is the good node that a recipe begins with.
enum class Base : std::uint8_t { kTdx, kGenoa, kGenoaVlek, kTurin, kTurinVlek, kMilan };
inline constexpr std::size_t kBases = 6;
constexpr bool is_tdx(Base base) { return base == Base::kTdx; }

// Op is what happens to a value. A value of fixed size keeps its size: what would grow overwrites, what is cut is zero.
enum class Op : std::uint8_t {
    kSet,     // `value` from `at`; a value of free size becomes it
    kXor,     // `value` from `at`
    kAdd,     // `value`, a number of at most eight bytes, little-endian, to the number at `at`
    kCut,     // `size` bytes or entries from `at`
    kCopy,    // the same once more, behind itself
    kSwap,    // byte or entry `at` with the one at `size`
    kInsert,  // `value` at `at`; in a list, an entry made of it
};
inline constexpr std::size_t kOps = 7;

struct Edit {
    std::string field;
    Op op = Op::kSet;
    std::uint32_t at = 0;
    std::uint32_t size = 0;
    Bytes value;
};

struct Recipe {
    static constexpr std::size_t kMostEdits = 12;
    static constexpr std::size_t kLongestValue = 2048;

    Base base = Base::kTdx;
    std::vector<Edit> edits;

    // parse: nothing for what is no recipe. A field that no node has is one all the same, and changes nothing.
    static std::optional<Recipe> parse(std::string_view text);
    std::string text() const;
};

}  // namespace openpcc::hostile

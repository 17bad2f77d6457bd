// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <concepts>
#include <cstring>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/bytes.hpp"
#include "core/time.hpp"
#include "verifier/recipe.hpp"

namespace openpcc::hostile {

// Known is a field that a base has: its name, and how many bytes or entries it had.
struct Known {
    std::string name;
    std::size_t size = 0;
};

// apply_fixed and apply_free are one edit of bytes whose number is given, and of bytes that may become more or fewer.
void apply_fixed(const Edit& edit, ByteSpan value);
void apply_free(const Edit& edit, Bytes& value);

// Edits applies a recipe while a node is made: each part names its fields here before it is signed. It notes what
// became different, and, for the mutator, which fields there are. One node, one thread.
class Edits {
  public:
    static constexpr std::size_t kLongest = 60'000;  // of a value of free size
    static constexpr std::size_t kMostEntries = 40;

    explicit Edits(const Recipe& recipe) : recipe_(recipe) {}

    // field is a number, an enum, a flag, or an array of them or of bytes.
    template <class T>
        requires std::is_trivially_copyable_v<T>
    void field(std::string_view name, T& value) {
        known_.push_back({std::string(name), sizeof(T)});
        if (!touches(name)) return;
        Bytes image(ByteView(reinterpret_cast<const std::uint8_t*>(&value), sizeof(T)));
        each(name, image, [](const Edit& edit, Bytes& bytes) {
            apply_fixed(edit, bytes.span());
            if constexpr (std::is_same_v<T, bool>) bytes[0] &= 1;
        });
        std::memcpy(&value, image.data(), sizeof(T));
    }
    // A moment stays within what certificates and documents can say: 1970 to 9999.
    void field(std::string_view name, TimePoint& value);
    void field(std::string_view name, Bytes& value);
    void field(std::string_view name, std::string& value);
    // name is one that a certificate can have: at most 64 printable characters.
    void name(std::string_view name, std::string& value);
    // optional is a field that may be absent; an edit makes it present.
    template <class T>
    void optional(std::string_view name, std::optional<T>& value) {
        if (!touches(name)) {
            known_.push_back({std::string(name), sizeof(T)});
            return;
        }
        T content = value.value_or(T{});
        field(name, content);
        if (!value) changed_.insert(std::string(name));
        value = std::move(content);
    }
    // list is the order and number of entries; `make` makes one of an edit's bytes.
    template <class T, class Make>
    void list(std::string_view name, std::vector<T>& value, Make make) {
        known_.push_back({std::string(name), value.size()});
        each(name, value, [&](const Edit& edit, std::vector<T>& entries) { apply_list(edit, entries, make); });
    }

    // touches: the recipe has an edit of this field, or of one whose name begins so.
    bool touches(std::string_view prefix) const;
    // changed is every field that an edit has left different.
    const std::set<std::string>& changed() const { return changed_; }
    bool has_changed(std::string_view prefix) const;
    const std::vector<Known>& known() const { return known_; }

  private:
    template <class T>
    static bool same(const T& a, const T& b) {
        return a == b;
    }
    // A list of what cannot be compared counts as changed.
    template <class T>
    static bool same(const std::vector<T>& a, const std::vector<T>& b) {
        if constexpr (std::equality_comparable<T>) return a == b;
        return false;
    }
    // Edits that undo each other change nothing.
    template <class T, class Apply>
    void each(std::string_view name, T& value, Apply apply) {
        if (!touches(name)) return;
        const T before = value;
        for (const Edit& edit : recipe_.edits)
            if (edit.field == name) apply(edit, value);
        if (!same(before, value)) changed_.insert(std::string(name));
    }
    template <class T, class Make>
    static void apply_list(const Edit& edit, std::vector<T>& list, Make make) {
        const auto offset = [](std::size_t at) { return static_cast<std::ptrdiff_t>(at); };
        const std::size_t from = std::min<std::size_t>(edit.at, list.size());
        const std::size_t count = std::min<std::size_t>(edit.size, list.size() - from);
        switch (edit.op) {
            case Op::kCut:
                list.erase(list.begin() + offset(from), list.begin() + offset(from + count));
                return;
            case Op::kCopy: {
                if (list.size() + count > kMostEntries) return;
                const std::vector<T> part(list.begin() + offset(from), list.begin() + offset(from + count));
                list.insert(list.begin() + offset(from + count), part.begin(), part.end());
                return;
            }
            case Op::kSwap:
                if (from < list.size() && edit.size < list.size()) std::swap(list[from], list[edit.size]);
                return;
            case Op::kInsert:
                if (list.size() < kMostEntries) list.insert(list.begin() + offset(from), make(ByteView(edit.value)));
                return;
            default:
                return;
        }
    }

    const Recipe& recipe_;
    std::set<std::string> changed_;
    std::vector<Known> known_;
};

}  // namespace openpcc::hostile

// SPDX-License-Identifier: Apache-2.0
#include "verifier/recipe.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"

namespace openpcc::hostile {

namespace {

constexpr std::array<std::string_view, kBases> kBaseNames{"tdx", "genoa", "genoa-vlek", "turin", "turin-vlek", "milan"};
constexpr std::array<std::string_view, kOps> kOpNames{"set", "xor", "add", "cut", "copy", "swap", "insert"};
constexpr std::size_t kLongestField = 64;

std::string_view take_until(std::string_view& text, char end) {
    const std::size_t at = std::min(text.find(end), text.size());
    const std::string_view out = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return out;
}

template <class Names>
std::optional<std::uint8_t> index_of(const Names& names, std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::uint8_t>(found - names.begin());
}

bool read_number(std::string_view text, std::uint32_t& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
}

std::optional<Edit> read_edit(std::string_view line) {
    Edit out;
    out.field = take_until(line, ' ');
    if (out.field.empty() || out.field.size() > kLongestField) return std::nullopt;
    const auto op = index_of(kOpNames, take_until(line, ' '));
    if (!op || !read_number(take_until(line, ' '), out.at) || !read_number(take_until(line, ' '), out.size))
        return std::nullopt;
    out.op = static_cast<Op>(*op);
    auto value = from_hex(take_until(line, ' '));
    if (!value || value->size() > Recipe::kLongestValue || !line.empty()) return std::nullopt;
    out.value = *std::move(value);
    return out;
}

}  // namespace

std::optional<Recipe> Recipe::parse(std::string_view text) {
    Recipe out;
    bool based = false;
    while (!text.empty()) {
        std::string_view line = take_until(text, '\n');
        if (line.empty() || line.front() == '#') continue;
        if (!based) {
            if (take_until(line, ' ') != "base") return std::nullopt;
            const auto base = index_of(kBaseNames, line);
            if (!base) return std::nullopt;
            out.base = static_cast<Base>(*base);
            based = true;
            continue;
        }
        auto edit = read_edit(line);
        if (!edit || out.edits.size() == kMostEdits) return std::nullopt;
        out.edits.push_back(*std::move(edit));
    }
    return based ? std::optional(std::move(out)) : std::nullopt;
}

std::string Recipe::text() const {
    std::string out = "base " + std::string(kBaseNames[static_cast<std::size_t>(base)]) + "\n";
    for (const Edit& edit : edits) {
        out += edit.field + " " + std::string(kOpNames[static_cast<std::size_t>(edit.op)]) + " ";
        out += std::to_string(edit.at) + " " + std::to_string(edit.size);
        out += (edit.value.empty() ? "" : " ") + to_hex(edit.value) + "\n";
    }
    return out;
}

}  // namespace openpcc::hostile

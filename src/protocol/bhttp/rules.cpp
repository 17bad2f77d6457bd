// SPDX-License-Identifier: Apache-2.0
#include "protocol/bhttp/rules.hpp"

#include <algorithm>
#include <array>

#include "wire/http.hpp"

namespace openpcc::bhttp {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_visible(char c) { return c > 0x20 && c < 0x7f; }

bool is_visible_without(std::string_view text, std::string_view marks) {
    return std::ranges::all_of(text, [&](char c) { return is_visible(c) && marks.find(c) == std::string_view::npos; });
}

}  // namespace

bool is_scheme(std::string_view scheme) {
    if (scheme.empty() || !is_letter(scheme.front())) return false;
    return std::ranges::all_of(
        scheme, [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'; });
}

bool is_authority(std::string_view authority) { return is_visible_without(authority, "/?#@\\"); }

bool is_path(std::string_view path) { return path == "*" || (path.starts_with('/') && is_visible_without(path, "#")); }

bool is_extension_pseudo_field(std::string_view name) {
    constexpr std::array<std::string_view, 5> kReplaced{":method", ":scheme", ":authority", ":path", ":status"};
    return name.starts_with(':') && http::is_field_name(name.substr(1)) &&
           std::ranges::find(kReplaced, name) == kReplaced.end();
}

}  // namespace openpcc::bhttp

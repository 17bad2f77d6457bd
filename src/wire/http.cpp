// SPDX-License-Identifier: Apache-2.0
#include "wire/http.hpp"

#include <algorithm>

namespace openpcc::http {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_token_char(char c) {
    constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
}

}  // namespace

void Fields::set(std::string_view name, std::string value) {
    remove(name);
    add(std::string(name), std::move(value));
}

void Fields::remove(std::string_view name) {
    std::erase_if(list_, [&](const Field& field) { return field.name == name; });
}

std::optional<std::string_view> Fields::get(std::string_view name) const {
    std::optional<std::string_view> found;
    for (const Field& field : list_) {
        if (field.name != name) continue;
        if (found) return std::nullopt;
        found = field.value;
    }
    return found;
}

std::size_t Fields::count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count_if(list_, [&](const Field& field) { return field.name == name; }));
}

bool is_token(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_token_char); }

bool is_field_name(std::string_view name) {
    return is_token(name) && std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_field_value(std::string_view value) {
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    if (!value.empty() && (blank(value.front()) || blank(value.back()))) return false;
    return std::ranges::all_of(value, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

bool media_type_is(std::optional<std::string_view> content_type, std::string_view media_type) {
    if (!content_type) return false;
    std::string_view found = content_type->substr(0, content_type->find(';'));
    while (!found.empty() && (found.back() == ' ' || found.back() == '\t')) found.remove_suffix(1);
    return std::ranges::equal(found, media_type, {}, lower, lower);
}

}  // namespace openpcc::http

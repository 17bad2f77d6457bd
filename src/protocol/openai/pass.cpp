// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/pass.hpp"

#include <fmt/format.h>

#include <string>

#include "protocol/openai/errors.hpp"

namespace openpcc::openai {

const json::Value* present(const json::Value& object, std::string_view name) {
    const json::Value* value = object.get(name);
    return value != nullptr && value->kind() != json::Value::Kind::kNull ? value : nullptr;
}

std::unexpected<Error> bad(std::string_view name, std::string_view rule) {
    return fail(kBadRequest, fmt::format("{}: {}", name, rule));
}

Result<void> pass_number(const json::Value& from, json::Value& to, std::string_view name, double least, double most) {
    const json::Value* value = present(from, name);
    if (value == nullptr) return {};
    const auto number = value->as_double();
    if (!number || !(*number >= least && *number <= most))
        return bad(name, fmt::format("a number from {} to {}", least, most));
    to.set(name, value->clone());
    return {};
}

Result<std::optional<std::int64_t>> read_integer(const json::Value& from, std::string_view name, std::int64_t least,
                                                 std::int64_t most) {
    const json::Value* value = present(from, name);
    if (value == nullptr) return std::nullopt;
    const auto number = value->as_int();
    if (!number || *number < least || *number > most)
        return bad(name, fmt::format("a whole number from {} to {}", least, most));
    return number;
}

Result<void> pass_integer(const json::Value& from, json::Value& to, std::string_view name, std::int64_t least,
                          std::int64_t most) {
    OPENPCC_TRY(const auto number, read_integer(from, name, least, most));
    if (number) to.set(name, json::Value::integer(*number));
    return {};
}

Result<bool> read_bool(const json::Value& from, std::string_view name, bool absent) {
    const json::Value* value = present(from, name);
    if (value == nullptr) return absent;
    const auto flag = value->as_bool();
    if (!flag) return bad(name, "true or false");
    return *flag;
}

Result<void> pass_bool(const json::Value& from, json::Value& to, std::string_view name) {
    if (present(from, name) == nullptr) return {};
    OPENPCC_TRY(const bool flag, read_bool(from, name, false));
    to.set(name, json::Value::boolean(flag));
    return {};
}

Result<std::string_view> read_text(const json::Value& from, std::string_view name, std::size_t most_bytes) {
    const json::Value* value = present(from, name);
    if (value == nullptr) return bad(name, "missing");
    const auto text = value->as_string();
    if (!text) return bad(name, "a text");
    if (text->size() > most_bytes) return bad(name, fmt::format("at most {} bytes", most_bytes));
    return *text;
}

Result<void> pass_text(const json::Value& from, json::Value& to, std::string_view name, std::size_t most_bytes) {
    if (present(from, name) == nullptr) return {};
    OPENPCC_TRY(const std::string_view text, read_text(from, name, most_bytes));
    to.set(name, json::Value::string(text));
    return {};
}

}  // namespace openpcc::openai

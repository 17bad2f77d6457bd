// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/result.hpp"
#include "wire/json.hpp"

// Copying of single members from a caller's object to the engine's, by type and range. Errors are openai.bad_request
// with the member's name, which is always one of ours.
namespace openpcc::openai {

// present is the member when it is there and not null.
const json::Value* present(const json::Value& object, std::string_view name);

std::unexpected<Error> bad(std::string_view name, std::string_view rule);

Result<void> pass_number(const json::Value& from, json::Value& to, std::string_view name, double least, double most);
Result<void> pass_integer(const json::Value& from, json::Value& to, std::string_view name, std::int64_t least,
                          std::int64_t most);
Result<void> pass_bool(const json::Value& from, json::Value& to, std::string_view name);
Result<void> pass_text(const json::Value& from, json::Value& to, std::string_view name, std::size_t most_bytes);

// Readers: the value, or `absent` when it is not there.
Result<bool> read_bool(const json::Value& from, std::string_view name, bool absent);
Result<std::optional<std::int64_t>> read_integer(const json::Value& from, std::string_view name, std::int64_t least,
                                                 std::int64_t most);
// read_text is a text that must be there.
Result<std::string_view> read_text(const json::Value& from, std::string_view name, std::size_t most_bytes);

}  // namespace openpcc::openai

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/result.hpp"
#include "protocol/openai/request.hpp"
#include "wire/json.hpp"

// Images stand in the request itself. An address is never taken: an engine that fetches what a caller names is a way
// out, and a sealed prompt would tell a third party that it exists.
namespace openpcc::openai {

// image_of_url is a part of the engine's request for a data URL: PNG, JPEG, GIF or WebP in canonical base64, whose
// first bytes are what the type says. openai.unsupported_field for an address and where the engine has no eyes.
Result<json::Value> image_of_url(std::string_view url, const Limits& limits, std::string_view where);
// image_of_base64 is the same for a media type and its data.
Result<json::Value> image_of_base64(std::string_view media_type, std::string_view data, const Limits& limits,
                                    std::string_view where);
// check_images refuses a conversation of the engine's request with more images than a node takes.
Result<void> check_images(const json::Value& messages, const Limits& limits);

}  // namespace openpcc::openai

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "protocol/openai/request.hpp"

// GET /v1/models and GET /v1/models/ID: what a node serves, answered without the engine.
namespace openpcc::openai {

// models_path is the one way to write a path that asks for models, or nothing for another path: a name without escapes,
// and no query. An error for a name that no model can have: openai.unknown_model.
Result<std::optional<std::string>> models_path(std::string_view path);

// models_body answers a path that models_path has given: the list, or one model by its name or an alias
// (openai.unknown_model). OpenAI's members and Anthropic's stand side by side in one object.
Result<std::string> models_body(std::string_view path, const Dialect& dialect);

}  // namespace openpcc::openai

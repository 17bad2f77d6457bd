// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/random.hpp"
#include "core/result.hpp"
#include "protocol/openai/request.hpp"
#include "wire/json.hpp"

// What the APIs share of a request: the model, where an answer stops, how it streams, and what the node adds.
namespace openpcc::openai {

Result<void> check_model(const json::Value& from, const Dialect& dialect);
// pass_stop reads the texts of the member `name`, into `stop` of the engine's request.
Result<void> pass_stop(const json::Value& from, std::string_view name, json::Value& to, EngineRequest& request,
                       const Limits& limits);
// pass_max_tokens reads a member under any of its names; the node's limit where there is none.
Result<void> pass_max_tokens(const json::Value& from, std::initializer_list<std::string_view> names, json::Value& to,
                             const Dialect& dialect);
Result<void> refuse_storage(const json::Value& from);
// add_node_fields makes the engine stream, count, and keep callers apart.
void add_node_fields(json::Value& to, const Dialect& dialect, Random& random);

}  // namespace openpcc::openai

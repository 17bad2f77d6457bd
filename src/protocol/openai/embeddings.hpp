// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "protocol/openai/request.hpp"
#include "wire/json.hpp"

namespace openpcc::openai {

// What a request asks of the answer.
struct Embedded {
    std::uint32_t inputs = 1;
    bool base64 = false;
};

// admit_embeddings checks a request of POST /v1/embeddings: texts, no lists of tokens.
Result<void> admit_embeddings(const json::Value& from, json::Value& to, EngineRequest& request, const Dialect& dialect);

// rewrite_embeddings writes the caller's answer of the engine's: one vector of numbers for each text, all of one
// length.
Result<json::Value> rewrite_embeddings(const json::Value& engine, const Embedded& asked, std::string_view public_model);

}  // namespace openpcc::openai

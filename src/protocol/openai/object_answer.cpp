// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/object_answer.hpp"

#include "protocol/openai/errors.hpp"

namespace openpcc::openai {

using json::Value;

Result<Value> read_object(ByteView engine_bytes) {
    auto parsed = json::parse(engine_bytes);
    if (!parsed || !parsed->is_object()) return fail(kBadAnswer, "the answer is not a JSON object");
    if (parsed->get("error") != nullptr) return fail(kBadAnswer, "the engine reports an error");
    return parsed;
}

Result<Value> rewrite_count(const Value& engine) {
    const Value* tokens = engine.get("input_tokens");
    const auto count = tokens != nullptr ? tokens->as_int() : std::nullopt;
    if (!count || *count < 0) return fail(kBadAnswer, "a count is no number");
    Value out = Value::object();
    out.set("input_tokens", Value::integer(*count));
    return out;
}

}  // namespace openpcc::openai

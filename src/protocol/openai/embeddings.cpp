// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/embeddings.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <vector>

#include "core/text.hpp"
#include "protocol/openai/errors.hpp"
#include "protocol/openai/fields.hpp"
#include "protocol/openai/pass.hpp"
#include "protocol/openai/sampling.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

constexpr std::size_t kMostNumbers = 16384;  // of one vector; large models have 8192

std::unexpected<Error> bad_answer(std::string_view what) { return fail(kBadAnswer, std::string(what)); }

Result<Value> admit_input(const Value& input, const Limits& limits) {
    Value out = Value::array();
    const auto add = [&](const Value& text) {
        const auto words = text.as_string();
        if (!words || words->empty()) return false;
        out.push(Value::string(*words));
        return true;
    };
    bool good = !input.is_array() ? add(input) : !input.elements().empty();
    if (input.elements().size() > limits.inputs)
        return fail(kTooLarge, fmt::format("input: at most {}", limits.inputs));
    for (const Value& text : input.elements()) good = good && add(text);
    if (!good) return bad("input", "one text or a list of texts, none empty");
    return out;
}

// The API's other form: 32-bit numbers, little-endian, in base64.
Value to_base64_form(const Value& numbers) {
    Bytes bytes;
    for (const Value& number : numbers.elements()) {
        const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(number.as_double().value_or(0)));
        for (unsigned shift = 0; shift < 32; shift += 8) {
            const std::uint8_t byte = static_cast<std::uint8_t>(bits >> shift);
            bytes.append(ByteView(&byte, 1));
        }
    }
    return Value::string(to_base64(bytes));
}

Result<Value> read_vector(const Value& one) {
    const Value* numbers = one.get("embedding");
    if (numbers == nullptr || !numbers->is_array()) return bad_answer("no embedding");
    if (numbers->elements().empty() || numbers->elements().size() > kMostNumbers)
        return bad_answer("an embedding of another length");
    Value out = Value::array();
    for (const Value& number : numbers->elements()) {
        const auto value = number.as_double();
        if (!value || !std::isfinite(*value)) return bad_answer("an embedding is not of numbers");
        out.push(number.clone());
    }
    return out;
}

Result<std::vector<Value>> read_vectors(const Value& engine, std::uint32_t inputs) {
    const Value* data = engine.get("data");
    if (data == nullptr || !data->is_array() || data->elements().size() != inputs)
        return bad_answer("not as many embeddings as texts");
    std::vector<Value> vectors(inputs);
    for (const Value& one : data->elements()) {
        const Value* index = one.get("index");
        const auto number = index != nullptr ? index->as_int() : std::nullopt;
        if (!number || *number < 0 || *number >= inputs) return bad_answer("an embedding that was not asked for");
        Value& place = vectors[static_cast<std::size_t>(*number)];
        if (place.is_array()) return bad_answer("an embedding twice");
        OPENPCC_TRY(place, read_vector(one));
    }
    for (const Value& vector : vectors)
        if (vector.elements().size() != vectors[0].elements().size())
            return bad_answer("embeddings of different lengths");
    return vectors;
}

Result<Value> read_usage(const Value& engine) {
    const Value* usage = engine.get("usage");
    if (usage == nullptr) return bad_answer("the engine gave no usage");
    Value out = Value::object();
    for (const std::string_view name : {"prompt_tokens", "total_tokens"}) {
        const Value* value = usage->get(name);
        const auto count = value != nullptr ? value->as_int() : std::nullopt;
        if (!count || *count < 0) return bad_answer("usage is not a count");
        out.set(name, Value::integer(*count));
    }
    return out;
}

}  // namespace

Result<void> admit_embeddings(const Value& from, Value& to, EngineRequest& request, const Dialect& dialect) {
    OPENPCC_CHECK(check_names(from, embeddings_fields(), Place::kBoth, ""));
    OPENPCC_CHECK(check_model(from, dialect));
    const Value* input = present(from, "input");
    if (input == nullptr) return bad("input", "missing");
    OPENPCC_TRY(Value texts, admit_input(*input, dialect.limits));
    request.inputs = static_cast<std::uint32_t>(texts.elements().size());
    to.set("input", std::move(texts));
    const Value* format = present(from, "encoding_format");
    const auto word = format != nullptr ? format->as_string() : "float";
    if (word != "float" && word != "base64") return bad("encoding_format", "float or base64");
    request.base64 = word == "base64";
    to.set("encoding_format", Value::string("float"));
    request.gives = EngineAnswer::kObject;
    return {};
}

Result<Value> rewrite_embeddings(const Value& engine, const Embedded& asked, std::string_view public_model) {
    OPENPCC_TRY(std::vector<Value> vectors, read_vectors(engine, asked.inputs));
    OPENPCC_TRY(Value usage, read_usage(engine));
    Value out = Value::object();
    out.set("object", Value::string("list"));
    Value& data = out.set("data", Value::array());
    for (std::size_t i = 0; i < vectors.size(); ++i) {
        Value& one = data.push(Value::object());
        one.set("object", Value::string("embedding"));
        one.set("index", Value::integer(static_cast<std::int64_t>(i)));
        one.set("embedding", asked.base64 ? to_base64_form(vectors[i]) : std::move(vectors[i]));
    }
    out.set("model", Value::string(public_model));
    out.set("usage", std::move(usage));
    return out;
}

}  // namespace openpcc::openai

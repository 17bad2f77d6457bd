// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "core/text.hpp"
#include "protocol/openai/errors.hpp"
#include "protocol/openai/fields.hpp"
#include "protocol/openai/messages.hpp"
#include "protocol/openai/pass.hpp"
#include "protocol/openai/request.hpp"
#include "protocol/openai/tools.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

constexpr std::size_t kMostStopBytes = 256;
constexpr std::int64_t kMostTopLogprobs = 5;
constexpr std::string_view kChatPath = "/v1/chat/completions";
constexpr std::string_view kCompletionsPath = "/v1/completions";

constexpr auto kStreamOptionFields = std::to_array<FieldRule>({
    {"include_usage", Treatment::kSet},
    {"include_obfuscation", Treatment::kDropped},  // sizes are hidden by the seal's cells
});

Result<void> check_model(const Value& body, const Dialect& dialect) {
    const Value* model = present(body, "model");
    const auto name = model != nullptr ? model->as_string() : std::nullopt;
    if (!name) return bad("model", "the name of a model");
    if (*name != dialect.model_name && std::ranges::find(dialect.model_aliases, *name) == dialect.model_aliases.end())
        return fail(kUnknownModel, "no model of that name: GET /v1/models lists them");
    return {};
}

Result<void> pass_stop(const Value& from, Value& to, const Limits& limits) {
    const Value* stop = present(from, "stop");
    if (stop == nullptr) return {};
    Value list = Value::array();
    const auto add = [&](const Value& value) {
        const auto text = value.as_string();
        if (!text || text->empty() || text->size() > kMostStopBytes) return false;
        list.push(Value::string(*text));
        return true;
    };
    const bool good = stop->is_array()
                          ? stop->elements().size() <= limits.stop_strings && std::ranges::all_of(stop->elements(), add)
                          : add(*stop);
    if (!good) return bad("stop", fmt::format("up to {} texts of 1 to {} bytes", limits.stop_strings, kMostStopBytes));
    if (!list.elements().empty()) to.set("stop", std::move(list));
    return {};
}

Result<void> pass_max_tokens(const Value& from, Value& to, const Dialect& dialect) {
    const std::int64_t most = dialect.limits.max_tokens;
    OPENPCC_TRY(auto tokens, read_integer(from, "max_tokens", 1, most));
    OPENPCC_TRY(const auto newer, read_integer(from, "max_completion_tokens", 1, most));
    if (tokens && newer) return bad("max_tokens", "not together with max_completion_tokens");
    if (newer) tokens = newer;
    if (!tokens && dialect.token_default == TokenDefault::kSentByNode) tokens = most;
    if (tokens) to.set("max_tokens", Value::integer(*tokens));
    return {};
}

Result<void> pass_sampling(const Value& from, Value& to, const Dialect& dialect) {
    OPENPCC_CHECK(pass_number(from, to, "temperature", 0, 2));
    OPENPCC_CHECK(pass_number(from, to, "top_p", 0, 1));
    OPENPCC_CHECK(pass_number(from, to, "presence_penalty", -2, 2));
    OPENPCC_CHECK(pass_number(from, to, "frequency_penalty", -2, 2));
    OPENPCC_CHECK(pass_integer(from, to, "seed", std::numeric_limits<std::int64_t>::min(),
                               std::numeric_limits<std::int64_t>::max()));
    OPENPCC_CHECK(pass_integer(from, to, "n", 1, dialect.limits.choices));
    OPENPCC_CHECK(pass_stop(from, to, dialect.limits));
    return pass_max_tokens(from, to, dialect);
}

Result<void> pass_logprobs(const Value& from, Value& to, EngineRequest& request) {
    OPENPCC_TRY(request.caller_wants_logprobs, read_bool(from, "logprobs", false));
    if (request.caller_wants_logprobs) to.set("logprobs", Value::boolean(true));
    OPENPCC_TRY(const auto top, read_integer(from, "top_logprobs", 0, kMostTopLogprobs));
    if (top && !request.caller_wants_logprobs) return bad("top_logprobs", "only with logprobs");
    if (top) to.set("top_logprobs", Value::integer(*top));
    return {};
}

// How the answer is to be given is between the caller and us: the engine always streams and always counts.
Result<void> read_stream(const Value& from, EngineRequest& request) {
    OPENPCC_TRY(request.caller_streams, read_bool(from, "stream", false));
    request.caller_wants_usage = !request.caller_streams;
    const Value* options = present(from, "stream_options");
    if (options == nullptr) return {};
    if (!request.caller_streams) return bad("stream_options", "only with stream");
    if (!options->is_object()) return bad("stream_options", "an object");
    OPENPCC_CHECK(check_names(*options, kStreamOptionFields, Place::kBoth, "stream_options."));
    OPENPCC_TRY(request.caller_wants_usage, read_bool(*options, "include_usage", false));
    return {};
}

Result<void> refuse_storage(const Value& from) {
    OPENPCC_TRY(const bool store, read_bool(from, "store", false));
    if (store) return fail(kUnsupportedField, "store");
    return {};
}

Result<void> pass_words(const Value& from, Value& to, EngineRequest& request, const Limits& limits) {
    if (!request.chat) {
        const Value* prompt = present(from, "prompt");
        if (prompt == nullptr || !prompt->is_string()) return bad("prompt", "one text");
        to.set("prompt", prompt->clone());
        return {};
    }
    const Value* messages = present(from, "messages");
    if (messages == nullptr) return bad("messages", "missing");
    OPENPCC_TRY(Value admitted, admit_messages(*messages, limits));
    to.set("messages", std::move(admitted));
    OPENPCC_CHECK(admit_tools(from, to));
    OPENPCC_CHECK(admit_format(from, to));
    return pass_logprobs(from, to, request);
}

void add_node_fields(Value& to, const Dialect& dialect, Random& random) {
    to.set("stream", Value::boolean(true));
    to.set("stream_options", Value::object()).set("include_usage", Value::boolean(true));
    if (dialect.cache == CacheIsolation::kCacheOff) {
        to.set("cache_prompt", Value::boolean(false));
        // Events while it reads the prompt: llama-server notices a closed connection when it writes, else once a
        // second.
        to.set("return_progress", Value::boolean(true));
    } else {
        to.set("cache_salt", Value::string(to_hex(random.array<ByteArray<16>>())));
    }
}

}  // namespace

Result<EngineRequest> admit(std::string_view method, std::string_view path, ByteView body, const Dialect& dialect,
                            Random& random) {
    EngineRequest request;
    request.chat = path == kChatPath;
    if (method != "POST" || (!request.chat && path != kCompletionsPath)) return fail(kUnknownPath, "POST /v1/chat/completions or /v1/completions, or GET /v1/models");
    request.path = request.chat ? kChatPath : kCompletionsPath;
    if (body.size() > dialect.limits.body_bytes)
        return fail(kTooLarge, fmt::format("body: at most {} bytes", dialect.limits.body_bytes));
    const auto from = json::parse(body);
    if (!from || !from->is_object()) return bad("body", "not a JSON object");
    OPENPCC_CHECK(check_names(*from, request_fields(), request.chat ? Place::kChat : Place::kCompletions, ""));
    OPENPCC_CHECK(check_model(*from, dialect));
    OPENPCC_CHECK(refuse_storage(*from));
    OPENPCC_CHECK(read_stream(*from, request));

    Value to = Value::object();
    to.set("model", Value::string(dialect.model_name));
    OPENPCC_CHECK(pass_words(*from, to, request, dialect.limits));
    OPENPCC_CHECK(pass_sampling(*from, to, dialect));
    if (const Value* choices = to.get("n")) request.choices = static_cast<std::uint32_t>(choices->as_int().value_or(1));
    add_node_fields(to, dialect, random);
    to.write(request.body);
    return request;
}

}  // namespace openpcc::openai

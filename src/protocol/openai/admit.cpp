// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <limits>

#include "protocol/openai/anthropic_request.hpp"
#include "protocol/openai/embeddings.hpp"
#include "protocol/openai/errors.hpp"
#include "protocol/openai/fields.hpp"
#include "protocol/openai/images.hpp"
#include "protocol/openai/messages.hpp"
#include "protocol/openai/pass.hpp"
#include "protocol/openai/request.hpp"
#include "protocol/openai/responses_request.hpp"
#include "protocol/openai/sampling.hpp"
#include "protocol/openai/tools.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

constexpr std::int64_t kMostTopLogprobs = 5;
constexpr std::string_view kChatPath = "/v1/chat/completions";
constexpr std::string_view kCompletionsPath = "/v1/completions";
constexpr std::string_view kEmbeddingsPath = "/v1/embeddings";
constexpr std::string_view kCountPath = "/v1/chat/completions/input_tokens";  // llama-server's

constexpr auto kStreamOptionFields = std::to_array<FieldRule>({
    {"include_usage", Treatment::kSet},
    {"include_obfuscation", Treatment::kDropped},  // sizes are hidden by the seal's cells
});

Result<void> pass_sampling(const Value& from, Value& to, EngineRequest& request, const Dialect& dialect) {
    OPENPCC_CHECK(pass_number(from, to, "temperature", 0, 2));
    OPENPCC_CHECK(pass_number(from, to, "top_p", 0, 1));
    OPENPCC_CHECK(pass_number(from, to, "presence_penalty", -2, 2));
    OPENPCC_CHECK(pass_number(from, to, "frequency_penalty", -2, 2));
    OPENPCC_CHECK(pass_integer(from, to, "seed", std::numeric_limits<std::int64_t>::min(),
                               std::numeric_limits<std::int64_t>::max()));
    OPENPCC_CHECK(pass_integer(from, to, "n", 1, dialect.limits.choices));
    OPENPCC_CHECK(pass_stop(from, "stop", to, request, dialect.limits));
    return pass_max_tokens(from, {"max_tokens", "max_completion_tokens"}, to, dialect);
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

Result<void> pass_words(const Value& from, Value& to, EngineRequest& request, const Limits& limits) {
    if (request.api == Api::kCompletions) {
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

Result<void> admit_openai(const Value& from, Value& to, EngineRequest& request, const Dialect& dialect) {
    const bool chat = request.api == Api::kChat;
    OPENPCC_CHECK(check_names(from, request_fields(), chat ? Place::kChat : Place::kCompletions, ""));
    OPENPCC_CHECK(check_model(from, dialect));
    OPENPCC_CHECK(refuse_storage(from));
    OPENPCC_CHECK(read_stream(from, request));
    OPENPCC_CHECK(pass_words(from, to, request, dialect.limits));
    OPENPCC_CHECK(pass_sampling(from, to, request, dialect));
    if (const Value* choices = to.get("n")) request.choices = static_cast<std::uint32_t>(choices->as_int().value_or(1));
    return {};
}

Result<void> admit_by_api(const Value& from, Value& to, EngineRequest& request, const Dialect& dialect) {
    switch (request.api) {
        case Api::kChat:
        case Api::kCompletions:
            return admit_openai(from, to, request, dialect);
        case Api::kMessages:
        case Api::kCountTokens:
            return admit_anthropic(from, to, request, dialect);
        case Api::kResponses:
            return admit_responses(from, to, request, dialect);
        case Api::kEmbeddings:
            return admit_embeddings(from, to, request, dialect);
    }
    return fail(kUnknownPath);
}

std::string_view engine_path(Api api) {
    switch (api) {
        case Api::kCompletions:
            return kCompletionsPath;
        case Api::kCountTokens:
            return kCountPath;
        case Api::kEmbeddings:
            return kEmbeddingsPath;
        default:
            return kChatPath;
    }
}

}  // namespace

bool engine_path_ok(std::string_view path) {
    return path == kChatPath || path == kCompletionsPath || path == kCountPath || path == kEmbeddingsPath;
}

Result<EngineRequest> admit(std::string_view method, std::string_view path, ByteView body, const Dialect& dialect,
                            Random& random) {
    const auto api = api_of(path);
    if (method != "POST" || !api) return fail(kUnknownPath, std::string(kPaths));
    if (*api == Api::kCountTokens && !dialect.counts_tokens)
        return fail(kUnknownPath, "this node's engine does not count tokens");
    if (*api == Api::kEmbeddings && !dialect.embeds)
        return fail(kUnknownPath, "this node's engine makes no embeddings");
    EngineRequest request;
    request.api = *api;
    request.path = engine_path(*api);
    if (body.size() > dialect.limits.body_bytes)
        return fail(kTooLarge, fmt::format("body: at most {} bytes", dialect.limits.body_bytes));
    const auto from = json::parse(body);
    if (!from || !from->is_object()) return bad("body", "not a JSON object");
    Value to = Value::object();
    to.set("model", Value::string(dialect.model_name));
    OPENPCC_CHECK(admit_by_api(*from, to, request, dialect));
    if (const Value* messages = to.get("messages")) OPENPCC_CHECK(check_images(*messages, dialect.limits));
    if (request.gives == EngineAnswer::kEvents) add_node_fields(to, dialect, random);
    to.write(request.body);
    return request;
}

}  // namespace openpcc::openai

// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/sampling.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "protocol/openai/errors.hpp"
#include "protocol/openai/pass.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

constexpr std::size_t kMostStopBytes = 256;

}  // namespace

Result<void> check_model(const Value& from, const Dialect& dialect) {
    const Value* model = present(from, "model");
    const auto name = model != nullptr ? model->as_string() : std::nullopt;
    if (!name) return bad("model", "the name of a model");
    if (*name != dialect.model_name && std::ranges::find(dialect.model_aliases, *name) == dialect.model_aliases.end())
        return fail(kUnknownModel, "no model of that name: GET /v1/models lists them");
    return {};
}

Result<void> pass_stop(const Value& from, std::string_view name, Value& to, EngineRequest& request,
                       const Limits& limits) {
    const Value* stop = present(from, name);
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
    if (!good) return bad(name, fmt::format("up to {} texts of 1 to {} bytes", limits.stop_strings, kMostStopBytes));
    if (list.elements().empty()) return {};
    request.stops = list.clone();
    to.set("stop", std::move(list));
    return {};
}

Result<void> pass_max_tokens(const Value& from, std::initializer_list<std::string_view> names, Value& to,
                             const Dialect& dialect) {
    const std::int64_t most = dialect.limits.max_tokens;
    std::optional<std::int64_t> tokens;
    for (const std::string_view name : names) {
        OPENPCC_TRY(const auto given, read_integer(from, name, 1, most));
        if (given && tokens) return bad(*names.begin(), fmt::format("not together with {}", name));
        if (given) tokens = given;
    }
    if (!tokens && dialect.token_default == TokenDefault::kSentByNode) tokens = most;
    if (tokens) to.set("max_tokens", Value::integer(*tokens));
    return {};
}

Result<void> refuse_storage(const Value& from) {
    OPENPCC_TRY(const bool store, read_bool(from, "store", false));
    if (store) return fail(kUnsupportedField, "store");
    return {};
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

}  // namespace openpcc::openai

// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/outgoing.hpp"

#include <limits>

#include "protocol/openai/errors.hpp"
#include "protocol/openai/fields.hpp"
#include "protocol/openai/pass.hpp"
#include "protocol/openai/request.hpp"

namespace openpcc::openai {

namespace {

void remove_dropped(json::Value& object, std::span<const FieldRule> rules) {
    for (const FieldRule& rule : rules)
        if (rule.treatment == Treatment::kDropped) object.remove(rule.name);
}

// Every limit at its widest: how much a node takes is in its engine profile.
Dialect widest(const json::Value& body, std::size_t limit) {
    Dialect out;
    const json::Value* model = present(body, "model");
    out.model_name = model == nullptr ? "" : std::string(model->as_string().value_or(""));
    out.limits = {.body_bytes = limit,
                  .max_tokens = std::numeric_limits<std::uint32_t>::max(),
                  .choices = 128,
                  .messages = std::numeric_limits<std::uint32_t>::max(),
                  .stop_strings = 16,
                  .images = 256,
                  .inputs = 2048};
    out.counts_tokens = true;
    out.embeds = true;
    return out;
}

void remove_who(Api api, json::Value& body) {
    if (api == Api::kMessages || api == Api::kCountTokens) return remove_dropped(body, anthropic_fields());
    if (api == Api::kResponses) return remove_dropped(body, responses_fields());
    if (api == Api::kEmbeddings) return remove_dropped(body, embeddings_fields());
    remove_dropped(body, request_fields());
    const json::Value* messages = body.get("messages");
    if (messages == nullptr || !messages->is_array()) return;
    json::Value kept = json::Value::array();
    for (const json::Value& message : messages->elements())
        remove_dropped(kept.push(message.clone()), message_fields());
    body.set("messages", std::move(kept));
}

}  // namespace

Result<Outgoing> prepare(std::string_view method, std::string_view path, ByteView body, std::size_t limit,
                         Random& random) {
    if (body.size() > limit) return fail(kTooLarge, "the body is longer than " + std::to_string(limit) + " bytes");
    auto parsed = json::parse(body);
    if (!parsed || !parsed->is_object()) return fail(kBadRequest, "the body is not a JSON object");
    OPENPCC_TRY(const EngineRequest admitted, admit(method, path, body, widest(*parsed, limit), random));
    remove_who(admitted.api, *parsed);
    Outgoing out{std::string(path), {}, admitted.caller_streams};
    parsed->write(out.body);
    return out;
}

}  // namespace openpcc::openai

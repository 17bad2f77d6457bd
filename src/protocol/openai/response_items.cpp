// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/response_items.hpp"

#include <fmt/format.h>

#include <array>

namespace openpcc::openai {

namespace {

using json::Value;

// What differs between the kinds: the letters before an id, the item, its part, and the events of its words.
struct Words {
    std::string_view prefix, type, part, delta, done, text;
};
constexpr std::array<Words, 3> kWords{{
    {"rs_", "reasoning", "reasoning_text", "response.reasoning_text.delta", "response.reasoning_text.done", "text"},
    {"msg_", "message", "output_text", "response.output_text.delta", "response.output_text.done", "text"},
    {"fc_", "function_call", "", "response.function_call_arguments.delta", "response.function_call_arguments.done",
     "arguments"},
}};
const Words& words_of(ItemKind kind) { return kWords[static_cast<std::size_t>(kind)]; }

}  // namespace

Item::Item(ItemKind kind, std::string_view letters, std::int64_t place, std::string_view call_id, std::string_view name)
    : kind_(kind),
      id_(fmt::format("{}{}_{}", words_of(kind).prefix, letters, place)),
      place_(place),
      call_id_(Value::string(call_id)),
      name_(Value::string(name)) {}

Value Item::said() const {
    return text_.with([](ByteView text) { return Value::string(as_text(text)); });
}

Value Item::part() const {
    Value out = Value::object();
    out.set("type", Value::string(words_of(kind_).part));
    out.set("text", said());
    if (kind_ != ItemKind::kMessage) return out;
    out.set("annotations", Value::array());
    out.set("logprobs", Value::array());
    return out;
}

Value Item::whole(std::string_view status) const {
    Value out = Value::object();
    out.set("id", Value::string(id_));
    out.set("type", Value::string(words_of(kind_).type));
    out.set("status", Value::string(status));
    if (kind_ == ItemKind::kCall) {
        out.set("call_id", call_id_.clone());
        out.set("name", name_.clone());
        out.set("arguments", said());
        return out;
    }
    if (kind_ == ItemKind::kMessage) out.set("role", Value::string("assistant"));
    if (kind_ == ItemKind::kReasoning) out.set("summary", Value::array());
    Value& content = out.set("content", Value::array());
    if (status == "completed") content.push(part());
    return out;
}

Value Item::event(std::string_view type) const {
    Value out = Value::object();
    out.set("type", Value::string(type));
    out.set("output_index", Value::integer(place_));
    return out;
}

Value Item::part_event(std::string_view type) const {
    Value out = event(type);
    out.set("item_id", Value::string(id_));
    if (kind_ != ItemKind::kCall) out.set("content_index", Value::integer(0));
    return out;
}

std::vector<Value> Item::opening() const {
    std::vector<Value> out;
    out.push_back(event("response.output_item.added"));
    out.back().set("item", whole("in_progress"));
    if (kind_ == ItemKind::kCall) return out;
    out.push_back(part_event("response.content_part.added"));
    out.back().set("part", part());
    return out;
}

Value Item::delta(std::string_view text) const {
    Value out = part_event(words_of(kind_).delta);
    out.set("delta", Value::string(text));
    if (kind_ == ItemKind::kMessage) out.set("logprobs", Value::array());
    return out;
}

std::vector<Value> Item::closing() const {
    std::vector<Value> out;
    out.push_back(part_event(words_of(kind_).done));
    if (kind_ == ItemKind::kCall) out.back().set("name", name_.clone());
    out.back().set(words_of(kind_).text, said());
    if (kind_ == ItemKind::kMessage) out.back().set("logprobs", Value::array());
    if (kind_ != ItemKind::kCall) {
        out.push_back(part_event("response.content_part.done"));
        out.back().set("part", part());
    }
    out.push_back(event("response.output_item.done"));
    out.back().set("item", whole("completed"));
    return out;
}

}  // namespace openpcc::openai

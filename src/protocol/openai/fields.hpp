// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/result.hpp"
#include "wire/json.hpp"

// The members of a request by name. docs/reference/api.md has the same lists, and a test compares the two.
namespace openpcc::openai {

enum class Treatment : std::uint8_t {
    kPassed,   // checked, then written for the engine
    kSet,      // the caller's value is checked and obeyed; the engine gets the node's own
    kDropped,  // accepted and thrown away: it says who the caller is, or repeats an answer's decoration
    kRefused,  // known to us, and not supported; the answer may name it
};

enum class Place : std::uint8_t { kChat = 1, kCompletions = 2, kBoth = 3 };

struct FieldRule {
    std::string_view name;
    Treatment treatment;
    Place place = Place::kBoth;  // elsewhere the field is refused
};

std::span<const FieldRule> request_fields();
std::span<const FieldRule> message_fields();
// node_fields are written by the node into the engine's request, whatever the caller said.
std::span<const std::string_view> node_fields();

// BlockRule is one kind of part of a conversation, by its member "type".
struct BlockRule {
    std::string_view type;
    Treatment treatment;  // dropped: the whole part is
    std::span<const FieldRule> members = {};
};

// Anthropic's API: the same for its requests and the parts of its messages.
std::span<const FieldRule> anthropic_fields();
std::span<const BlockRule> anthropic_blocks();

// OpenAI's Responses: a request, the items of its input, and the parts of a message there.
std::span<const FieldRule> responses_fields();
std::span<const BlockRule> responses_items();
std::span<const BlockRule> responses_parts();
std::span<const FieldRule> embeddings_fields();

// find_block is the rule for a part; openai.bad_request for what is no part, openai.unsupported_field (with the name,
// when it is one of ours) for a part that is refused or that has a member that its rule does not let through.
Result<const BlockRule*> find_block(const json::Value& part, std::span<const BlockRule> rules, std::string_view where);

// check_names refuses an object with a member that `rules` do not let through at `place`. A name that we know goes into
// the error's text behind `where`; any other is the caller's own word and does not. A null member counts as absent, as
// SDKs write it; unknown names are refused even so.
Result<void> check_names(const json::Value& object, std::span<const FieldRule> rules, Place place,
                         std::string_view where);

}  // namespace openpcc::openai

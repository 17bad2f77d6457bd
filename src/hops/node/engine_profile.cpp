// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "crypto/hash.hpp"
#include "hops/node/engine_command.hpp"

namespace openpcc::node {

namespace {

constexpr std::uint32_t kMostParallel = 256;
constexpr std::uint32_t kLeastContext = 64;
constexpr std::size_t kMostNameBytes = 128;
constexpr auto kPoolings = std::to_array<std::string_view>({"none", "mean", "cls", "last", "model"});

bool is_name(std::string_view name) {
    const auto good = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._-/:").contains(c);
    };
    return !name.empty() && name.size() <= kMostNameBytes && name[0] != '-' && std::ranges::all_of(name, good);
}

// A line each, with its length, so that no value can pass for two.
void line(std::string& to, std::string_view name, std::string_view value) {
    to += fmt::format("{} {}:{}\n", name, value.size(), value);
}

}  // namespace

Result<void> EngineProfile::check() const {
    if (kind != "llama-server" && kind != "vllm") return fail(kBadProfile, "kind: llama-server or vllm");
    if (!root.starts_with('/') || !model_path.starts_with('/')) return fail(kBadProfile, "root, model: absolute paths");
    if (!is_name(model_name)) return fail(kBadProfile, "model name: letters, digits and . _ - / :");
    if (parallel < 1 || parallel > kMostParallel)
        return fail(kBadProfile, fmt::format("parallel: 1 to {}", kMostParallel));
    if (context_tokens < kLeastContext)
        return fail(kBadProfile, fmt::format("context: at least {} tokens", kLeastContext));
    if (limits.max_tokens < 1 || limits.max_tokens > context_tokens)
        return fail(kBadProfile, "max tokens: from 1 to the context");
    if (kind == "llama-server" && (limits.images > 0) != !projector.empty())
        return fail(kBadProfile, "images: llama-server needs a projector for them, and only for them");
    if (kind == "vllm" && !projector.empty()) return fail(kBadProfile, "projector: vllm's models have it inside");
    if (!projector.empty() && !projector.starts_with('/')) return fail(kBadProfile, "projector: an absolute path");
    if (std::ranges::find(kPoolings, embeddings) == kPoolings.end())
        return fail(kBadProfile, "embeddings: none, mean, cls, last or model");
    if (kind == "vllm" && embeddings != "none") return fail(kBadProfile, "embeddings: llama-server only");
    // An answer's choices are worked on at once; llama-server refuses more of them than it has slots.
    if (limits.choices < 1 || limits.choices > parallel) return fail(kBadProfile, "choices: from 1 to parallel");
    return {};
}

Digest256 EngineProfile::digest() const {
    const EngineCommand command = engine_command(*this, "");
    std::string text = "openpcc engine profile 1\n";
    line(text, "kind", kind);
    for (const std::string& word : command.argv) line(text, "argument", word);
    for (const std::string& pair : command.sandbox.environment) line(text, "environment", pair);
    for (const auto& [name, value] : std::initializer_list<std::pair<const char*, std::uint64_t>>{
             {"parallel", parallel},
             {"context", context_tokens},
             {"body", limits.body_bytes},
             {"tokens", limits.max_tokens},
             {"choices", limits.choices},
             {"messages", limits.messages},
             {"stops", limits.stop_strings},
             {"cache", static_cast<std::uint64_t>(dialect().cache)}})
        line(text, name, fmt::format("{}", value));
    if (limits.images > 0) line(text, "images", fmt::format("{}", limits.images));
    if (!projector.empty()) line(text, "projector", to_hex(projector_digest));
    if (embeddings != "none") line(text, "inputs", fmt::format("{}", limits.inputs));
    return crypto::sha256(as_bytes(text));
}

openai::Dialect EngineProfile::dialect() const {
    openai::Dialect out;
    out.model_name = model_name;
    out.limits = limits;
    out.counts_tokens = kind == "llama-server";
    out.embeds = embeddings != "none";
    if (kind == "vllm") {
        out.cache = openai::CacheIsolation::kSaltPerRequest;
        out.token_default = openai::TokenDefault::kHeldByEngine;
    }
    return out;
}

}  // namespace openpcc::node

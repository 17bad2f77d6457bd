// SPDX-License-Identifier: Apache-2.0
// A caller's request: whatever it is, what goes to the engine is a JSON object of ours with members from the tables,
// that streams and keeps callers' caches apart, and that names no address of an image. The first byte picks the path
// and the engine.
#include <algorithm>
#include <string_view>

#include "core/assert.hpp"
#include "protocol/openai/fields.hpp"
#include "protocol/openai/request.hpp"
#include "wire/json.hpp"

namespace {

using namespace openpcc;

class ZeroRandom final : public Random {
  public:
    void fill(ByteSpan out) override { std::ranges::fill(out, std::uint8_t{0}); }
};

// What the other APIs have that chat completions have not.
constexpr std::string_view kMore[] = {"top_k", "input", "encoding_format"};

bool engine_may_see(std::string_view name) {
    const auto rules = openai::request_fields();
    const auto rule = std::ranges::find(rules, name, &openai::FieldRule::name);
    if (rule != rules.end() && rule->treatment == openai::Treatment::kPassed) return true;
    const auto set = openai::node_fields();
    return std::ranges::find(set, name) != set.end() || std::ranges::find(kMore, name) != std::end(kMore);
}

void check_images(const json::Value& messages, std::size_t most) {
    std::size_t count = 0;
    for (const json::Value& message : messages.elements()) {
        const json::Value* content = message.get("content");
        if (content == nullptr) continue;
        for (const json::Value& part : content->elements()) {
            const json::Value* image = part.get("image_url");
            if (image == nullptr) continue;
            OPENPCC_ASSERT(image->get("url")->as_string()->starts_with("data:image/"));
            ++count;
        }
    }
    OPENPCC_ASSERT(count <= most);
}

void check(const openai::EngineRequest& request, const openai::Dialect& dialect) {
    const auto body = request.body.with([](ByteView view) { return json::parse(view); });
    OPENPCC_ASSERT(body && body->is_object());
    for (const auto& [name, value] : body->members()) OPENPCC_ASSERT(engine_may_see(name));
    OPENPCC_ASSERT(openai::engine_path_ok(request.path));
    if (const json::Value* messages = body->get("messages")) check_images(*messages, dialect.limits.images);
    OPENPCC_ASSERT(body->get("model")->as_string() == dialect.model_name);
    if (request.gives == openai::EngineAnswer::kObject) {
        OPENPCC_ASSERT(body->get("stream") == nullptr && !request.caller_streams);
        return;
    }
    OPENPCC_ASSERT(body->get("stream")->as_bool() == true);
    OPENPCC_ASSERT(request.choices >= 1 && request.choices <= dialect.limits.choices);
    const bool salted = dialect.cache == openai::CacheIsolation::kSaltPerRequest;
    OPENPCC_ASSERT((body->get("cache_salt") != nullptr) == salted);
    OPENPCC_ASSERT(salted || body->get("cache_prompt")->as_bool() == false);
    OPENPCC_ASSERT(request.caller_streams || request.caller_wants_usage);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    openai::Dialect dialect;
    dialect.model_name = "demo";
    if ((data[0] & 1U) != 0) dialect.cache = openai::CacheIsolation::kSaltPerRequest;
    constexpr const char* kPaths[] = {"/v1/chat/completions",      "/v1/completions", "/v1/messages",
                                      "/v1/messages/count_tokens", "/v1/responses",   "/v1/embeddings"};
    const char* path = kPaths[(data[0] >> 1U) % 8 % std::size(kPaths)];
    dialect.counts_tokens = dialect.embeds = true;
    if ((data[0] & 0x40U) != 0) dialect.limits.images = 2;
    ZeroRandom random;
    const auto request = openai::admit("POST", path, ByteView(data + 1, size - 1), dialect, random);
    if (request) check(*request, dialect);
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// A caller's request: whatever it is, what goes to the engine is a JSON object of ours with members from the tables,
// that streams and keeps callers' caches apart. The first byte picks the path and the engine.
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

void check(const openai::EngineRequest& request, const openai::Dialect& dialect) {
    const auto body = request.body.with([](ByteView view) { return json::parse(view); });
    OPENPCC_ASSERT(body && body->is_object());
    for (const auto& [name, value] : body->members()) {
        const auto rules = openai::request_fields();
        const auto rule = std::ranges::find(rules, std::string_view(name), &openai::FieldRule::name);
        const bool passed = rule != rules.end() && rule->treatment == openai::Treatment::kPassed;
        const auto set = openai::node_fields();
        OPENPCC_ASSERT(passed || std::ranges::find(set, std::string_view(name)) != set.end());
    }
    OPENPCC_ASSERT(body->get("stream")->as_bool() == true);
    OPENPCC_ASSERT(body->get("model")->as_string() == dialect.model_name);
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
    const char* path = (data[0] & 2U) != 0 ? "/v1/completions" : "/v1/chat/completions";
    ZeroRandom random;
    const auto request = openai::admit("POST", path, ByteView(data + 1, size - 1), dialect, random);
    if (request) check(*request, dialect);
    return 0;
}

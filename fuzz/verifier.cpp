// SPDX-License-Identifier: Apache-2.0
// A whole verification of a node that a recipe makes hostile (verifier/recipe.hpp), where every signature is good
// unless the recipe says otherwise. docs/reference/fuzzing.md lists what is asserted.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>

#include "core/assert.hpp"
#include "core/text.hpp"
#include "evidence/eventlog/judge.hpp"
#include "trust/verify/render.hpp"
#include "verifier/model.hpp"

namespace openpcc::hostile {
namespace {

using verify::Verification;

// Of a verdict with some 60 checks: three texts of 200 characters each, and what explains them.
constexpr std::size_t kLongestJson = 96 << 10;
constexpr std::size_t kLongestRendering = 128 << 10;

bool printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= 0x20 && c <= 0x7e); });
}

// The checks that the documents list, in their order; those of a boot log stand after those of the CPU evidence.
std::vector<std::string> wanted_checks(const Verification& result, bool with_log) {
    std::vector<std::string> out;
    const auto tee = result.bundle ? result.bundle->tee : statement::TeeType::kTdx;
    for (const CheckSpec& spec : verify::checks(tee)) {
        if (with_log && spec.id == "binding.report_data")
            for (const CheckSpec& of_log : eventlog::checks()) out.emplace_back(of_log.id);
        out.emplace_back(spec.id);
    }
    return out;
}

// check_form gives the JSON. Text for people takes longest to make, so that only some recipes, always the same, have
// it.
std::string check_form(const Verification& result, const Node& node, bool rendered) {
    const auto wanted = wanted_checks(result, node.client.expectation.event_log.has_value());
    OPENPCC_ASSERT(std::ranges::equal(result.verdict.checks(), wanted, {}, &Check::id));
    std::string text = verify::verdict_to_json(result);
    OPENPCC_ASSERT(text.size() <= kLongestJson && printable(text));
    if (!rendered) return text;
    for (const auto detail : {verify::Detail::kReasons, verify::Detail::kExplained}) {
        const std::string shown = verify::render_verdict(result, detail);
        OPENPCC_ASSERT(shown.size() <= kLongestRendering && printable(shown));
    }
    return text;
}

Verification judge(const Node& node, const policy::Policy& policy) {
    return verify::verify_bundle(node.bundle, *node.collateral, policy, node.client.roots, node.client.expectation,
                                 node.client.now);
}

bool has_key(const Verification& result) { return !std::holds_alternative<std::monostate>(result.key); }

void explain(const char* what, const Recipe& recipe, const Verification& result) {
    std::fprintf(stderr, "verifier: %s\n%s%s\n", what, recipe.text().c_str(),
                 verify::render_verdict(result, verify::Detail::kChecks).c_str());
    std::abort();
}

void check_key(const Recipe& recipe, const Edits& edits, const Node& node, const Verification& result) {
    const auto* key = std::get_if<verify::Simulated<verify::NodeKey>>(&result.key);
    if (key == nullptr) return explain("a key that is not simulated", recipe, result);
    if (node.client.policy.preset != policy::Preset::kDevelopment)
        return explain("a key without the development policy", recipe, result);
    for (const std::string& field : edits.changed())
        if (!may_differ(node.base, field)) return explain(("a key in spite of " + field).c_str(), recipe, result);
    if (!acceptable(node)) return explain("a key for what is not acceptable", recipe, result);
    const auto statement = statement::Statement::parse(node.statement).value();
    OPENPCC_ASSERT((*key)->statement == statement.core.name() && (*key)->keys.size() <= statement.core.keys.size());
    OPENPCC_ASSERT((*key)->valid_until >= node.client.now && (*key)->valid_until <= statement.core.not_after);
}

int run(std::string_view text) {
    const auto recipe = Recipe::parse(text);
    if (!recipe) return -1;  // libFuzzer keeps none of these
    Edits edits(*recipe);
    const auto node = make_node(*recipe, edits);
    if (!node) return -1;
    const Verification first = judge(*node, node->client.policy);
    const std::string json = check_form(first, *node, std::hash<std::string_view>()(text) % 4 == 0);
    OPENPCC_ASSERT(!first.verdict.good() && has_key(first) == (first.verdict.state() == State::kSimulated));
    const Verification second = judge(*node, node->client.policy);
    OPENPCC_ASSERT(verify::verdict_to_json(second) == json);
    policy::Policy strict = node->client.policy;
    strict.preset = policy::Preset::kStrict;
    const Verification third = judge(*node, strict);
    OPENPCC_ASSERT(!has_key(third) && !third.verdict.good() && third.verdict.state() != State::kSimulated);
    if (has_key(first)) check_key(*recipe, edits, *node, first);
    // The bases themselves are good, all but Milan, which no preset names.
    if (edits.changed().empty() && !has_key(first) && recipe->base != Base::kMilan)
        explain("no key for a good node", *recipe, first);
    return 0;
}

}  // namespace
}  // namespace openpcc::hostile

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return openpcc::hostile::run(openpcc::as_text({data, size}));
}

// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/render.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <type_traits>

#include "core/text.hpp"
#include "trust/verify/explain.hpp"
#include "trust/verify/scene.hpp"
#include "wire/json.hpp"

namespace openpcc::verify {
namespace {

using testing::Eq;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// What differs from run to run: keys, and so digests, and the lengths of DER signatures.
std::string normalised(const std::string& text) {
    std::string out = std::regex_replace(text, std::regex("[0-9a-f]{32,}"), "<hex>");
    out = std::regex_replace(out, std::regex("[0-9]{4} bytes"), "<size> bytes");
    return std::regex_replace(out, std::regex("\\},\\{"), "},\n{") + "\n";
}

struct Golden {
    std::string name;
    std::function<void(Scene&)> change;
};

const Golden kGoldens[] = {
    {"simulated", [](Scene&) {}},
    {"verified", [](Scene& s) { s.genuine(); }},
    {"incomplete", [](Scene& s) { s.genuine().change_collection = [](auto& c) { c.tdx = {}; }; }},
    {"amber-out-of-date",
     [](Scene& s) {
         s.genuine().policy.tdx->grace = std::chrono::days(90);
         auto& levels = s.published.tcb_info.levels;
         levels.insert(levels.begin(), levels.front());
         levels[0].sgx[0] += 1;
         levels[0].grade.date = s.now - std::chrono::days(10);
         levels[1].grade.status = tdx::TcbStatus::kOutOfDate;
         levels[1].grade.advisories = {"INTEL-SA-09999"};
     }},
    {"amber-hardening",
     [](Scene& s) {
         s.genuine().policy.tdx->accepted_advisories = {"INTEL-SA-00615"};
         s.published.tcb_info.levels[0].grade.status = tdx::TcbStatus::kSwHardeningNeeded;
         s.published.tcb_info.levels[0].grade.advisories = {"INTEL-SA-00615"};
     }},
    {"amber-stale-collateral",
     [](Scene& s) { s.genuine().policy.tdx->collateral_age = {Seconds(60), std::chrono::days(30)}; }},
    {"amber-excused",
     [](Scene& s) {
         s.genuine().policy.tdx->amber.clear();
         s.published.tcb_info.levels[0].grade.status = tdx::TcbStatus::kOutOfDate;
         s.policy.exceptions = {
             {"tdx.tcb", s.core.release, "spare parts are late", "INTEL-SA-00001", s.now + Seconds(60)}};
     }},
    {"red-out-of-date",
     [](Scene& s) {
         s.genuine().policy.tdx->amber.clear();
         s.published.tcb_info.levels[0].grade.status = tdx::TcbStatus::kOutOfDate;
     }},
    {"red-old-collateral", [](Scene& s) { s.genuine().policy.tdx->collateral_age = {Seconds(30), Seconds(60)}; }},
    {"foreign-enclave",
     [](Scene& s) { s.genuine().change_draft = [](auto& d) { d.qe_report.mr_signer.bytes[0] ^= 1; }; }},
    {"expired-policy", [](Scene& s) { s.genuine().policy.expires = s.now; }},
    {"wrong-key", [](Scene& s) { s.change_bundle = [](auto& b) { b.statement.core.keys[0] = test_key(2); }; }},
    {"wrong-image", [](Scene& s) { s.change_draft = [](auto& d) { d.report.rtmr[1].bytes[0] ^= 1; }; }},
    {"debug", [](Scene& s) { s.change_draft = [](auto& d) { d.report.td_attributes |= 1; }; }},
    {"strict", [](Scene& s) { s.policy.preset = policy::Preset::kStrict; }},
    {"foreign-root", [](Scene& s) { s.roots = genuine_roots(); }},
    {"unreadable",
     [](Scene& s) {
         s.change_bundle = [](auto& b) { b.devices = {{1, to_bytes("a"), {}, {}}, {1, to_bytes("a"), {}, {}}}; };
     }},
};

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// OPENPCC_WRITE_GOLDEN=1 writes the files anew, for a reviewer to read the difference.
void expect_golden(const std::string& file, const std::string& text) {
    const std::string path = std::string(OPENPCC_SOURCE_DIR) + "/src/trust/verify/golden/" + file;
    if (std::getenv("OPENPCC_WRITE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
    EXPECT_EQ(text, read_file(path)) << path;
}

TEST(Render, JsonIsStable) {
    for (const Golden& golden : kGoldens) {
        Scene scene;
        golden.change(scene);
        const std::string text = verdict_to_json(scene.verify());
        EXPECT_TRUE(json::parse(as_bytes(text))) << golden.name;
        expect_golden(golden.name + ".json", normalised(text));
    }
}

TEST(Render, TextIsForPeople) {
    Scene scene;
    expect_golden("simulated.txt", normalised(render_verdict(scene.verify(), Detail::kChecks)));
    scene.change_draft = [](auto& d) { d.report.td_attributes |= 1; };
    expect_golden("debug.txt", normalised(render_verdict(scene.verify(), Detail::kReasons)));
    expect_golden("debug-explained.txt", normalised(render_verdict(scene.verify(), Detail::kExplained)));
}

TEST(Render, FirstLineSaysItAll) {
    Scene scene;
    EXPECT_THAT(render_verdict(scene.verify(), Detail::kReasons),
                StartsWith("simulated: every check passed, on simulated hardware that protects nothing\n"));
    scene.genuine();
    EXPECT_THAT(render_verdict(scene.verify(), Detail::kReasons), StartsWith("verified: every check passed\n"));
    scene.change_collection = [](auto& collection) { collection.tdx = {}; };
    EXPECT_THAT(render_verdict(scene.verify(), Detail::kReasons),
                StartsWith("incomplete: nothing failed, but 9 checks could not run\n"));
    EXPECT_THAT(render_verdict(scene.verify(), Detail::kReasons), HasSubstr("send no prompt to this node"));
    scene.policy.models.clear();
    EXPECT_THAT(render_verdict(scene.verify(), Detail::kReasons), StartsWith("not verified: 1 check failed\n"));
}

// A window of a verdict that does not hold would be read as "good until".
TEST(Render, OnlyAUsableVerdictHasAWindow) {
    Scene scene;
    EXPECT_THAT(verdict_to_json(scene.verify()), HasSubstr("\"valid_until\":\"2026-11-25T07:04:55Z\""));
    scene.policy.models.clear();
    EXPECT_THAT(verdict_to_json(scene.verify()), HasSubstr("\"valid_until\":null"));
    EXPECT_THAT(render_verdict(scene.verify(), Detail::kReasons), Not(HasSubstr("valid until")));
}

// BL-3: a page showed "verified" for half a year, and nothing had been verified. What is rendered is a verification
// with its verdict, and only the verifier makes a verdict of that kind: nobody else can make one or better one.
template <class Shown>
concept Rendered = requires(const Shown& shown) { verdict_to_json(shown); } ||
                   requires(const Shown& shown) { render_verdict(shown, Detail::kReasons); };
static_assert(Rendered<Verification> && !Rendered<JudgedVerdict> && !Rendered<Verdict> && !Rendered<State>);
static_assert(!std::is_constructible_v<JudgedVerdict, Verdict> && !std::is_assignable_v<JudgedVerdict&, Verdict>);
static_assert(!std::is_constructible_v<JudgedVerdict, State> && !std::is_base_of_v<Verdict, JudgedVerdict>);

TEST(Render, BL_3_NobodyElseMakesAVerdict) {
    Verification made_up;
    made_up.bundle = Scene().bundle();
    EXPECT_EQ(made_up.verdict.state(), State::kIncomplete);
    EXPECT_THAT(render_verdict(made_up, Detail::kReasons), StartsWith("incomplete: "));
    EXPECT_THAT(verdict_to_json(made_up), HasSubstr("\"state\":\"incomplete\""));
    for (const Outcome outcome : {Outcome::kPass, Outcome::kNote})
        EXPECT_DEATH(made_up.verdict.add({"tdx.quote_signature", "DCAP-A", outcome, "signed", "signed"}), "");
    made_up.verdict.add({"gpu.evidence", "none", Outcome::kNotRun, "read", "not read"});
    EXPECT_THAT(render_verdict(made_up, Detail::kReasons), StartsWith("incomplete: "));
}
TEST(Render, BL_3_AVerdictOnlyGetsWorse) {
    Scene scene;
    Verification good = scene.genuine().verify();
    ASSERT_EQ(good.verdict.state(), State::kVerified);
    EXPECT_DEATH(good.verdict.add({"gpu.evidence", "none", Outcome::kPass, "good", "good"}), "");
    good.verdict.add({"gpu.evidence", "none", Outcome::kNotRun, "read", "not read"});
    EXPECT_THAT(render_verdict(good, Detail::kReasons), StartsWith("incomplete: "));
    good.verdict.refuse("directory.statement", "statement-2.11", "a", "b");
    EXPECT_THAT(render_verdict(good, Detail::kReasons), StartsWith("not verified: "));
    EXPECT_THAT(verdict_to_json(good), HasSubstr("\"valid_until\":null"));
}

// BL-6: nobody could say what green meant. Each state has words of its own, says what may be sent, and only those two
// that the document calls usable let anything be sent to genuine hardware.
TEST(Render, BL_6_EachStateHasOneMeaning) {
    struct Row {
        State state;
        std::string first_word;
        std::string json;
        std::string advice;
        std::function<void(Scene&)> change;
    };
    const std::string send = "prompts may be sealed to this node until then\n";
    const Row rows[] = {
        {State::kVerified, "verified: ", "verified", send, [](Scene& s) { s.genuine(); }},
        {State::kVerifiedWithNotes, "verified with notes: ", "verified_with_notes", send,
         [](Scene& s) { s.genuine().policy.tdx->collateral_age = {Seconds(60), std::chrono::days(30)}; }},
        {State::kNotVerified, "not verified: ", "not_verified",
         "send no prompt to this node; the first FAIL says why\n", [](Scene& s) { s.genuine().policy.models.clear(); }},
        {State::kIncomplete, "incomplete: ", "incomplete",
         "send no prompt to this node; the first line `not run` says what is missing\n",
         [](Scene& s) { s.genuine().change_collection = [](auto& c) { c.tdx = {}; }; }},
        {State::kSimulated, "simulated: ", "simulated",
         "use it for development only: whoever runs this machine can read every prompt\n", [](Scene&) {}},
    };
    const std::string document = read_file(std::string(OPENPCC_SOURCE_DIR) + "/docs/reference/verdict.md");
    for (const Row& row : rows) {
        SCOPED_TRACE(row.json);
        Scene scene;
        row.change(scene);
        const Verification result = scene.verify();
        EXPECT_EQ(result.verdict.state(), row.state);
        const std::string text = render_verdict(result, Detail::kReasons);
        EXPECT_THAT(text, StartsWith(row.first_word));
        EXPECT_THAT(text, testing::EndsWith(row.advice));
        EXPECT_THAT(verdict_to_json(result), HasSubstr("\"state\":\"" + row.json + "\""));
        EXPECT_EQ(std::holds_alternative<Verified<NodeKey>>(result.key), row.advice == send);
        EXPECT_EQ(std::holds_alternative<Simulated<NodeKey>>(result.key), row.state == State::kSimulated);
        EXPECT_THAT(document, HasSubstr("| `" + row.json + "` |"));
    }
}

// Names inside a certificate are a peer's words: cut, and without a control character.
TEST(Render, WhatAPeerWroteIsCutAndClean) {
    EXPECT_EQ(Checklist::clean("a\n\x1b[31mb\x7f\xc3\xa9"), "a??[31mb???");
    EXPECT_EQ(Checklist::clean(std::string(300, 'x')).size(), Checklist::kMaxText + 3);
}

std::vector<CheckSpec> every_check() {
    auto out = checks(statement::TeeType::kTdx);
    std::ranges::copy(checks(statement::TeeType::kSnp), std::back_inserter(out));
    return out;
}

TEST(Render, ExplainsEveryCheck) {
    for (const CheckSpec& spec : every_check()) {
        EXPECT_THAT(explain(spec.id).meaning, Not(HasSubstr("no words"))) << spec.id;
        EXPECT_FALSE(explain(spec.id).remedy.empty()) << spec.id;
    }
    EXPECT_THAT(explain("tdx.tcb_info").meaning, Not(Eq(explain("tdx.tcb").meaning)));
    EXPECT_THAT(explain("nobody.knows").meaning, HasSubstr("no words"));
}

// Every member that the schema requires is there, and no other; so is every outcome and state.
TEST(Render, JsonFitsItsSchema) {
    const std::string text = read_file(std::string(OPENPCC_SOURCE_DIR) + "/docs/reference/verdict.schema.json");
    const auto schema = json::parse(as_bytes(text));
    ASSERT_TRUE(schema);
    const auto verdict = json::parse(as_bytes(verdict_to_json(Scene().verify())));
    ASSERT_TRUE(verdict);
    const auto same_members = [](const json::Value& rules, const json::Value& object, const std::string& what) {
        std::vector<std::string> wanted, found;
        for (const json::Value& name : rules.get("required")->elements()) wanted.emplace_back(*name.as_string());
        for (const json::Member& member : object.members()) found.push_back(member.first);
        EXPECT_THAT(found, testing::ElementsAreArray(wanted)) << what;
        EXPECT_EQ(rules.get("properties")->members().size(), wanted.size()) << what;
        EXPECT_EQ(rules.get("additionalProperties")->as_bool(), false) << what;
    };
    const json::Value& properties = *schema->get("properties");
    same_members(*schema, *verdict, "verdict");
    same_members(*properties.get("claims"), *verdict->get("claims"), "claims");
    same_members(*properties.get("checks")->get("items"), verdict->get("checks")->elements().front(), "check");
}

// docs/reference/verdict.md names every check, in order.
TEST(Render, DocumentListsEveryCheck) {
    const std::string document = read_file(std::string(OPENPCC_SOURCE_DIR) + "/docs/reference/verdict.md");
    for (const auto tee : {statement::TeeType::kTdx, statement::TeeType::kSnp}) {
        std::size_t at = 0;
        for (const CheckSpec& spec : checks(tee)) {
            const std::size_t found = document.find("| `" + std::string(spec.id) + "` |", at);
            ASSERT_NE(found, std::string::npos) << spec.id;
            at = found;
        }
    }
}

}  // namespace
}  // namespace openpcc::verify

// SPDX-License-Identifier: Apache-2.0
// What a caller gets from a real engine through the node's adapter.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "engine/engine_under_test.hpp"
#include "hops/node/engine.hpp"

namespace openpcc::testing {
namespace {

using std::chrono::milliseconds;

EngineUnderTest& engine() { return EngineUnderTest::shared(); }

std::int64_t count(const json::Value& answer, std::string_view name) {
    const json::Value* usage = answer.get("usage");
    return usage != nullptr ? usage->get(name)->as_int().value_or(-1) : -1;
}

std::string_view finish_reason(const json::Value& answer) {
    const json::Value* choices = answer.get("choices");
    if (choices == nullptr || choices->elements().empty()) return "(no choice)";
    return choices->elements()[0].get("finish_reason")->as_string().value_or("");
}

TEST(Answers, EveryDemoPromptHasItsAnswerStreamedAndWhole) {
    for (const DemoPrompt& demo : demo_prompts()) {
        const json::Value whole = engine().whole(chat(demo.prompt));
        EXPECT_EQ(content_of(whole), demo.answer) << demo.prompt;
        EXPECT_EQ(finish_reason(whole), "stop");
        EXPECT_EQ(whole.get("model")->as_string(), "public");
        const auto stream = engine().answer_now(chat(demo.prompt, R"("stream":true)"));
        ASSERT_TRUE(stream) << stream.error().describe();
        EXPECT_EQ(content_of_stream(*stream), demo.answer) << demo.prompt;
        EXPECT_TRUE(stream->ends_with("data: [DONE]\n\n"));
        EXPECT_GT(std::ranges::count(*stream, '\n'), 10) << "it came in one piece";
        EXPECT_EQ(stream->find("usage"), std::string::npos);
    }
}

TEST(Answers, CountTheirTokens) {
    const json::Value whole = engine().whole(chat("Hello"));
    EXPECT_GT(count(whole, "prompt_tokens"), 5);
    EXPECT_GT(count(whole, "completion_tokens"), 10);
    EXPECT_EQ(count(whole, "total_tokens"), count(whole, "prompt_tokens") + count(whole, "completion_tokens"));
    const auto stream = engine().answer_now(chat("Hello", R"("stream":true,"stream_options":{"include_usage":true})"));
    ASSERT_TRUE(stream && whole.get("usage") != nullptr);
    EXPECT_NE(stream->find("\"choices\":[],\"usage\":" + whole.get("usage")->to_text() + "}\n\ndata: [DONE]"),
              std::string::npos)
        << *stream;
}

TEST(Answers, StopWhereTheyAreTold) {
    const json::Value cut = engine().whole(chat("Hello", R"("max_tokens":3)"));
    EXPECT_EQ(finish_reason(cut), "length");
    EXPECT_EQ(count(cut, "completion_tokens"), 3);
    const json::Value stopped = engine().whole(chat("Count to ten.", R"("stop":[" four"])"));
    EXPECT_EQ(content_of(stopped), "one, two, three,");
    EXPECT_EQ(finish_reason(stopped), "stop");
}

TEST(Answers, KeepCharactersWhole) {
    // A byte-level model writes each of these characters in several tokens; the schema leaves it no other answer.
    const std::string want = "n\u00e9 \u2192 \u65e5\u672c \U0001F600";
    const std::string members =
        R"("max_tokens":200,"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"enum":[")" +
        want + R"("]}}})";
    EXPECT_EQ(content_of(engine().whole(chat("Hello", members))), "\"" + want + "\"");
    const auto stream = engine().answer_now(chat("Hello", members + R"(,"stream":true)"));
    ASSERT_TRUE(stream)
        << stream.error().describe();  // an event with half a character is no JSON, and would be refused
    EXPECT_EQ(content_of_stream(*stream), "\"" + want + "\"");
}

TEST(Answers, ComeInSeveralChoices) {
    // Not at temperature 0, where vLLM takes more than one choice for a mistake.
    const json::Value whole =
        engine().whole(R"({"model":"demo","temperature":0.01,"n":3,"messages":[{"role":"user","content":"Hello"}]})");
    ASSERT_NE(whole.get("choices"), nullptr);
    ASSERT_EQ(whole.get("choices")->elements().size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(content_of(whole, i), demo_prompts()[0].answer);
}

TEST(Answers, CarryLogprobs) {
    const json::Value whole = engine().whole(chat("Hello", R"("logprobs":true,"top_logprobs":2,"max_tokens":4)"));
    ASSERT_NE(whole.get("choices"), nullptr);
    const json::Value* logprobs = whole.get("choices")->elements().at(0).get("logprobs");
    ASSERT_TRUE(logprobs->is_object());
    ASSERT_FALSE(logprobs->get("content")->elements().empty());
    EXPECT_EQ(logprobs->get("content")->elements()[0].get("top_logprobs")->elements().size(), 2U);
}

TEST(Answers, FollowToolsAndConversations) {
    const auto tools = engine().answer_now(chat(
        "Hello",
        R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}],"tool_choice":"none")"));
    EXPECT_TRUE(tools) << tools.error().describe();
    const auto turns = engine().answer_now(
        R"({"model":"demo","temperature":0,"messages":[{"role":"developer","content":"Be brief."},{"role":"user","content":"Thanks"},)"
        R"({"role":"assistant","content":"You are welcome.","refusal":null},{"role":"user","content":[{"type":"text","text":"Hello"}]}]})");
    EXPECT_TRUE(turns) << turns.error().describe();
}

TEST(Answers, CompleteTexts) {
    const auto text =
        engine().answer_now(R"({"model":"demo","temperature":0,"prompt":"Hello","max_tokens":5})", "/v1/completions");
    ASSERT_TRUE(text) << text.error().describe();
    const auto whole = json::parse(as_bytes(*text));
    EXPECT_EQ(whole->get("object")->as_string(), "text_completion");
    EXPECT_EQ(count(*whole, "completion_tokens"), 5);
}

TEST(Answers, RefusalsKeepTheEnginesWords) {
    const std::string canary = "CANARY";
    std::string prompt;
    while (prompt.size() < 4096) prompt += canary;  // longer than the context
    const auto refused = engine().answer_now(chat(prompt, R"("max_tokens":10)"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), node::kEngineRefused);
    EXPECT_EQ(refused.error().describe().find(canary), std::string::npos);
    EXPECT_EQ(engine().engine().state(), Engine::State::kReady);
}

TEST(Answers, NoOtherPathIsReached) {
    for (const char* path :
         {"/props", "/slots", "/v1/models", "/v1/responses", "/v1/messages", "/tokenize", "/completion", "/metrics",
          "/health", "/invocations", "/v1/chat/completions?x=1", "/v1/chat/completions/../../props"}) {
        openai::EngineRequest request = engine().admitted(chat("Hello"));
        request.path = path;
        const auto answer = engine().loop().run_until_done(engine().raw(std::move(request)));
        ASSERT_FALSE(answer) << path;
        EXPECT_EQ(answer.error(), node::kEngineRefused) << path;
    }
}

TEST(Answers, SayNothingOfACache) {
    const std::string prompt = std::string(1200, 'x') + " Hello";
    for (int i = 0; i < 2; ++i) {
        const auto bytes =
            engine().loop().run_until_done(engine().raw(engine().admitted(chat(prompt, R"("max_tokens":2)"))));
        ASSERT_TRUE(bytes) << bytes.error().describe();
        const std::size_t at = bytes->find("\"cached_tokens\":");
        if (at != std::string::npos) {
            EXPECT_EQ(bytes->substr(at, 18), "\"cached_tokens\":0}") << "somebody's prompt was kept";
        }
    }
}

// ask_many asks `number` times at once and counts the outcomes by name.
std::map<std::string, int> ask_many(int number) {
    std::map<std::string, int> outcomes;
    auto one = [](std::map<std::string, int>& counts) -> net::Task<void> {
        std::string body = chat("What is the capital of France?");
        std::string path = "/v1/chat/completions";
        const auto answer = co_await engine().answer(std::move(body), std::move(path));
        const bool right = answer && answer->find("The capital of France is Paris.") != std::string::npos;
        ++counts[answer ? (right ? "right" : "wrong") : std::string(answer.error().name())];
    };
    auto all = [](std::vector<std::unique_ptr<net::Child>>& children) -> net::Task<void> {
        for (const auto& child : children) co_await child->done();
    };
    std::vector<std::unique_ptr<net::Child>> children;
    for (int i = 0; i < number; ++i) children.push_back(net::spawn_child(engine().loop(), one(outcomes)));
    engine().loop().run_until_done(all(children));
    return outcomes;
}

TEST(Answers, AllComeWhenMoreAskThanThereAreSlots) {
    EXPECT_EQ(ask_many(24), (std::map<std::string, int>{{"right", 24}}));
    EXPECT_EQ(engine().engine().in_flight(), 0U);
}

TEST(Answers, TooManyAreSentAwayAtOnce) {
    const int places = static_cast<int>(EngineUnderTest::profile().parallel);
    const auto outcomes = ask_many(60);
    EXPECT_EQ(outcomes, (std::map<std::string, int>{{"right", 9 * places}, {"node.engine_busy", 60 - 9 * places}}));
}

}  // namespace
}  // namespace openpcc::testing

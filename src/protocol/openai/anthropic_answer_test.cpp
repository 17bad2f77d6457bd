// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "protocol/openai/answer.hpp"
#include "protocol/openai/errors.hpp"

namespace openpcc::openai {
namespace {

class ZeroRandom final : public Random {
  public:
    void fill(ByteSpan out) override { std::ranges::fill(out, std::uint8_t{0}); }
};

struct Asked {
    bool streams = false;
    Api api = Api::kMessages;
    EngineAnswer gives = EngineAnswer::kEvents;
};

Answer make(const Asked& asked) {
    EngineRequest request;
    request.api = asked.api;
    request.gives = asked.gives;
    request.caller_streams = asked.streams;
    request.stops = json::Value::array();
    request.stops.push(json::Value::string("END"));
    ZeroRandom random;
    return Answer(request, "public", 1700000000, random);
}

// rewritten is the caller's answer, or the error's description; `split` cuts the engine's bytes in two.
std::string rewritten(const Asked& asked, const std::string& engine, std::size_t split = 0) {
    Answer answer = make(asked);
    Plaintext out;
    for (const std::string& piece : {engine.substr(0, split), engine.substr(split)})
        if (auto result = answer.update(as_bytes(piece), out); !result) return result.error().describe();
    if (auto result = answer.finish(out); !result) return result.error().describe();
    return out.with([](ByteView view) { return to_string(view); });
}

std::string event(const std::string& data) { return "data: " + data + "\n\n"; }
std::string named(const std::string& name, const std::string& data) { return "event: " + name + "\n" + event(data); }

std::string delta(const std::string& members, const std::string& finish = "null", const std::string& more = "") {
    return event(R"({"choices":[{"finish_reason":)" + finish + R"(,"index":0,"delta":{)" + members + "}" + more +
                 R"(}],"id":"chatcmpl-engine","model":"/models/demo.gguf","system_fingerprint":"b1"})");
}

const std::string kProgress =
    event(R"({"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],)"
          R"("prompt_progress":{"total":9,"cache":8,"processed":0,"time_ms":0}})");
const std::string kEnd = event(R"({"choices":[],"usage":{"completion_tokens":2,"prompt_tokens":9,"total_tokens":11,)"
                               R"("prompt_tokens_details":{"cached_tokens":8}},"timings":{"cache_n":8}})") +
                         event("[DONE]");
const std::string kHello = kProgress + kProgress + delta("\"content\":\"H\u00e9\"") + delta(R"("content":"llo")") +
                           delta("", "\"stop\"") + kEnd;

std::string started(int input) {
    return named("message_start",
                 R"({"type":"message_start","message":{"id":"msg_aaaaaaaaaaaaaaaaaaaaaaaa","type":"message",)"
                 R"("role":"assistant","model":"public","content":[],"stop_reason":null,"stop_sequence":null,)"
                 R"("usage":{"input_tokens":)" +
                     std::to_string(input) + R"(,"output_tokens":0}}})") +
           named("ping", R"({"type":"ping"})");
}
std::string block(int index, const std::string& start) {
    return named("content_block_start", R"({"type":"content_block_start","index":)" + std::to_string(index) +
                                            R"(,"content_block":)" + start + "}");
}
std::string said(int index, const std::string& delta) {
    return named("content_block_delta",
                 R"({"type":"content_block_delta","index":)" + std::to_string(index) + R"(,"delta":)" + delta + "}");
}
std::string stopped(int index) {
    return named("content_block_stop", R"({"type":"content_block_stop","index":)" + std::to_string(index) + "}");
}
std::string ended(const std::string& reason) {
    return named("message_delta", R"({"type":"message_delta","delta":{"stop_reason":)" + reason +
                                      R"(},"usage":{"input_tokens":9,"output_tokens":2}})") +
           named("message_stop", R"({"type":"message_stop"})");
}
const std::string kEndTurn = R"("end_turn","stop_sequence":null)";

std::string whole(const std::string& content, const std::string& reason = kEndTurn) {
    return R"({"id":"msg_aaaaaaaaaaaaaaaaaaaaaaaa","type":"message","role":"assistant","model":"public","content":[)" +
           content + R"(],"stop_reason":)" + reason + R"(,"usage":{"input_tokens":9,"output_tokens":2}})";
}

TEST(AnthropicAnswer, RewritesAStream) {
    EXPECT_EQ(rewritten({.streams = true}, kHello), started(9) + block(0, R"({"type":"text","text":""})") +
                                                        said(0, "{\"type\":\"text_delta\",\"text\":\"H\u00e9\"}") +
                                                        said(0, R"({"type":"text_delta","text":"llo"})") + stopped(0) +
                                                        ended(kEndTurn));
    EXPECT_EQ(make({.streams = true}).content_type(), "text/event-stream");
}

// vLLM does not say beforehand how long the prompt is; the last event does.
TEST(AnthropicAnswer, CountsAtTheEndAtTheLatest) {
    EXPECT_EQ(rewritten({.streams = true}, delta("", "\"length\"") + kEnd),
              started(0) + ended(R"("max_tokens","stop_sequence":null)"));
}

TEST(AnthropicAnswer, GathersAWhole) {
    EXPECT_EQ(rewritten({}, kHello), whole("{\"type\":\"text\",\"text\":\"H\u00e9llo\"}"));
    EXPECT_EQ(make({}).content_type(), "application/json");
}

TEST(AnthropicAnswer, IsTheSameForEverySplitAndIncompleteForEveryCut) {
    for (const Asked& asked : {Asked{}, Asked{.streams = true}}) {
        const std::string all = rewritten(asked, kHello);
        for (std::size_t i = 0; i <= kHello.size(); ++i) ASSERT_EQ(rewritten(asked, kHello, i), all) << i;
        for (std::size_t i = 0; i < kHello.size(); ++i)
            ASSERT_EQ(rewritten(asked, kHello.substr(0, i)), "openai.truncated: the engine's stream ended early") << i;
    }
}

TEST(AnthropicAnswer, PassesNothingElseOn) {
    for (const bool streams : {false, true})
        for (const char* word : {"fingerprint", "timings", "cache", "engine", ".gguf", "progress"})
            EXPECT_EQ(rewritten({.streams = streams}, kHello).find(word), std::string::npos) << word;
}

TEST(AnthropicAnswer, TellsThoughtsAndCallsInBlocks) {
    const std::string engine =
        delta(R"("reasoning_content":"hm")") + delta(R"("content":"a")") +
        delta(
            R"("tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\":"},"y":1}])") +
        delta(
            R"("tool_calls":[{"index":0,"function":{"arguments":"1}"}},{"index":1,"id":"c2","function":{"name":"g"}}])") +
        delta("", "\"tool_calls\"") + kEnd;
    const std::string reason = R"("tool_use","stop_sequence":null)";
    EXPECT_EQ(rewritten({}, engine),
              whole(R"({"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"a"},)"
                    R"({"type":"tool_use","id":"c1","name":"f","input":{"x":1}},)"
                    R"({"type":"tool_use","id":"c2","name":"g","input":{}})",
                    reason));
    EXPECT_EQ(rewritten({.streams = true}, engine),
              started(0) + block(0, R"({"type":"thinking","thinking":"","signature":""})") +
                  said(0, R"({"type":"thinking_delta","thinking":"hm"})") + stopped(0) +
                  block(1, R"({"type":"text","text":""})") + said(1, R"({"type":"text_delta","text":"a"})") +
                  stopped(1) + block(2, R"({"type":"tool_use","id":"c1","name":"f","input":{}})") +
                  said(2, R"({"type":"input_json_delta","partial_json":"{\"x\":"})") +
                  said(2, R"({"type":"input_json_delta","partial_json":"1}"})") + stopped(2) +
                  block(3, R"({"type":"tool_use","id":"c2","name":"g","input":{}})") + stopped(3) + ended(reason));
}

TEST(AnthropicAnswer, CallsThatCannotBeToldAreRefused) {
    const auto call = [](const std::string& one) { return delta(R"("tool_calls":[)" + one + "]"); };
    const std::string first = call(R"({"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}})");
    const std::string second = call(R"({"index":1,"id":"c2","function":{"name":"g","arguments":"{}"}})");
    for (const std::string& odd : {first + second + call(R"({"index":0,"function":{"arguments":"x"}})"),
                                   call(R"({"index":0,"function":{"name":"f"}})"), call(R"({"index":0,"id":"c"})")})
        EXPECT_EQ(rewritten({.streams = true}, odd), "openai.bad_answer: tool calls out of order");
    const std::string end = delta("", "\"tool_calls\"") + kEnd;
    EXPECT_EQ(rewritten({}, call(R"({"index":0,"function":{"name":"f"}})") + end),
              "openai.bad_answer: a tool call without an id");
    const std::string half = call(R"({"index":0,"id":"c1","function":{"name":"f","arguments":"{\"a\":"}})");
    EXPECT_EQ(rewritten({}, half + end), "openai.bad_answer: a tool call's arguments are not an object");
    EXPECT_EQ(rewritten({}, half + delta("", "\"length\"") + kEnd),
              whole(R"({"type":"tool_use","id":"c1","name":"f","input":{}})", R"("max_tokens","stop_sequence":null)"));
}

TEST(AnthropicAnswer, NamesTheTextItStoppedAt) {
    const auto at = [](const std::string& text) {
        return delta(R"("content":"a")") + delta("", "\"stop\"", R"(,"stop_reason":)" + text) + kEnd;
    };
    const std::string content = R"({"type":"text","text":"a"})";
    EXPECT_EQ(rewritten({}, at("\"END\"")), whole(content, R"("stop_sequence","stop_sequence":"END")"));
    EXPECT_TRUE(
        rewritten({.streams = true}, at("\"END\"")).ends_with(ended(R"("stop_sequence","stop_sequence":"END")")));
    // What the caller has not given is not told.
    for (const char* other : {"\"CANARY\"", "7", "null"}) EXPECT_EQ(rewritten({}, at(other)), whole(content)) << other;
}

TEST(AnthropicAnswer, DoesNotRepeatTheEnginesErrors) {
    EXPECT_EQ(rewritten({.streams = true}, kProgress + event(R"({"error":{"message":"CANARY"}})")),
              "openai.bad_answer: the engine reports an error");
    EXPECT_EQ(rewritten({.streams = true}, event(R"({"choices":[],"prompt_progress":{"total":-1}})")),
              "openai.bad_answer: a progress without its total");
}

TEST(AnthropicAnswer, Counts) {
    const Asked count{.api = Api::kCountTokens, .gives = EngineAnswer::kObject};
    const std::string engine = R"({"input_tokens":36,"object":"response.input_tokens","x":"CANARY"})";
    for (std::size_t i = 0; i <= engine.size(); ++i)
        ASSERT_EQ(rewritten(count, engine, i), R"({"input_tokens":36})") << i;
    EXPECT_EQ(make(count).content_type(), "application/json");
    for (const char* odd : {"", "[]", "{}", R"({"input_tokens":-1})", R"({"input_tokens":"1"})", R"({"input_tokens":1)",
                            R"({"error":{"message":"CANARY"},"input_tokens":1})"}) {
        const std::string result = rewritten(count, odd);
        EXPECT_TRUE(result.starts_with("openai.bad_answer: ")) << odd << " gave " << result;
        EXPECT_EQ(result.find("CANARY"), std::string::npos);
    }
}

}  // namespace
}  // namespace openpcc::openai

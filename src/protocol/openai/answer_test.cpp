// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/answer.hpp"

#include <gtest/gtest.h>

#include <string>

#include "protocol/openai/errors.hpp"
#include "protocol/openai/gather.hpp"
#include "wire/json.hpp"

namespace openpcc::openai {
namespace {

class ZeroRandom final : public Random {
  public:
    void fill(ByteSpan out) override { std::ranges::fill(out, std::uint8_t{0}); }
};

struct Asked {
    bool streams = false, usage = false, logprobs = false, chat = true;
    std::uint32_t choices = 1;
};

Answer make(const Asked& asked) {
    EngineRequest request;
    request.caller_streams = asked.streams;
    request.caller_wants_usage = asked.usage || !asked.streams;
    request.caller_wants_logprobs = asked.logprobs;
    request.api = asked.chat ? Api::kChat : Api::kCompletions;
    request.choices = asked.choices;
    ZeroRandom random;
    return Answer(request, "public", 1700000000, random);
}

std::string text(const Plaintext& words) {
    return words.with([](ByteView view) { return to_string(view); });
}

// rewritten is the caller's answer, or the error's description; `split` cuts the engine's bytes in two.
std::string rewritten(const Asked& asked, const std::string& engine, std::size_t split = 0) {
    Answer answer = make(asked);
    Plaintext out;
    for (const std::string& piece : {engine.substr(0, split), engine.substr(split)})
        if (auto result = answer.update(as_bytes(piece), out); !result) return result.error().describe();
    if (auto result = answer.finish(out); !result) return result.error().describe();
    return text(out);
}

std::string event(const std::string& data) { return "data: " + data + "\n\n"; }

const std::string kUsage =
    event(R"({"choices":[],"id":"chatcmpl-engine","created":5,"model":"/models/demo.gguf","system_fingerprint":"b1",)"
          R"("object":"chat.completion.chunk","usage":{"completion_tokens":2,"prompt_tokens":9,"total_tokens":11,)"
          R"("prompt_tokens_details":{"cached_tokens":8}},"timings":{"cache_n":8}})");
const std::string kDone = event("[DONE]");

std::string delta(const std::string& members, const std::string& finish = "null", int index = 0) {
    return event(R"({"choices":[{"finish_reason":)" + finish + R"(,"index":)" + std::to_string(index) +
                 R"(,"delta":{)" + members +
                 R"(},"stop_reason":7}],"created":5,"id":"chatcmpl-engine","model":"/models/demo.gguf",)" +
                 R"("system_fingerprint":"b1","object":"chat.completion.chunk"})");
}

const std::string kHello = delta(R"("role":"assistant","content":null)") + delta("\"content\":\"H\u00e9\"") +
                           delta(R"("content":"llo")") + delta("", "\"stop\"") + kUsage + kDone;
const std::string kFrame =
    R"(data: {"id":"chatcmpl-aaaaaaaaaaaaaaaaaaaaaaaa","object":"chat.completion.chunk","created":1700000000,"model":"public",)";
std::string chunk(const std::string& members, const std::string& finish = "null") {
    return kFrame + R"("choices":[{"index":0,"delta":{)" + members + R"(},"logprobs":null,"finish_reason":)" + finish +
           "}]}\n\n";
}

TEST(Answer, RewritesAStream) {
    const std::string want = chunk(R"("role":"assistant","content":null)") + chunk("\"content\":\"H\u00e9\"") +
                             chunk(R"("content":"llo")") + chunk("", "\"stop\"");
    EXPECT_EQ(rewritten({.streams = true}, kHello), want + kDone);
    EXPECT_EQ(rewritten({.streams = true, .usage = true}, kHello),
              want + kFrame + R"("choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}})" +
                  "\n\n" + kDone);
    EXPECT_EQ(make({.streams = true}).content_type(), "text/event-stream");
}

TEST(Answer, LeavesOutEventsThatSayNothing) {
    const std::string role = R"("role":"assistant","content":null)";
    const std::string engine = delta(role) + delta(role) + delta(role) + delta(R"("role":"assistant","content":"a")") +
                               delta("") + delta("", "\"stop\"") + kUsage + kDone;
    EXPECT_EQ(rewritten({.streams = true}, engine),
              chunk(role) + chunk(R"("content":"a")") + chunk("", "\"stop\"") + kDone);
}

TEST(Answer, GathersAWhole) {
    EXPECT_EQ(
        rewritten({}, kHello),
        R"({"id":"chatcmpl-aaaaaaaaaaaaaaaaaaaaaaaa","object":"chat.completion","created":1700000000,"model":"public",)"
        "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"H\u00e9llo\"},"
        R"("logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}})");
    EXPECT_EQ(make({}).content_type(), "application/json");
}

TEST(Answer, IsTheSameForEverySplit) {
    for (const Asked& asked : {Asked{}, Asked{.streams = true, .usage = true}}) {
        const std::string whole = rewritten(asked, kHello);
        for (std::size_t i = 0; i <= kHello.size(); ++i) ASSERT_EQ(rewritten(asked, kHello, i), whole) << i;
    }
}

TEST(Answer, IsIncompleteForEveryCut) {
    for (std::size_t i = 0; i < kHello.size(); ++i) {
        const std::string result = rewritten({}, kHello.substr(0, i));
        ASSERT_EQ(result, "openai.truncated: the engine's stream ended early") << i;
    }
}

TEST(Answer, PassesNothingElseOn) {
    const std::string out = rewritten({.streams = true, .usage = true}, kHello);
    for (const char* word : {"fingerprint", "timings", "cached", "engine", ".gguf", "stop_reason"})
        EXPECT_EQ(out.find(word), std::string::npos) << word;
}

TEST(Answer, MergesToolCalls) {
    const std::string engine =
        delta(
            R"("role":"assistant","tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""},"x":1}])") +
        delta(R"("tool_calls":[{"index":1,"id":"c2","type":"function","function":{"name":"g","arguments":"{"}}])") +
        delta(R"("tool_calls":[{"index":0,"function":{"arguments":"{\"a\":"}}])") +
        delta(R"("tool_calls":[{"index":0,"function":{"arguments":"1}"}},{"index":1,"function":{"arguments":"}"}}])") +
        delta("", "\"tool_calls\"") + kUsage + kDone;
    const std::string whole = rewritten({}, engine);
    EXPECT_NE(
        whole.find(R"("content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":)"
                   R"("{\"a\":1}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]},)"
                   R"("logprobs":null,"finish_reason":"tool_calls")"),
        std::string::npos)
        << whole;
    const std::string stream = rewritten({.streams = true}, engine);
    EXPECT_NE(
        stream.find(R"("tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":""}}])"),
        std::string::npos)
        << stream;
    EXPECT_EQ(stream.find("\"x\""), std::string::npos);
}

TEST(Answer, KeepsChoicesApart) {
    const std::string engine = delta(R"("content":"a")", "null", 1) + delta(R"("content":"b")") +
                               delta(R"("content":"c")", "null", 1) + delta("", "\"stop\"", 1) +
                               delta("", "\"length\"") + kUsage + kDone;
    const std::string whole = rewritten({.choices = 2}, engine);
    EXPECT_NE(
        whole.find(
            R"({"index":0,"message":{"role":"assistant","content":"b"},"logprobs":null,"finish_reason":"length"},)"
            R"({"index":1,"message":{"role":"assistant","content":"ac"},"logprobs":null,"finish_reason":"stop"})"),
        std::string::npos)
        << whole;
    EXPECT_EQ(rewritten({.choices = 1}, engine), "openai.bad_answer: a choice that was not asked for");
    EXPECT_EQ(rewritten({.choices = 3}, engine), "openai.truncated: a choice has no end");
}

TEST(Answer, GivesLogprobsWhenAsked) {
    const std::string engine =
        event(
            R"({"choices":[{"index":0,"delta":{"content":"a"},"logprobs":{"content":[{"id":7,"token":"a","logprob":-0.5,)"
            R"("bytes":[97],"top_logprobs":[{"id":7,"token":"a","logprob":null,"bytes":null}]}]},"finish_reason":"stop"}]})") +
        kUsage + kDone;
    const std::string want =
        R"("logprobs":{"content":[{"token":"a","logprob":-0.5,"bytes":[97],"top_logprobs":[{"token":"a","logprob":-9999,"bytes":null}]}]})";
    EXPECT_NE(rewritten({.logprobs = true}, engine).find(want), std::string::npos);
    EXPECT_NE(rewritten({.streams = true, .logprobs = true}, engine).find(want), std::string::npos);
    EXPECT_EQ(rewritten({}, engine).find("-0.5"), std::string::npos);
}

TEST(Answer, RewritesCompletions) {
    const std::string engine =
        event(R"({"choices":[{"text":"on","index":0,"logprobs":null,"finish_reason":null}],"x":1})") +
        event(R"({"choices":[{"text":"ce","index":0,"logprobs":null,"finish_reason":"length"}]})") + kUsage + kDone;
    EXPECT_EQ(
        rewritten({.chat = false}, engine),
        R"({"id":"cmpl-aaaaaaaaaaaaaaaaaaaaaaaa","object":"text_completion","created":1700000000,"model":"public","choices":[)"
        R"({"index":0,"text":"once","logprobs":null,"finish_reason":"length"}],)"
        R"("usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}})");
    EXPECT_TRUE(
        rewritten({.streams = true, .chat = false}, engine)
            .starts_with(
                R"(data: {"id":"cmpl-aaaaaaaaaaaaaaaaaaaaaaaa","object":"text_completion","created":1700000000,)"
                R"("model":"public","choices":[{"index":0,"text":"on","logprobs":null,"finish_reason":null}]})"));
}

TEST(Answer, DoesNotRepeatTheEnginesErrors) {
    for (const std::string& engine :
         {event(R"({"error":{"code":500,"message":"CANARY"}})"), std::string("error: {\"message\":\"CANARY\"}\n\n")})
        EXPECT_EQ(rewritten({.streams = true}, engine), "openai.bad_answer: the engine reports an error");
    EXPECT_EQ(rewritten({}, delta("", "\"abort\"") + kUsage + kDone),
              "openai.truncated: the engine gave the request up");
}

TEST(Answer, RefusesWhatIsNotOfTheDialect) {
    for (const std::string& engine : {event("CANARY"),
                                      event("{}"),
                                      event("[]"),
                                      event(R"({"choices":{}})"),
                                      event(R"({"choices":[1]})"),
                                      event(R"({"choices":[{"index":0}]})"),
                                      event(R"({"choices":[{"delta":{}}]})"),
                                      event(R"({"choices":[{"index":-1,"delta":{}}]})"),
                                      delta(R"("content":1)"),
                                      delta(R"("role":"user")"),
                                      delta("", "\"CANARY\""),
                                      delta("", "1"),
                                      delta(R"("tool_calls":{})"),
                                      delta(R"("tool_calls":[{}])"),
                                      delta(R"("tool_calls":[{"index":500}])"),
                                      delta(R"("tool_calls":[{"index":0,"function":{"arguments":{}}}])"),
                                      delta(R"("tool_calls":[{"index":0,"type":"x"}])"),
                                      event(R"({"choices":[],"usage":{"prompt_tokens":-1}})"),
                                      kHello + kDone,
                                      kHello + kHello,
                                      kHello + "data: x\n",
                                      delta("", "\"stop\"") + kDone}) {
        const std::string result = rewritten({.streams = true}, engine);
        EXPECT_TRUE(result.starts_with("openai.bad_answer")) << engine << " gave " << result;
        EXPECT_EQ(result.find("CANARY"), std::string::npos);
    }
}

TEST(Answer, StaysFailed) {
    Answer answer = make({});
    Plaintext out;
    EXPECT_FALSE(answer.update(as_bytes(event("x")), out));
    EXPECT_FALSE(answer.update(as_bytes(kHello), out));
    EXPECT_FALSE(answer.finish(out));
    EXPECT_TRUE(out.empty());
}

TEST(Answer, IsBounded) {
    Answer answer = make({});
    Plaintext out;
    const std::string part = delta(R"("content":")" + std::string(1 << 19, 'x') + "\"");
    Result<void> result;
    int parts = 0;
    for (; result && parts < 100; ++parts) result = answer.update(as_bytes(part), out);
    EXPECT_EQ(parts, static_cast<int>(Gatherer::kMostBytes >> 19) + 1);
    EXPECT_EQ(result.error(), kBadAnswer);
}

TEST(Answer, WritesErrors) {
    EXPECT_EQ(
        error_body(ErrorShape::kOpenAi, "invalid_request_error", "openai.bad_request", "say \"n\""),
        R"({"error":{"message":"say \"n\"","type":"invalid_request_error","param":null,"code":"openai.bad_request"}})");
}

}  // namespace
}  // namespace openpcc::openai

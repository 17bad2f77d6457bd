// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/openai/answer.hpp"
#include "protocol/openai/errors.hpp"

namespace openpcc::openai {
namespace {

class ZeroRandom final : public Random {
  public:
    void fill(ByteSpan out) override { std::ranges::fill(out, std::uint8_t{0}); }
};

std::string rewritten(bool streams, const std::string& engine, std::size_t split = 0, const std::string& more = "") {
    Dialect dialect;
    dialect.model_name = "demo";
    ZeroRandom random;
    const std::string body =
        R"({"model":"demo","input":"a","stream":)" + std::string(streams ? "true" : "false") + more + "}";
    const auto request = admit("POST", "/v1/responses", as_bytes(body), dialect, random);
    Answer answer(*request, "public", 1700000000, random);
    Plaintext out;
    for (const std::string& piece : {engine.substr(0, split), engine.substr(split)})
        if (auto result = answer.update(as_bytes(piece), out); !result) return result.error().describe();
    if (auto result = answer.finish(out); !result) return result.error().describe();
    return out.with([](ByteView view) { return to_string(view); });
}

std::string event(const std::string& data) { return "data: " + data + "\n\n"; }
std::string delta(const std::string& members, const std::string& finish = "null") {
    return event(R"({"choices":[{"finish_reason":)" + finish + R"(,"index":0,"delta":{)" + members +
                 R"(}}],"id":"chatcmpl-engine","model":"/models/demo.gguf","system_fingerprint":"b1"})");
}
const std::string kEnd = event(R"({"choices":[],"usage":{"completion_tokens":2,"prompt_tokens":9,"total_tokens":11,)"
                               R"("prompt_tokens_details":{"cached_tokens":8}},"timings":{"cache_n":8}})") +
                         event("[DONE]");
const std::string kHello = delta(R"("role":"assistant","content":null)") + delta("\"content\":\"H\u00e9\"") +
                           delta(R"("content":"llo")") + delta("", "\"stop\"") + kEnd;
const std::string kLetters = "aaaaaaaaaaaaaaaaaaaaaaaa";
const std::string kUsage = R"("usage":{"input_tokens":9,"input_tokens_details":{"cached_tokens":0},"output_tokens":2,)"
                           R"("output_tokens_details":{"reasoning_tokens":0},"total_tokens":11}})";

std::string response(const std::string& status, const std::string& details, const std::string& output,
                     const std::string& usage = kUsage) {
    return R"({"id":"resp_)" + kLetters + R"(","object":"response","created_at":1700000000,"status":")" + status +
           R"(","background":false,"error":null,"incomplete_details":)" + details + R"(,"model":"public","output":[)" +
           output +
           R"(],"previous_response_id":null,"store":false,"parallel_tool_calls":true,"tool_choice":"auto","tools":[],)" +
           usage;
}
std::string said(const std::string& text) {
    return R"({"id":"msg_)" + kLetters + R"(_0","type":"message","status":"completed","role":"assistant","content":[)" +
           R"({"type":"output_text","text":")" + text + R"(","annotations":[],"logprobs":[]}]})";
}

// kinds are the events of a stream by name, each once in a row; every event's data names it and has its number.
std::vector<std::string> kinds(const std::string& stream) {
    std::vector<std::string> out;
    int number = 0;
    for (std::size_t at = 0; at < stream.size();) {
        const std::size_t end = stream.find("\n\n", at);
        const std::string one = stream.substr(at, end - at);
        const std::string name = one.substr(7, one.find('\n') - 7);
        EXPECT_TRUE(one.starts_with("event: " + name + "\ndata: {\"type\":\"" + name + "\"")) << one;
        EXPECT_TRUE(one.ends_with("\"sequence_number\":" + std::to_string(number++) + "}")) << one;
        if (out.empty() || out.back() != name) out.push_back(name);
        at = end + 2;
    }
    return out;
}

TEST(ResponsesAnswer, GathersAWhole) {
    EXPECT_EQ(rewritten(false, kHello), response("completed", "null", said("H\u00e9llo")));
    EXPECT_EQ(rewritten(false, delta("", "\"length\"") + kEnd),
              response("incomplete", R"({"reason":"max_output_tokens"})", ""));
}

TEST(ResponsesAnswer, RewritesAStream) {
    const std::string stream = rewritten(true, kHello);
    EXPECT_EQ(kinds(stream),
              (std::vector<std::string>{"response.created", "response.in_progress", "response.output_item.added",
                                        "response.content_part.added", "response.output_text.delta",
                                        "response.output_text.done", "response.content_part.done",
                                        "response.output_item.done", "response.completed"}));
    EXPECT_NE(stream.find(R"("output_index":0,"item_id":"msg_)" + kLetters +
                          R"(_0","content_index":0,"delta":"llo","logprobs":[],"sequence_number":5})"),
              std::string::npos)
        << stream;
    const std::string whole = response("completed", "null", said("H\u00e9llo"));
    EXPECT_TRUE(
        stream.ends_with(R"(data: {"type":"response.completed","response":)" + whole + ",\"sequence_number\":9}\n\n"))
        << stream;
    EXPECT_EQ(kinds(rewritten(true, delta("", "\"length\"") + kEnd)).back(), "response.incomplete");
}

TEST(ResponsesAnswer, IsTheSameForEverySplitAndIncompleteForEveryCut) {
    for (const bool streams : {false, true}) {
        const std::string all = rewritten(streams, kHello);
        for (std::size_t i = 0; i <= kHello.size(); ++i) ASSERT_EQ(rewritten(streams, kHello, i), all) << i;
        for (std::size_t i = 0; i < kHello.size(); ++i)
            ASSERT_EQ(rewritten(streams, kHello.substr(0, i)), "openai.truncated: the engine's stream ended early")
                << i;
        for (const char* word : {"fingerprint", "timings", "engine", ".gguf", "cache_n", "cached_tokens\":8"})
            EXPECT_EQ(all.find(word), std::string::npos) << word;
    }
}

TEST(ResponsesAnswer, TellsThoughtsAndCallsInItems) {
    const std::string engine =
        delta(R"("reasoning_content":"hm")") + delta(R"("content":"a")") +
        delta(
            R"("tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{\"x\":"}}])") +
        delta(
            R"("tool_calls":[{"index":0,"function":{"arguments":"1}"}},{"index":1,"id":"c2","function":{"name":"g"}}])") +
        delta("", "\"tool_calls\"") + kEnd;
    const std::string output =
        R"({"id":"rs_)" + kLetters + R"(_0","type":"reasoning","status":"completed","summary":[],)" +
        R"("content":[{"type":"reasoning_text","text":"hm"}]},)" + R"({"id":"msg_)" + kLetters +
        R"(_1","type":"message","status":"completed","role":"assistant",)" +
        R"("content":[{"type":"output_text","text":"a","annotations":[],"logprobs":[]}]},)" + R"({"id":"fc_)" +
        kLetters +
        R"(_2","type":"function_call","status":"completed","call_id":"c1","name":"f","arguments":"{\"x\":1}"},)" +
        R"({"id":"fc_)" + kLetters +
        R"(_3","type":"function_call","status":"completed","call_id":"c2","name":"g","arguments":""})";
    EXPECT_EQ(rewritten(false, engine), response("completed", "null", output));
    const std::string stream = rewritten(true, engine);
    EXPECT_NE(stream.find(R"("response":)" + response("completed", "null", output)), std::string::npos) << stream;
    EXPECT_NE(stream.find(R"({"type":"response.function_call_arguments.delta","output_index":2,"item_id":"fc_)" +
                          kLetters + R"(_2","delta":"1}")"),
              std::string::npos)
        << stream;
    EXPECT_NE(stream.find(R"({"type":"response.function_call_arguments.done","output_index":2,"item_id":"fc_)" +
                          kLetters + R"(_2","name":"f","arguments":"{\"x\":1}")"),
              std::string::npos)
        << stream;
    EXPECT_EQ(kinds(stream).size(), 22U);
}

TEST(ResponsesAnswer, RepeatsWhatWasChecked) {
    const std::string more = R"(,"temperature":0.5,"tools":[{"type":"function","name":"f"}],"tool_choice":"none",)"
                             R"("text":{"format":{"type":"text"}},"user":"CANARY")";
    const std::string whole = rewritten(false, kHello, 0, more);
    EXPECT_NE(whole.find(R"("tool_choice":"none","tools":[{"type":"function","name":"f"}],)"
                         R"("text":{"format":{"type":"text"}},"temperature":0.5,)"),
              std::string::npos)
        << whole;
    EXPECT_EQ(whole.find("CANARY"), std::string::npos);
}

TEST(ResponsesAnswer, CallsThatCannotBeToldAreRefused) {
    const auto call = [](const std::string& one) { return delta(R"("tool_calls":[)" + one + "]"); };
    const std::string first = call(R"({"index":0,"id":"c1","function":{"name":"f","arguments":"{}"}})");
    const std::string second = call(R"({"index":1,"id":"c2","function":{"name":"g","arguments":"{}"}})");
    for (const std::string& odd : {first + second + call(R"({"index":0,"function":{"arguments":"x"}})"),
                                   call(R"({"index":0,"function":{"name":"f"}})"), call(R"({"index":0,"id":"c"})")})
        EXPECT_EQ(rewritten(true, odd), "openai.bad_answer: tool calls out of order");
    EXPECT_EQ(rewritten(false, call(R"({"index":0,"function":{"name":"f"}})") + delta("", "\"stop\"") + kEnd),
              "openai.bad_answer: a tool call without an id");
    EXPECT_EQ(rewritten(true, event(R"({"error":{"message":"CANARY"}})")),
              "openai.bad_answer: the engine reports an error");
}

}  // namespace
}  // namespace openpcc::openai

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "protocol/openai/errors.hpp"
#include "protocol/openai/fields.hpp"
#include "protocol/openai/request.hpp"
#include "wire/json.hpp"

namespace openpcc::openai {
namespace {

class CountingRandom final : public Random {
  public:
    void fill(ByteSpan out) override {
        for (auto& byte : out) byte = next_++;
    }

  private:
    std::uint8_t next_ = 0;
};

Dialect dialect() {
    Dialect out;
    out.model_name = "demo";
    out.model_aliases = {"openpcc/demo"};
    return out;
}

constexpr std::string_view kHello = R"("model":"demo","messages":[{"role":"user","content":"Hello"}])";

Result<EngineRequest> admit_text(const std::string& body, const Dialect& with = dialect(),
                                 std::string_view path = "/v1/chat/completions") {
    CountingRandom random;
    return admit("POST", path, as_bytes(body), with, random);
}

// chat is a request with more members; its engine body, or the error's name and text.
std::string chat(const std::string& more, const Dialect& with = dialect()) {
    const auto request = admit_text("{" + std::string(kHello) + (more.empty() ? "" : "," + more) + "}", with);
    if (!request) return request.error().describe();
    return request->body.with([](ByteView view) { return to_string(view); });
}

std::string conversation(const std::string& messages) {
    const auto request = admit_text(R"({"model":"demo","messages":)" + messages + "}");
    if (!request) return request.error().describe();
    const auto body = request->body.with([](ByteView view) { return json::parse(view); });
    return body->get("messages")->to_text();
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(Admit, WritesTheBodyAnew) {
    EXPECT_EQ(chat(""),
              R"({"model":"demo","messages":[{"role":"user","content":"Hello"}],"max_tokens":4096,"stream":true,)"
              R"("stream_options":{"include_usage":true},"cache_prompt":false,"return_progress":true})");
    const auto request = admit_text("{" + std::string(kHello) + "}");
    EXPECT_EQ(request->path, "/v1/chat/completions");
    EXPECT_EQ(request->api, Api::kChat);
    EXPECT_FALSE(request->caller_streams);
    EXPECT_TRUE(request->caller_wants_usage);
}

TEST(Admit, SaltsTheCacheOfVllm) {
    Dialect with = dialect();
    with.cache = CacheIsolation::kSaltPerRequest;
    with.token_default = TokenDefault::kHeldByEngine;
    EXPECT_EQ(chat("", with),
              R"({"model":"demo","messages":[{"role":"user","content":"Hello"}],"stream":true,)"
              R"("stream_options":{"include_usage":true},"cache_salt":"000102030405060708090a0b0c0d0e0f"})");
}

TEST(Admit, PassesTheMembersOfTheTable) {
    const std::string body =
        chat(R"("temperature":0.70,"top_p":1,"n":2,"stop":"x","max_completion_tokens":7,"presence_penalty":-2,)"
             R"("frequency_penalty":0.5,"seed":-9223372036854775808,"logprobs":true,"top_logprobs":5,)"
             R"("response_format":{"type":"json_object"},"stream":true,"stream_options":{"include_usage":true})");
    EXPECT_TRUE(has(body, R"("temperature":0.70,"top_p":1,"presence_penalty":-2,"frequency_penalty":0.5)")) << body;
    EXPECT_TRUE(has(body, R"("seed":-9223372036854775808,"n":2,"stop":["x"],"max_tokens":7)")) << body;
    EXPECT_TRUE(has(body, R"("logprobs":true,"top_logprobs":5)")) << body;
    EXPECT_TRUE(has(body, R"("response_format":{"type":"json_object"})")) << body;
}

TEST(Admit, ObeysHowTheCallerWantsTheAnswer) {
    const auto plain = admit_text("{" + std::string(kHello) + R"(,"stream":true})");
    EXPECT_TRUE(plain->caller_streams);
    EXPECT_FALSE(plain->caller_wants_usage);
    const auto counted =
        admit_text("{" + std::string(kHello) + R"(,"stream":true,"n":3,"stream_options":{"include_usage":true}})");
    EXPECT_TRUE(counted->caller_wants_usage);
    EXPECT_EQ(counted->choices, 3U);
}

TEST(Admit, DropsWhoTheCallerIs) {
    const std::string body = chat(
        R"("user":"CANARY","metadata":{"a":"CANARY"},"safety_identifier":"CANARY","prompt_cache_key":"CANARY","store":false)");
    EXPECT_EQ(body, chat(""));
    EXPECT_EQ(chat(R"("store":true)"), "openai.unsupported_field: store");
}

TEST(Admit, NullIsAbsent) {
    EXPECT_EQ(chat(R"("stop":null,"logit_bias":null,"tools":null,"temperature":null,"stream":null)"), chat(""));
}

TEST(Admit, RefusesByNameWhatItKnowsAndWithoutANameWhatItDoesNot) {
    for (const FieldRule& rule : request_fields()) {
        if (rule.treatment != Treatment::kRefused) continue;
        EXPECT_EQ(chat("\"" + std::string(rule.name) + "\":1"), "openai.unsupported_field: " + std::string(rule.name));
    }
    const std::string refusal = chat(R"("my CANARY field":1)");
    EXPECT_EQ(refusal, "openai.unsupported_field: a field that is not in the list");
    EXPECT_EQ(chat(R"("prompt":"x")"), "openai.unsupported_field: prompt");
}

TEST(Admit, ChecksRanges) {
    for (const char* member : {R"("temperature":2.1)",
                               R"("temperature":"1")",
                               R"("temperature":1e400)",
                               R"("top_p":-0.1)",
                               R"("n":0)",
                               R"("n":5)",
                               R"("n":1.5)",
                               R"("max_tokens":0)",
                               R"("max_tokens":4097)",
                               R"("max_tokens":-1)",
                               R"("seed":1.5)",
                               R"("max_tokens":1,"max_completion_tokens":1)",
                               R"("stop":"")",
                               R"("stop":[1])",
                               R"("stop":{})",
                               R"("stream":1)",
                               R"("stream_options":{"include_usage":true})",
                               R"("stream":true,"stream_options":{"include_usage":1})",
                               R"("top_logprobs":3)",
                               R"("logprobs":true,"top_logprobs":6)",
                               R"("logprobs":2)",
                               R"("presence_penalty":3)"}) {
        const std::string refusal = chat(member);
        EXPECT_TRUE(refusal.starts_with("openai.bad_request: ")) << member << " gave " << refusal;
    }
    EXPECT_TRUE(chat(R"("stream":true,"stream_options":{"x":1})").starts_with("openai.unsupported_field"))
        << "unknown option";
    std::string stops = R"("stop":["a")";
    for (int i = 0; i < 16; ++i) stops += R"(,"a")";
    EXPECT_TRUE(chat(stops + "]").starts_with("openai.bad_request: stop"));
}

TEST(Admit, KnowsItsModelOnly) {
    EXPECT_TRUE(admit_text(R"({"model":"openpcc/demo","messages":[{"role":"user","content":"x"}]})"));
    EXPECT_EQ(admit_text(R"({"model":"gpt","messages":[{"role":"user","content":"x"}]})").error(), kUnknownModel);
    EXPECT_EQ(admit_text(R"({"messages":[{"role":"user","content":"x"}]})").error(), kBadRequest);
}

TEST(Admit, KnowsItsPathsOnly) {
    CountingRandom random;
    const std::string body = "{" + std::string(kHello) + "}";
    for (const char* path :
         {"/v1/chat/completions/", "/v1/chat/completions?x", "/v1/responses/resp_1", "/v1/models", "/props", "/slots",
          "/v1/messages/", "/v1/messages/batches", "", "//v1/chat/completions", "/V1/chat/completions"})
        EXPECT_EQ(admit("POST", path, as_bytes(body), dialect(), random).error(), kUnknownPath) << path;
    EXPECT_EQ(admit("GET", "/v1/chat/completions", as_bytes(body), dialect(), random).error(), kUnknownPath);
    EXPECT_EQ(admit("post", "/v1/chat/completions", as_bytes(body), dialect(), random).error(), kUnknownPath);
}

TEST(Admit, RefusesWhatIsNotAnObject) {
    for (const char* body :
         {"", "{", "[]", "null", "{} {}", R"({"model":"demo","model":"demo"})", "{\"model\":\"\xff\"}"})
        EXPECT_EQ(admit_text(body).error(), kBadRequest) << body;
    Dialect small = dialect();
    small.limits.body_bytes = 16;
    EXPECT_EQ(admit_text("{" + std::string(kHello) + "}", small).error(), kTooLarge);
}

TEST(Admit, WritesMessagesAnew) {
    EXPECT_EQ(
        conversation(
            R"([{"role":"developer","content":"a"},{"content":[{"type":"text","text":"b"}],"role":"user","name":"n"},)"
            R"({"role":"assistant","content":null,"refusal":null,"annotations":[],"tool_calls":[{"id":"1",)"
            R"("type":"function","index":0,"function":{"name":"f","arguments":"{}"}}]},)"
            R"({"role":"tool","tool_call_id":"1","content":"c"}])"),
        R"([{"role":"system","content":"a"},{"role":"user","content":[{"type":"text","text":"b"}],"name":"n"},)"
        R"({"role":"assistant","content":"","tool_calls":[{"id":"1","type":"function","function":{"name":"f",)"
        R"("arguments":"{}"}}]},{"role":"tool","content":"c","tool_call_id":"1"}])");
}

TEST(Admit, RefusesMediaByName) {
    EXPECT_EQ(
        conversation(R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://a.example/x"}}]}])"),
        "openai.unsupported_field: messages.content.image_url");
    EXPECT_EQ(conversation(R"([{"role":"user","content":[{"type":"input_audio","input_audio":{}}]}])"),
              "openai.unsupported_field: messages.content.input_audio");
    EXPECT_EQ(conversation(R"([{"role":"user","content":[{"type":"CANARY"}]}])"),
              "openai.unsupported_field: messages.content");
}

TEST(Admit, RefusesOddMessages) {
    for (const char* messages :
         {"[]", "{}", "\"x\"", "[1]", R"([{"content":"x"}])", R"([{"role":"root","content":"x"}])",
          R"([{"role":"user"}])", R"([{"role":"user","content":1}])", R"([{"role":"user","content":[]}])",
          R"([{"role":"user","content":["x"]}])", R"([{"role":"user","content":[{"text":"x"}]}])",
          R"([{"role":"tool","content":"x"}])", R"([{"role":"user","content":"x","tool_calls":[]}])",
          R"([{"role":"assistant","tool_calls":[{"id":"1","type":"custom","function":{"name":"f","arguments":""}}]}])",
          R"([{"role":"assistant","tool_calls":[{"id":"1","type":"function"}]}])"}) {
        const std::string refusal = conversation(messages);
        EXPECT_TRUE(refusal.starts_with("openai.bad_request: ")) << messages << " gave " << refusal;
    }
    EXPECT_EQ(conversation(R"([{"role":"user","content":"x","function_call":{}}])"),
              "openai.unsupported_field: messages.function_call");
    EXPECT_EQ(conversation(R"([{"role":"user","content":"x","CANARY":1}])"),
              "openai.unsupported_field: messages.a field that is not in the list");
    Dialect small = dialect();
    small.limits.messages = 1;
    EXPECT_EQ(admit_text(R"({"model":"demo","messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]})",
                         small)
                  .error(),
              kTooLarge);
}

TEST(Admit, BoundsToolsAndSchemas) {
    const std::string tool = R"("tools":[{"type":"function","function":{"name":"f","description":"d","parameters":)";
    EXPECT_TRUE(
        has(chat(tool + R"({"type":"object"},"strict":true}}],"tool_choice":"required","parallel_tool_calls":false)"),
            R"("tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"},)"
            R"("strict":true}}],"parallel_tool_calls":false,"tool_choice":"required")"));
    EXPECT_TRUE(has(chat(tool + R"({}}}],"tool_choice":{"type":"function","function":{"name":"f"}})"),
                    R"("tool_choice":{"type":"function","function":{"name":"f"}})"));
    EXPECT_EQ(chat(R"("tools":[],"tool_choice":"auto")"), chat(""));
    std::string deep = "{}";
    for (int i = 0; i < 16; ++i) deep = R"({"a":)" + deep + "}";
    for (const std::string& schema : {deep, std::string(R"({"$ref":"http://a.example/"})"),
                                      std::string(R"({"maxItems":2001})"), std::string(R"({"a":[{"minLength":-1}]})"),
                                      R"({"pattern":")" + std::string(257, 'a') + "\"}", std::string("[]")}) {
        EXPECT_TRUE(chat(tool + schema + "}}]").starts_with("openai.bad_request: tools.function.parameters")) << schema;
        EXPECT_TRUE(
            chat(R"("response_format":{"type":"json_schema","json_schema":{"name":"s","schema":)" + schema + "}}")
                .starts_with("openai.bad_request: response_format.json_schema.schema"))
            << schema;
    }
    EXPECT_TRUE(
        has(chat(R"("response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"$ref":"#/a"}}})"),
            R"("json_schema":{"name":"s","schema":{"$ref":"#/a"}})"));
    for (const char* member :
         {R"("tools":1)", R"("tools":[{"type":"custom"}])",
          R"("tools":[{"type":"function","function":{"name":"a b"}}])", R"("tool_choice":"required")",
          R"("tool_choice":"CANARY")", R"("response_format":{"type":"grammar"})",
          R"("response_format":{"type":"json_schema"})", R"("response_format":{"type":"text","json_schema":{}})"})
        EXPECT_TRUE(chat(member).starts_with("openai.bad_request")) << member << " gave " << chat(member);
}

TEST(Admit, TakesCompletions) {
    const auto request = admit_text(R"({"model":"demo","prompt":"Once","max_tokens":3})", dialect(), "/v1/completions");
    ASSERT_TRUE(request) << request.error().describe();
    EXPECT_EQ(request->api, Api::kCompletions);
    EXPECT_EQ(request->body.with([](ByteView view) { return to_string(view); }),
              R"({"model":"demo","prompt":"Once","max_tokens":3,"stream":true,"stream_options":{"include_usage":true},)"
              R"("cache_prompt":false,"return_progress":true})");
    EXPECT_EQ(admit_text(R"({"model":"demo","prompt":["a","b"]})", dialect(), "/v1/completions").error(), kBadRequest);
    EXPECT_EQ(admit_text(R"({"model":"demo","prompt":[1,2]})", dialect(), "/v1/completions").error(), kBadRequest);
    EXPECT_EQ(admit_text(R"({"model":"demo","prompt":"a","tools":[]})", dialect(), "/v1/completions").error(),
              kUnsupportedField);
}

}  // namespace
}  // namespace openpcc::openai

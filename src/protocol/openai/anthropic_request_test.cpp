// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "protocol/openai/errors.hpp"
#include "protocol/openai/fields.hpp"
#include "protocol/openai/outgoing.hpp"
#include "protocol/openai/request.hpp"

namespace openpcc::openai {
namespace {

class ZeroRandom final : public Random {
  public:
    void fill(ByteSpan out) override { std::ranges::fill(out, std::uint8_t{0}); }
};

constexpr std::string_view kHello = R"("model":"demo","max_tokens":9,"messages":[{"role":"user","content":"Hello"}])";

Dialect dialect() {
    Dialect out;
    out.model_name = "demo";
    out.counts_tokens = true;
    return out;
}

Result<EngineRequest> admit_text(const std::string& body, const Dialect& with = dialect(),
                                 std::string_view path = "/v1/messages") {
    ZeroRandom random;
    return admit("POST", path, as_bytes(body), with, random);
}

std::string body_of(const Result<EngineRequest>& request) {
    if (!request) return request.error().describe();
    return request->body.with([](ByteView view) { return to_string(view); });
}

// asked is a request with more members; its engine body, or the error's name and text.
std::string asked(const std::string& more, const Dialect& with = dialect()) {
    return body_of(admit_text("{" + std::string(kHello) + (more.empty() ? "" : "," + more) + "}", with));
}

std::string conversation(const std::string& messages, const std::string& more = "") {
    const auto request = admit_text(R"({"model":"demo","max_tokens":9,"messages":)" + messages + more + "}");
    if (!request) return request.error().describe();
    const auto body = request->body.with([](ByteView view) { return json::parse(view); });
    return body->get("messages")->to_text();
}

std::string parts(const std::string& content, const std::string& role = "user") {
    return conversation(R"([{"role":")" + role + R"(","content":)" + content + "}]");
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(AnthropicRequest, BecomesAChat) {
    const auto request = admit_text("{" + std::string(kHello) + R"(,"stream":true})");
    ASSERT_TRUE(request) << request.error().describe();
    EXPECT_EQ(request->api, Api::kMessages);
    EXPECT_EQ(request->path, "/v1/chat/completions");
    EXPECT_TRUE(request->caller_streams);
    EXPECT_EQ(body_of(request), R"({"model":"demo","messages":[{"role":"user","content":"Hello"}],"max_tokens":9,)"
                                R"("stream":true,"stream_options":{"include_usage":true},"cache_prompt":false,)"
                                R"("return_progress":true})");
    EXPECT_EQ(asked(""), body_of(request)) << "how the caller wants the answer is not the engine's business";
}

TEST(AnthropicRequest, SaltsTheCacheOfVllm) {
    Dialect with = dialect();
    with.cache = CacheIsolation::kSaltPerRequest;
    EXPECT_TRUE(has(asked("", with), R"("cache_salt":"00000000000000000000000000000000"})"));
}

TEST(AnthropicRequest, PassesTheMembersOfTheTable) {
    const std::string body =
        asked(R"("system":"Be brief.","temperature":0.5,"top_p":0.9,"top_k":40,"stop_sequences":["a","b"],)"
              R"("output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}},)"
              R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object"},"cache_control":{}}],)"
              R"("tool_choice":{"type":"any","disable_parallel_tool_use":true})");
    EXPECT_TRUE(has(body, R"([{"role":"system","content":"Be brief."},{"role":"user","content":"Hello"}])")) << body;
    EXPECT_TRUE(has(body, R"("temperature":0.5,"top_p":0.9,"top_k":40,"stop":["a","b"],"max_tokens":9)")) << body;
    EXPECT_TRUE(has(body, R"("response_format":{"type":"json_schema","json_schema":{"name":"output",)"
                          R"("schema":{"type":"object"},"strict":true}})"))
        << body;
    EXPECT_TRUE(has(body, R"("tools":[{"type":"function","function":{"name":"f","description":"d",)"
                          R"("parameters":{"type":"object"}}}],"parallel_tool_calls":false,"tool_choice":"required")"))
        << body;
    const std::string tool = R"("tools":[{"type":"custom","name":"f","input_schema":{}}],"tool_choice":)";
    EXPECT_TRUE(has(asked(tool + R"({"type":"tool","name":"f"})"),
                    R"("tool_choice":{"type":"function","function":{"name":"f"}})"));
    EXPECT_TRUE(has(asked(tool + R"({"type":"none"})"), R"("tool_choice":"none")"));
}

TEST(AnthropicRequest, DropsWhoTheCallerIsAndWhatHasNoUseHere) {
    EXPECT_EQ(asked(R"("metadata":{"user_id":"CANARY"},"user_profile_id":"CANARY","cache_control":{"type":"CANARY"},)"
                    R"("thinking":{"type":"disabled"})"),
              asked(""));
    EXPECT_EQ(asked(R"("metadata":{"CANARY":1})"),
              "openai.unsupported_field: metadata.a field that is not in the list");
    for (const char* thinking : {R"({"type":"enabled","budget_tokens":1024})", R"({"type":"adaptive"})", "{}", "1"})
        EXPECT_EQ(asked(R"("thinking":)" + std::string(thinking)),
                  "openai.unsupported_field: thinking: only of type disabled");
}

TEST(AnthropicRequest, WhoTheCallerIsDoesNotLeaveTheMachine) {
    ZeroRandom random;
    const std::string body = "{" + std::string(kHello) + R"(,"metadata":{"user_id":"CANARY"},"stream":true})";
    const auto out = prepare("POST", "/v1/messages", as_bytes(body), 1 << 20, random);
    ASSERT_TRUE(out) << out.error().describe();
    EXPECT_EQ(out->path, "/v1/messages");
    EXPECT_TRUE(out->streams);
    EXPECT_EQ(out->body.with([](ByteView view) { return to_string(view); }),
              "{" + std::string(kHello) + R"(,"stream":true})");
}

TEST(AnthropicRequest, RefusesByNameWhatItKnowsAndWithoutANameWhatItDoesNot) {
    for (const FieldRule& rule : anthropic_fields()) {
        if (rule.treatment != Treatment::kRefused) continue;
        EXPECT_EQ(asked("\"" + std::string(rule.name) + "\":1"), "openai.unsupported_field: " + std::string(rule.name));
    }
    for (const char* name : {"CANARY", "n", "logprobs", "response_format", "stop", "seed"})
        EXPECT_EQ(asked("\"" + std::string(name) + "\":1"),
                  "openai.unsupported_field: a field that is not in the list");
    for (const BlockRule& rule : anthropic_blocks()) {
        if (rule.treatment != Treatment::kRefused) continue;
        EXPECT_EQ(parts(R"([{"type":")" + std::string(rule.type) + R"("}])"),
                  "openai.unsupported_field: messages.content." + std::string(rule.type));
    }
    EXPECT_EQ(parts(R"([{"type":"CANARY"}])"), "openai.unsupported_field: messages.content");
    EXPECT_EQ(parts(R"([{"type":"text","text":"a","CANARY":1}])"),
              "openai.unsupported_field: messages.content.text.a field that is not in the list");
    EXPECT_EQ(asked(R"("tools":[{"type":"bash_20250124","name":"bash"}])"),
              "openai.unsupported_field: tools.type: only tools of the caller's own");
    EXPECT_EQ(asked(R"("tools":[{"name":"f","input_schema":{},"defer_loading":true}])"),
              "openai.unsupported_field: tools.defer_loading");
    EXPECT_EQ(asked(R"("output_config":{"effort":"low"})"), "openai.unsupported_field: output_config.effort");
}

TEST(AnthropicRequest, WritesAConversationAnew) {
    EXPECT_EQ(
        conversation(R"([{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]},)"
                     R"({"role":"assistant","content":[{"type":"thinking","thinking":"CANARY","signature":"CANARY"},)"
                     R"({"type":"text","text":"b","citations":null},)"
                     R"({"type":"tool_use","id":"t1","name":"f","input":{"x": [1, "ü"]},"caller":{"type":"direct"}}]},)"
                     R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","is_error":false,"content":)"
                     R"([{"type":"text","text":"c"},{"type":"text","text":"d"}]},{"type":"text","text":"e"}]}])",
                     R"(,"system":[{"type":"text","text":"s"},{"type":"text","text":"t"}])"),
        R"([{"role":"system","content":"st"},{"role":"user","content":[{"type":"text","text":"a"}]},)"
        R"({"role":"assistant","content":[{"type":"text","text":"b"}],"tool_calls":[{"id":"t1","type":"function",)"
        R"("function":{"name":"f","arguments":"{\"x\":[1,\"ü\"]}"}}]},)"
        R"({"role":"tool","tool_call_id":"t1","content":"cd"},{"role":"user","content":[{"type":"text","text":"e"}]}])");
    EXPECT_EQ(parts(R"([{"type":"tool_result","tool_use_id":"t1"}])"),
              R"([{"role":"tool","tool_call_id":"t1","content":""}])");
}

TEST(AnthropicRequest, RefusesOddConversations) {
    for (const char* messages :
         {"[]", "{}", "[1]", R"([{"content":"x"}])", R"([{"role":"system","content":"x"}])", R"([{"role":"user"}])",
          R"([{"role":"user","content":1}])", R"([{"role":"user","content":[]}])",
          R"([{"role":"user","content":["x"]}])", R"([{"role":"user","content":[{"text":"x"}]}])",
          R"([{"role":"user","content":[{"type":"text"}]}])",
          R"([{"role":"user","content":[{"type":"tool_use","id":"1","name":"f","input":{}}]}])",
          R"([{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":"{}"}]}])",
          R"([{"role":"assistant","content":[{"type":"tool_result","tool_use_id":"1"}]}])",
          R"([{"role":"user","content":[{"type":"tool_result"}]}])",
          R"([{"role":"assistant","content":[{"type":"thinking","thinking":"x","signature":""}]}])"}) {
        const std::string refusal = conversation(messages);
        EXPECT_TRUE(refusal.starts_with("openai.bad_request: ")) << messages << " gave " << refusal;
    }
    EXPECT_EQ(parts(R"([{"type":"tool_result","tool_use_id":"1","content":[{"type":"image"}]}])"),
              "openai.unsupported_field: messages.content.tool_result.content.image");
    Dialect small = dialect();
    small.limits.messages = 1;
    EXPECT_EQ(admit_text(R"({"model":"demo","max_tokens":1,"messages":[{"role":"user","content":"a"},)"
                         R"({"role":"assistant","content":"b"}]})",
                         small)
                  .error(),
              kTooLarge);
}

TEST(AnthropicRequest, ChecksRanges) {
    for (const char* member :
         {R"("temperature":1.1)", R"("top_p":2)", R"("top_k":-1)", R"("top_k":1.5)", R"("stop_sequences":[""])",
          R"("stream":1)", R"("system":1)", R"("metadata":1)", R"("tools":{})", R"("tool_choice":{"type":"auto"})",
          R"("tools":[{"name":"f"}])", R"("tools":[{"name":"a b","input_schema":{}}])",
          R"("tools":[{"name":"f","input_schema":{"$ref":"http://a.example/"}}])",
          R"("tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"CANARY"})",
          R"("tools":[{"name":"f","input_schema":{}}],"tool_choice":"any")",
          R"("tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"any","name":"f"})",
          R"("output_config":{"format":{"type":"json_object"}})",
          R"("output_config":{"format":{"type":"json_schema"}})",
          R"("output_config":{"format":{"type":"json_schema","schema":{"maxItems":2001}}})"}) {
        const std::string refusal = asked(member);
        EXPECT_TRUE(refusal.starts_with("openai.bad_request: ")) << member << " gave " << refusal;
        EXPECT_FALSE(has(refusal, "CANARY"));
    }
    EXPECT_EQ(body_of(admit_text(R"({"model":"demo","messages":[{"role":"user","content":"x"}]})")),
              "openai.bad_request: max_tokens: missing");
    EXPECT_EQ(admit_text(R"({"model":"gpt","max_tokens":1,"messages":[{"role":"user","content":"x"}]})").error(),
              kUnknownModel);
}

TEST(AnthropicRequest, CountsWhereTheEngineCan) {
    const std::string body = R"({"model":"demo","system":"s","messages":[{"role":"user","content":"Hello"}]})";
    const auto request = admit_text(body, dialect(), "/v1/messages/count_tokens");
    ASSERT_TRUE(request) << request.error().describe();
    EXPECT_EQ(request->path, "/v1/chat/completions/input_tokens");
    EXPECT_EQ(request->gives, EngineAnswer::kObject);
    EXPECT_EQ(body_of(request), R"({"model":"demo","messages":[{"role":"system","content":"s"},)"
                                R"({"role":"user","content":"Hello"}]})");
    Dialect cannot = dialect();
    cannot.counts_tokens = false;
    EXPECT_EQ(admit_text(body, cannot, "/v1/messages/count_tokens").error(), kUnknownPath);
}

TEST(AnthropicRequest, ErrorsHaveTheApisShape) {
    EXPECT_EQ(
        error_body(ErrorShape::kAnthropic, "invalid_request_error", "openai.bad_request", "no"),
        R"({"type":"error","error":{"type":"invalid_request_error","message":"no","code":"openai.bad_request"}})");
    EXPECT_TRUE(has(error_body(ErrorShape::kAnthropic, "invalid_request_error", "http.too_large", "no"),
                    R"("type":"request_too_large")"));
    EXPECT_EQ(error_event(ErrorShape::kAnthropic, "{}"), "event: error\ndata: {}\n\n");
    EXPECT_EQ(error_event(ErrorShape::kOpenAi, "{}"), "data: {}\n\n");
    EXPECT_EQ(shape_of("/v1/messages"), ErrorShape::kAnthropic);
    EXPECT_EQ(shape_of("/v1/messages/count_tokens"), ErrorShape::kAnthropic);
    EXPECT_EQ(shape_of("/v1/messages/anything"), ErrorShape::kAnthropic);
    EXPECT_EQ(shape_of("/v1/messages?x=1"), ErrorShape::kAnthropic);
    EXPECT_EQ(without_mark("/v1/messages?beta=true"), "/v1/messages");
    EXPECT_EQ(without_mark("/v1/messages?x=1"), "/v1/messages?x=1");
    EXPECT_EQ(shape_of("/v1/messagesx"), ErrorShape::kOpenAi);
    EXPECT_EQ(shape_of("/v1/chat/completions"), ErrorShape::kOpenAi);
}

}  // namespace
}  // namespace openpcc::openai

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

Result<EngineRequest> admit_text(const std::string& body, std::uint32_t messages = 1024) {
    Dialect dialect;
    dialect.model_name = "demo";
    dialect.limits.messages = messages;
    ZeroRandom random;
    return admit("POST", "/v1/responses", as_bytes(body), dialect, random);
}

std::string body_of(const Result<EngineRequest>& request) {
    if (!request) return request.error().describe();
    return request->body.with([](ByteView view) { return to_string(view); });
}

// asked is a request with more members; its engine body, or the error's name and text.
std::string asked(const std::string& more) {
    return body_of(admit_text(R"({"model":"demo","input":"Hello")" + (more.empty() ? "" : "," + more) + "}"));
}

std::string conversation(const std::string& input, const std::string& more = "") {
    const auto request = admit_text(R"({"model":"demo","input":)" + input + more + "}");
    if (!request) return request.error().describe();
    return request->body.with([](ByteView view) { return json::parse(view); })->get("messages")->to_text();
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(ResponsesRequest, BecomesAChat) {
    EXPECT_EQ(asked(R"("stream":true,"stream_options":{"include_obfuscation":false})"),
              R"({"model":"demo","messages":[{"role":"user","content":"Hello"}],"max_tokens":4096,"stream":true,)"
              R"("stream_options":{"include_usage":true},"cache_prompt":false,"return_progress":true})");
    const auto request = admit_text(R"({"model":"demo","input":"Hello","stream":true})");
    EXPECT_EQ(request->api, Api::kResponses);
    EXPECT_EQ(request->path, "/v1/chat/completions");
    EXPECT_TRUE(request->caller_streams);
}

TEST(ResponsesRequest, PassesTheMembersOfTheTable) {
    const std::string body =
        asked(R"("instructions":"Be brief.","temperature":0.5,"top_p":1,"max_output_tokens":7,)"
              R"("text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true}},)"
              R"("tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":false}],)"
              R"("tool_choice":{"type":"function","name":"f"},"parallel_tool_calls":false)");
    EXPECT_TRUE(has(body, R"([{"role":"system","content":"Be brief."},{"role":"user","content":"Hello"}])")) << body;
    EXPECT_TRUE(has(body, R"("temperature":0.5,"top_p":1,"max_tokens":7)")) << body;
    EXPECT_TRUE(has(body, R"("response_format":{"type":"json_schema","json_schema":{"name":"n",)"
                          R"("schema":{"type":"object"},"strict":true}})"))
        << body;
    EXPECT_TRUE(has(body, R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"},)"
                          R"("strict":false}}],"parallel_tool_calls":false,"tool_choice":{"type":"function",)"
                          R"("function":{"name":"f"}})"))
        << body;
    EXPECT_TRUE(
        has(asked(R"("text":{"format":{"type":"json_object"}})"), R"("response_format":{"type":"json_object"})"));
    EXPECT_EQ(asked(R"("text":{},"tools":[],"tool_choice":"auto","parallel_tool_calls":true)"), asked(""));
}

TEST(ResponsesRequest, RemembersNothing) {
    for (const char* member :
         {R"("store":true)", R"("previous_response_id":"resp_1")", R"("background":true)", R"("conversation":"c")",
          R"("prompt":{"id":"p"})", R"("include":["reasoning.encrypted_content"])", R"("truncation":"auto")"}) {
        const std::string refusal = asked(member);
        const std::string name(std::string_view(member).substr(1, std::string_view(member).find('"', 1) - 1));
        EXPECT_EQ(refusal, "openai.unsupported_field: " + name);
    }
    EXPECT_EQ(
        asked(R"("store":false,"background":false,"include":[],"truncation":"disabled","previous_response_id":null)"),
        asked(""));
    EXPECT_EQ(conversation(R"([{"type":"item_reference","id":"msg_1"}])"),
              "openai.unsupported_field: input.item_reference");
}

TEST(ResponsesRequest, WhoTheCallerIsDoesNotLeaveTheMachine) {
    const std::string who =
        R"("user":"CANARY","metadata":{"a":"CANARY"},"safety_identifier":"CANARY","prompt_cache_key":"CANARY")";
    EXPECT_EQ(asked(who), asked(""));
    ZeroRandom random;
    const std::string body = R"({"model":"demo","input":"a",)" + who + "}";
    const auto out = prepare("POST", "/v1/responses", as_bytes(body), 1 << 20, random);
    ASSERT_TRUE(out);
    EXPECT_EQ(out->path, "/v1/responses");
    EXPECT_EQ(out->body.with([](ByteView view) { return to_string(view); }), R"({"model":"demo","input":"a"})");
}

TEST(ResponsesRequest, RefusesByNameWhatItKnowsAndWithoutANameWhatItDoesNot) {
    for (const FieldRule& rule : responses_fields())
        if (rule.treatment == Treatment::kRefused) {
            EXPECT_EQ(asked("\"" + std::string(rule.name) + "\":1"),
                      "openai.unsupported_field: " + std::string(rule.name));
        }
    for (const BlockRule& rule : responses_items())
        if (rule.treatment == Treatment::kRefused) {
            EXPECT_EQ(conversation(R"([{"type":")" + std::string(rule.type) + "\"}]"),
                      "openai.unsupported_field: input." + std::string(rule.type));
        }
    EXPECT_EQ(asked(R"("CANARY":1)"), "openai.unsupported_field: a field that is not in the list");
    EXPECT_EQ(conversation(R"([{"type":"CANARY"}])"), "openai.unsupported_field: input");
    EXPECT_EQ(conversation(R"([{"role":"user","content":"a","CANARY":1}])"),
              "openai.unsupported_field: input.message.a field that is not in the list");
    EXPECT_EQ(asked(R"("tools":[{"type":"web_search"}])"), "openai.unsupported_field: tools.type: only functions");
    EXPECT_EQ(asked(R"("text":{"verbosity":"low"})"), "openai.unsupported_field: text.verbosity");
}

TEST(ResponsesRequest, WritesAConversationAnew) {
    EXPECT_EQ(
        conversation(
            R"([{"role":"developer","content":"d"},{"type":"message","role":"user","content":[{"type":"input_text","text":"a"}]},)"
            R"({"type":"reasoning","id":"rs_1","summary":[{"type":"CANARY"}]},)"
            R"({"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text",)"
            R"("text":"b","annotations":[],"logprobs":[]}]},)"
            R"({"type":"function_call","id":"fc_1","call_id":"c1","name":"f","arguments":"{}","status":"completed"},)"
            R"({"type":"function_call","call_id":"c2","name":"g","arguments":"{}"},)"
            R"({"type":"function_call_output","call_id":"c1","output":"x"},)"
            R"({"type":"function_call_output","call_id":"c2","output":[{"type":"input_text","text":"y"}]},)"
            R"({"type":"function_call","call_id":"c3","name":"f","arguments":""}])",
            R"(,"instructions":"s")"),
        R"([{"role":"system","content":"s"},{"role":"system","content":"d"},)"
        R"({"role":"user","content":[{"type":"text","text":"a"}]},)"
        R"({"role":"assistant","content":[{"type":"text","text":"b"}],"tool_calls":[)"
        R"({"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},)"
        R"({"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]},)"
        R"({"role":"tool","tool_call_id":"c1","content":"x"},)"
        R"({"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"y"}]},)"
        R"({"role":"assistant","content":"","tool_calls":[{"id":"c3","type":"function","function":{"name":"f","arguments":""}}]}])");
}

TEST(ResponsesRequest, RefusesOddOnes) {
    for (const char* input :
         {"[]", "{}", "1", "[1]", R"([{"content":"x"}])", R"([{"role":"tool","content":"x"}])", R"([{"role":"user"}])",
          R"([{"role":"user","content":[]}])", R"([{"role":"user","content":["x"]}])",
          R"([{"role":"user","content":[{"type":"output_text","text":"x"}]}])",
          R"([{"role":"assistant","content":[{"type":"input_text","text":"x"}]}])",
          R"([{"role":"user","content":[{"type":"input_text"}]}])", R"([{"type":"function_call","call_id":"c"}])",
          R"([{"type":"function_call_output","call_id":"c"}])", R"([{"type":"reasoning"}])"}) {
        const std::string refusal = conversation(input);
        EXPECT_TRUE(refusal.starts_with("openai.bad_request: ")) << input << " gave " << refusal;
    }
    for (const char* member :
         {R"("temperature":3)", R"("max_output_tokens":0)", R"("instructions":1)", R"("tools":1)", R"("text":1)",
          R"("stream_options":{})", R"("tool_choice":"required")", R"("parallel_tool_calls":1)", R"("store":1)",
          R"("text":{"format":{"type":"json_schema","name":"n"}})", R"("text":{"format":{"type":"grammar"}})",
          R"("text":{"format":{"type":"json_schema","name":"n","schema":{"$ref":"http://a.example/"}}})",
          R"("tools":[{"type":"function","name":"a b"}])"}) {
        const std::string refusal = asked(member);
        EXPECT_TRUE(refusal.starts_with("openai.bad_request: ")) << member << " gave " << refusal;
    }
    EXPECT_EQ(admit_text(R"({"model":"demo","input":[{"role":"user","content":"a"},{"role":"user","content":"b"}]})", 1)
                  .error(),
              kTooLarge);
    EXPECT_EQ(body_of(admit_text(R"({"model":"demo"})")), "openai.bad_request: input: missing");
    EXPECT_EQ(admit_text(R"({"model":"gpt","input":"a"})").error(), kUnknownModel);
}

}  // namespace
}  // namespace openpcc::openai

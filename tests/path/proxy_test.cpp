// SPDX-License-Identifier: Apache-2.0
// The local proxy in front of the whole path: what a program that speaks the API gets, and what it cannot get.
#include <gtest/gtest.h>

#include <array>

#include "hops/client/errors.hpp"
#include "path/desk.hpp"

namespace openpcc::path {
namespace {

constexpr std::string_view kStream =
    R"({"model":"demo","stream":true,"messages":[{"role":"user","content":"tell me a joke"}]})";

net::Task<void> pause(net::Clock::duration time) {
    const net::Deadline until = net::after(time);
    (void)co_await net::sleep_until(until);
}

TEST(Proxy, AnswersAsTheApiDoes) {
    Desk desk;
    const auto whole = desk.chat();
    EXPECT_EQ(whole.head.status, 200);
    EXPECT_EQ(whole.head.fields.get("content-type"), "application/json");
    EXPECT_NE(text(whole).find(R"("content":"why did the")"), std::string::npos) << text(whole);
    const auto streamed = desk.chat(kStream);
    EXPECT_EQ(streamed.head.fields.get("content-type"), "text/event-stream");
    EXPECT_TRUE(text(streamed).ends_with("data: [DONE]\n\n")) << text(streamed);
    const auto models = desk.call(desk.head("GET", "/v1/models"), "");
    EXPECT_EQ(models.head.status, 200);
    EXPECT_NE(text(models).find(R"("id":"demo")"), std::string::npos) << text(models);
}

constexpr std::string_view kMessage =
    R"({"model":"demo","max_tokens":99,"metadata":{"user_id":"e-canary"},"messages":[{"role":"user","content":"tell"}]})";

TEST(Proxy, AnswersAsAnthropicsApiDoes) {
    Desk desk({.nodes = 1});
    const auto ask = [&](std::string_view body, std::string path = "/v1/messages") {
        return desk.call(desk.head("POST", std::move(path)), body);
    };
    const auto whole = ask(kMessage);
    EXPECT_EQ(whole.head.status, 200);
    EXPECT_NE(text(whole).find(R"("content":[{"type":"text","text":"why did the"}],"stop_reason":"end_turn")"),
              std::string::npos)
        << text(whole);
    EXPECT_EQ(desk.nodes[0]->engine.watched.last_body.find("canary"), std::string::npos);
    const auto streamed =
        ask(R"({"model":"demo","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"x"}]})",
            "/v1/messages?beta=true");
    EXPECT_EQ(streamed.head.fields.get("content-type"), "text/event-stream");
    EXPECT_TRUE(text(streamed).starts_with("event: message_start\n")) << text(streamed);
    EXPECT_TRUE(text(streamed).ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"));
}

TEST(Proxy, ErrorsHaveTheShapeOfThePath) {
    Desk desk;
    const auto refused = [&](http::RequestHead head, std::string_view body, std::uint16_t status) {
        const auto answer = desk.call(std::move(head), body);
        EXPECT_EQ(answer.head.status, status) << text(answer);
        return std::string(text(answer).starts_with(R"({"type":"error","error":{"type":)") ? "anthropic " : "openai ") +
               error_of(answer);
    };
    const auto message = [&](std::string_view body, std::uint16_t status) {
        return refused(desk.head("POST", "/v1/messages"), body, status);
    };
    EXPECT_EQ(message("{}", 400), "anthropic invalid_request_error openai.bad_request");
    EXPECT_EQ(message(R"({"model":"x","max_tokens":1,"messages":[{"role":"user","content":"a"}]})", 404),
              "anthropic not_found_error openai.unknown_model");
    http::RequestHead other = desk.head("POST", "/v1/messages");
    other.fields.set("authorization", "Bearer sk-somebody");
    EXPECT_EQ(refused(std::move(other), kMessage, 401), "anthropic authentication_error proxy.no_key");
    EXPECT_EQ(refused(desk.head("POST", "/v1/messages/batches"), kMessage, 404),
              "anthropic not_found_error openai.unknown_path");
    EXPECT_EQ(refused(desk.head("POST", "/v1/messages?x=1"), kMessage, 404),
              "anthropic not_found_error openai.unknown_path");
    http::RequestHead model = desk.head("GET", "/v1/models/%00");
    model.fields.add("anthropic-version", "2023-06-01");
    EXPECT_EQ(refused(std::move(model), "", 404), "anthropic not_found_error openai.unknown_model");
    EXPECT_EQ(refused(desk.head("GET", "/v1/models/gpt-5"), "", 404), "openai not_found_error openai.unknown_model");
    EXPECT_EQ(refused(desk.head("GET", "/v1/files"), "", 404), "openai not_found_error openai.unknown_path");
}

TEST(Proxy, TellsOfOneModel) {
    Desk desk;
    const auto answer = desk.call(desk.head("GET", "/v1/models/demo"), "");
    EXPECT_EQ(answer.head.status, 200);
    EXPECT_TRUE(text(answer).starts_with(R"({"id":"demo","object":"model",)")) << text(answer);
}

// Who asks is nobody's business: members that say so stay here, and headers have no way out at all.
TEST(Proxy, WhoAsksStaysOnThisMachine) {
    Desk desk({.nodes = 1});
    const auto answer = desk.chat(
        R"({"model":"demo","user":"alice-canary","metadata":{"a":"b-canary"},"safety_identifier":"c-canary",)"
        R"("messages":[{"role":"assistant","content":"hi","refusal":"d-canary"},{"role":"user","content":"tell"}]})");
    EXPECT_EQ(answer.head.status, 200) << text(answer);
    EXPECT_EQ(desk.nodes[0]->engine.watched.last_body.find("canary"), std::string::npos);
}

TEST(Proxy, NobodyElseOnTheMachineOrInABrowserGetsIn) {
    Desk desk;
    const auto with = [&](std::string name, std::string value) {
        http::RequestHead head = desk.head();
        head.fields.set(name, std::move(value));
        return desk.call(std::move(head), kChat);
    };
    auto refused = with("authorization", "Bearer sk-somebody");
    EXPECT_EQ(refused.head.status, 401);
    EXPECT_EQ(error_of(refused), "authentication_error proxy.no_key");
    refused = with("origin", "https://evil.example");
    EXPECT_EQ(refused.head.status, 403);
    EXPECT_EQ(error_of(refused), "permission_error proxy.foreign_origin");
    EXPECT_FALSE(refused.head.fields.get("access-control-allow-origin"));
    http::RequestHead preflight = desk.head("OPTIONS");
    preflight.fields.add("origin", "https://evil.example");
    preflight.fields.add("access-control-request-method", "POST");
    EXPECT_EQ(desk.call(std::move(preflight), "").head.status, 403);
    EXPECT_EQ(desk.asked(), 0);
}

TEST(Proxy, WhatANodeWouldRefuseIsRefusedHere) {
    Desk desk;
    const std::pair<std::string, std::string> cases[] = {
        {"not json", "invalid_request_error openai.bad_request"},
        {"[]", "invalid_request_error openai.bad_request"},
        {R"({"model":"demo"})", "invalid_request_error openai.bad_request"},
        {R"({"model":"demo","messages":[],"messages":[]})", "invalid_request_error openai.bad_request"},
        {R"({"model":"demo","messages":[{"role":"user","content":"a"}],"logit_bias":{}})",
         "invalid_request_error openai.unsupported_field"},
        {R"({"model":"demo","messages":[{"role":"user","content":"a"}],"store":true})",
         "invalid_request_error openai.unsupported_field"},
    };
    for (const auto& [body, error] : cases) {
        const auto answer = desk.chat(body);
        EXPECT_EQ(answer.head.status, 400) << body;
        EXPECT_EQ(error_of(answer), error) << body;
    }
    const auto path = desk.call(desk.head("POST", "/v1/files"), kChat);
    EXPECT_EQ(path.head.status, 404);
    EXPECT_EQ(error_of(path), "not_found_error openai.unknown_path");
    EXPECT_EQ(desk.call(desk.head("DELETE"), "").head.status, 404);
    http::RequestHead plain = desk.head();
    plain.fields.set("content-type", "text/plain");
    EXPECT_EQ(error_of(desk.call(std::move(plain), kChat)), "invalid_request_error proxy.not_json");
    EXPECT_EQ(desk.nodes[0]->sealed_requests + desk.nodes[1]->sealed_requests, 0);
}

TEST(Proxy, WhatOnlyANodeKnowsIsToldInItsWords) {
    Desk desk;
    const auto answer = desk.chat(R"({"model":"gpt-5","messages":[{"role":"user","content":"a"}]})");
    EXPECT_EQ(answer.head.status, 404);
    EXPECT_EQ(error_of(answer), "not_found_error openai.unknown_model");
}

TEST(Proxy, TooLongIsRefusedWhileItComes) {
    Desk desk;
    const auto answer = desk.chat(std::string(65 << 10, ' '));
    EXPECT_EQ(answer.head.status, 413);
    EXPECT_EQ(desk.asked(), 0);
}

TEST(Proxy, NothingIsSentWithoutAVerdict) {
    Desk desk;
    client::Profile profile = desk.profile();
    profile.policy.tdx_measurements[0].mrtd.bytes[0] ^= 1;
    client::Session strict(desk.loop, std::move(profile), desk.random, wall_clock);
    auto key = proxy::Key::load_or_make(desk.folder + "/proxy.key", desk.random).value();
    desk.proxy = std::make_unique<proxy::Proxy>(
        strict, desk.page, proxy::Door(desk.server->endpoint(), std::move(key)), proxy::Limits{},
        [](const Error&) { return "run openpcc verify"; }, desk.random);
    const auto answer = desk.chat();
    EXPECT_EQ(answer.head.status, 403);
    EXPECT_EQ(error_of(answer), "openpcc_verification_error client.not_verified");
    EXPECT_NE(text(answer).find("run openpcc verify"), std::string::npos);
    EXPECT_EQ(desk.nodes[0]->sealed_requests + desk.nodes[1]->sealed_requests, 0);
}

TEST(Proxy, AServiceThatCannotBeReachedIsSaidSo) {
    Desk desk;
    desk.relay_server.reset();
    const auto answer = desk.chat();
    EXPECT_EQ(answer.head.status, 503);
    EXPECT_EQ(answer.head.fields.get("retry-after"), "1");
    EXPECT_EQ(error_of(answer), "api_connection_error net.unreachable");
}

// SDKs raise an error for such an event; and for a stream without its end.
TEST(Proxy, AnAnswerThatBreaksOffDoesNotLookWhole) {
    Desk desk;
    for (auto& node : desk.nodes) node->engine.script.fail_after = 2;
    const auto read = [&](std::string path, std::string body) -> net::Task<std::string> {
        http::RequestHead head = desk.head("POST", path);
        head.fields.add("content-length", std::to_string(body.size()));
        const auto call = co_await desk.sdk->start(std::move(head));
        (void)co_await (*call)->write(as_bytes(body));
        (void)co_await (*call)->finish();
        (void)co_await (*call)->head();
        std::string out;
        std::array<std::uint8_t, 4096> piece;
        while (true) {
            const auto size = co_await (*call)->read(piece);
            if (!size) co_return out + "CUT";
            if (*size == 0) co_return out + "WHOLE";
            out += as_text(ByteView(piece).first(*size));
        }
    };
    const std::string message = R"({"stream":true,"max_tokens":9,)" + std::string(kChat.substr(1));
    const std::string told = desk.loop.run_until_done(read("/v1/messages", message));
    EXPECT_NE(told.find(R"("text":" did")"), std::string::npos) << told;
    EXPECT_NE(told.find("event: error\ndata: {\"type\":\"error\",\"error\":{"), std::string::npos) << told;
    EXPECT_EQ(told.find("message_stop"), std::string::npos) << told;
    EXPECT_TRUE(told.ends_with("CUT")) << told;
    const std::string seen = desk.loop.run_until_done(read("/v1/chat/completions", std::string(kStream)));
    EXPECT_NE(seen.find(R"("content":" did")"), std::string::npos) << seen;
    EXPECT_NE(seen.find(R"(data: {"error":{)"), std::string::npos) << seen;
    EXPECT_NE(seen.find("client.engine_failed"), std::string::npos) << seen;
    EXPECT_TRUE(seen.ends_with("CUT")) << seen;
}

net::Task<void> start_and_leave(Desk& desk, std::uint64_t until) {
    http::RequestHead head = desk.head();
    head.fields.add("content-length", std::to_string(kStream.size()));
    {
        const auto call = co_await desk.sdk->start(std::move(head));
        (void)co_await (*call)->write(as_bytes(kStream));
        (void)co_await (*call)->finish();
        while (desk.given() < until) co_await pause(1ms);
    }
    for (int i = 0; i < 2000 && desk.cancelled() == 0; ++i) co_await pause(1ms);
}

TEST(Proxy, AProgramThatGoesAwayStopsTheEngine) {
    Desk desk;
    for (auto& node : desk.nodes) node->engine.script.endless = true;
    desk.loop.run_until_done(start_and_leave(desk, 10'000));
    EXPECT_EQ(desk.cancelled(), 1);
}

// A program that does not read holds up its own answer, all the way to the engine; nothing piles up here.
TEST(Proxy, AProgramThatDoesNotReadSlowsTheEngineDown) {
    Desk desk;
    for (auto& node : desk.nodes) node->engine.script.endless = true;
    const auto stall = [&]() -> net::Task<void> {
        http::RequestHead head = desk.head();
        head.fields.add("content-length", std::to_string(kStream.size()));
        const auto call = co_await desk.sdk->start(std::move(head));
        (void)co_await (*call)->write(as_bytes(kStream));
        (void)co_await (*call)->finish();
        std::uint64_t before = 0;
        int still = 0;
        for (int i = 0; i < 400 && still < 10; ++i) {
            co_await pause(20ms);
            still = desk.given() == before && before > 0 ? still + 1 : 0;
            before = desk.given();
        }
        EXPECT_EQ(still, 10) << "the engine is still giving: " << before;
    };
    desk.loop.run_until_done(stall());
    EXPECT_LT(desk.given(), 64U << 20);
}

// Many programs at once, and nobody verified before: one verification serves them all.
TEST(Proxy, ManyAtOnceVerifyOnce) {
    Desk desk;
    int good = 0;
    int ended = 0;
    const auto one = [&]() -> net::Task<void> {
        http::RequestHead head = desk.head();
        head.fields.add("content-length", std::to_string(kChat.size()));
        const auto answer = co_await desk.sdk->fetch(std::move(head), as_bytes(kChat), 1 << 20);
        good += answer && answer->head.status == 200;
        ++ended;
    };
    const auto all = [&]() -> net::Task<void> {
        for (int i = 0; i < 20; ++i) desk.loop.spawn(one());
        while (ended < 20) co_await pause(1ms);
    };
    desk.loop.run_until_done(all());
    EXPECT_EQ(good, 20);
    EXPECT_EQ(desk.nodes[0]->evidence_requests, 1);
    EXPECT_EQ(desk.nodes[1]->evidence_requests, 1);
}

}  // namespace
}  // namespace openpcc::path

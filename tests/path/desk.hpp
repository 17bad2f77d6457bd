// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/proxy/proxy.hpp"
#include "path/world.hpp"
#include "wire/json.hpp"

namespace openpcc::path {

inline constexpr std::string_view kChat = R"({"model":"demo","messages":[{"role":"user","content":"tell me a joke"}]})";

// Desk is a developer's machine: the proxy on a loopback port, and a key.
struct Desk : World {
    client::Session session = World::session();
    proxy::Page page{session, proxy::PageService::of(profile()), wall_clock};
    std::string key;
    std::unique_ptr<proxy::Proxy> proxy;
    std::unique_ptr<http::Server> server;
    std::unique_ptr<http::Client> sdk;

    explicit Desk(Options options = {}) : World(options) {
        auto made = proxy::Key::load_or_make(folder + "/proxy.key", random).value();
        made.with([&](std::string_view text) { key = text; });
        http::ServerLimits limits;
        limits.body_bytes = 64 << 10;
        server = *http::Server::listen(loop, *net::Endpoint::parse("http://127.0.0.1:0"), limits, nullptr,
                                       [this](http::Exchange& exchange) { return proxy->serve(exchange); });
        proxy = std::make_unique<proxy::Proxy>(
            session, page, proxy::Door(server->endpoint(), std::move(made)), proxy::Limits{.body_bytes = 64 << 10},
            [](const Error&) { return std::string_view("ask your operator"); }, random);
        sdk = http::Client::make(loop, server->endpoint(), {}, nullptr);
    }
    http::RequestHead head(std::string method = "POST", std::string path = "/v1/chat/completions") const {
        return {std::move(method),
                "",
                "",
                std::move(path),
                {{"content-type", "application/json"},
                 {"authorization", "Bearer " + key},
                 {"user-agent", "OpenAI/Python 3.57.0"},
                 {"x-stainless-retry-count", "0"}}};
    }
    http::Client::Whole call(http::RequestHead head, std::string_view body) {
        head.fields.add("content-length", std::to_string(body.size()));
        auto answer = loop.run_until_done(sdk->fetch(std::move(head), as_bytes(body), 4 << 20));
        return answer ? std::move(*answer) : http::Client::Whole{};
    }
    http::Client::Whole chat(std::string_view body = kChat) { return call(head(), body); }

    int asked() const {
        int out = 0;
        for (const auto& node : nodes) out += node->engine.watched.asked;
        return out;
    }
    std::uint64_t given() const {
        std::uint64_t out = 0;
        for (const auto& node : nodes) out += node->engine.watched.given_bytes;
        return out;
    }
    int cancelled() const {
        int out = 0;
        for (const auto& node : nodes) out += node->engine.watched.cancelled;
        return out;
    }
};

inline std::string text(const http::Client::Whole& answer) { return to_string(answer.content); }

// The error of an answer as SDKs read it: "type code".
inline std::string error_of(const http::Client::Whole& answer) {
    const auto body = json::parse(answer.content);
    const json::Value* error = body ? body->get("error") : nullptr;
    if (error == nullptr || !error->get("message") || error->get("message")->as_string()->empty()) return text(answer);
    return std::string(error->get("type")->as_string().value_or("")) + " " +
           std::string(error->get("code")->as_string().value_or(""));
}

}  // namespace openpcc::path

// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/api.hpp"

#include <algorithm>
#include <array>

#include "wire/json.hpp"

namespace openpcc::openai {

namespace {

using json::Value;

struct Route {
    std::string_view path;
    Api api;
};
constexpr auto kRoutes = std::to_array<Route>({
    {"/v1/chat/completions", Api::kChat},
    {"/v1/completions", Api::kCompletions},
    {"/v1/messages", Api::kMessages},
    {"/v1/messages/count_tokens", Api::kCountTokens},
    {"/v1/responses", Api::kResponses},
    {"/v1/embeddings", Api::kEmbeddings},
});

// Anthropic's API has words of its own for some kinds of errors, and none for others.
std::string_view anthropic_type(std::string_view type, std::string_view code) {
    if (code.ends_with(".too_large")) return "request_too_large";
    return type == "api_connection_error" ? "api_error" : type;
}

}  // namespace

const std::string_view kPaths =
    "POST /v1/chat/completions, /v1/completions, /v1/responses, /v1/embeddings, /v1/messages or "
    "/v1/messages/count_tokens, or GET /v1/models or /v1/models/ID";

std::optional<Api> api_of(std::string_view path) {
    const auto* route = std::ranges::find(kRoutes, path, &Route::path);
    if (route == kRoutes.end()) return std::nullopt;
    return route->api;
}

std::string_view without_mark(std::string_view path) {
    constexpr std::string_view kMark = "?beta=true";
    return path.ends_with(kMark) ? path.substr(0, path.size() - kMark.size()) : path;
}

ErrorShape shape_of(std::string_view path) {
    constexpr std::string_view kMessages = "/v1/messages";
    const bool below = path.starts_with(kMessages) &&
                       (path.size() == kMessages.size() || std::string_view("/?").contains(path[kMessages.size()]));
    return below ? ErrorShape::kAnthropic : ErrorShape::kOpenAi;
}

std::string error_body(ErrorShape shape, std::string_view type, std::string_view code, std::string_view message) {
    Value body = Value::object();
    if (shape == ErrorShape::kAnthropic) body.set("type", Value::string("error"));
    Value& error = body.set("error", Value::object());
    if (shape == ErrorShape::kAnthropic) {
        error.set("type", Value::string(anthropic_type(type, code)));
        error.set("message", Value::string(message));
    } else {
        error.set("message", Value::string(message));
        error.set("type", Value::string(type));
        error.set("param", Value());
    }
    error.set("code", Value::string(code));
    return body.to_text();
}

std::string error_event(ErrorShape shape, std::string_view body) {
    return (shape == ErrorShape::kAnthropic ? "event: error\ndata: " : "data: ") + std::string(body) + "\n\n";
}

}  // namespace openpcc::openai

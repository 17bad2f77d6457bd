// SPDX-License-Identifier: Apache-2.0
#include "io/http/problem.hpp"

#include "io/http/h1_text.hpp"
#include "io/http/server.hpp"

namespace openpcc::http {

std::uint16_t status_of(Category category) {
    switch (category) {
        case Category::kBadInput:
            return 400;
        case Category::kUnauthenticated:
        case Category::kUnverified:
            return 403;
        case Category::kUnavailable:
            return 503;
        case Category::kTimeout:
            return 504;
        case Category::kInternal:
            return 500;
    }
    return 500;
}

ResponseHead problem_head(std::uint16_t status) {
    ResponseHead head;
    head.status = status;
    head.fields.add("content-type", "application/problem+json");
    head.fields.add("cache-control", "no-store");
    return head;
}

std::string problem_content(std::uint16_t status) {
    std::string out = R"({"type":"about:blank","title":")";
    out.append(h1::reason_phrase(status)).append(R"(","status":)").append(std::to_string(status)).append("}");
    return out;
}

std::string problem_text(std::uint16_t status) {
    ResponseHead head = problem_head(status);
    const std::string content = problem_content(status);
    head.fields.add("content-length", std::to_string(content.size()));
    return h1::response_text(head, {.chunked = false, .close = true}).value_or(std::string()) + content;
}

Task<Result<void>> respond_problem(Exchange& exchange, Category category) {
    return respond_problem(exchange, status_of(category));
}

Task<Result<void>> respond_problem(Exchange& exchange, std::uint16_t status) {
    ResponseHead head = problem_head(status);
    const std::string content = problem_content(status);
    const ByteView bytes = as_bytes(content);
    co_return co_await exchange.respond_whole(std::move(head), bytes);
}

}  // namespace openpcc::http

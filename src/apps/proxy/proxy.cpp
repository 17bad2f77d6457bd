// SPDX-License-Identifier: Apache-2.0
#include "apps/proxy/proxy.hpp"

#include <array>

#include "apps/proxy/errors.hpp"
#include "protocol/openai/errors.hpp"
#include "protocol/openai/outgoing.hpp"

namespace openpcc::proxy {

namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kEvents = "text/event-stream";
constexpr std::string_view kModels = "/v1/models";

http::ResponseHead head_of(std::uint16_t status, std::string_view type) {
    return {status, {{"content-type", std::string(type)}, {"cache-control", "no-store"}}};
}

// Relayed hands an answer on to who asked, a piece at a time: the far end is read on when the piece has been taken.
class Relayed final : public client::AnswerSink {
  public:
    explicit Relayed(http::Exchange& exchange) : exchange_(exchange) {}

    Result<void> head(const http::ResponseHead& head) override {
        streams_ = http::media_type_is(head.fields.get("content-type"), kEvents);
        status_ = head.status;
        return {};
    }
    Result<void> content(ByteView text) override {
        waiting_.append(text);
        return {};
    }
    net::Task<Result<void>> taken() override {
        if (waiting_.empty()) co_return Result<void>{};
        if (!exchange_.responded()) {
            http::ResponseHead head = head_of(status_, streams_ ? kEvents : kJson);
            OPENPCC_CO_CHECK(co_await exchange_.respond(std::move(head)));
        }
        const auto written = co_await waiting_.with([&](ByteView text) { return exchange_.write(text); });
        waiting_.clear();
        co_return written;
    }

  private:
    http::Exchange& exchange_;
    std::uint16_t status_ = 0;
    bool streams_ = false;
    Plaintext waiting_;
};

net::Task<Result<Plaintext>> read_whole(http::Exchange& exchange, std::size_t limit) {
    Plaintext body;
    std::array<std::uint8_t, 16 * 1024> piece;
    while (true) {
        OPENPCC_CO_TRY(const std::size_t size, co_await exchange.read_body(piece));
        if (size == 0) co_return body;
        if (body.size() + size > limit)
            co_return fail(openai::kTooLarge, "the request is longer than " + std::to_string(limit) + " bytes");
        body.append(ByteView(piece).first(size));
        wipe(ByteSpan(piece).first(size));
    }
}

}  // namespace

net::Task<Result<void>> Proxy::refuse(http::Exchange& exchange, const Refusal& refusal) {
    const std::string body = refusal.body();
    http::ResponseHead head = head_of(refusal.status, kJson);
    if (refusal.status == 401) head.fields.add("www-authenticate", "Bearer");
    if (refusal.status == 503) head.fields.add("retry-after", "1");
    co_return co_await exchange.respond_whole(std::move(head), as_bytes(body));
}

// An answer that stops early must not look whole: a stream says so in an event of its own, which SDKs turn into an
// exception, and then the connection is cut.
net::Task<Result<void>> Proxy::ask(http::Exchange& exchange, http::RequestHead head, const Plaintext& body,
                                   bool streams) {
    Relayed answer(exchange);
    const auto receipt = co_await session_.ask(std::move(head), body, answer);
    if (receipt) {
        OPENPCC_CO_CHECK(co_await answer.taken());
        co_return co_await exchange.finish();
    }
    const Refusal refusal = refusal_of(receipt.error(), Side::kService, remedy_(receipt.error()));
    if (!exchange.responded()) co_return co_await refuse(exchange, refusal);
    if (streams) {
        const std::string event = "data: " + refusal.body() + "\n\n";
        (void)co_await exchange.write(as_bytes(event));
    }
    co_return std::unexpected(receipt.error());
}

net::Task<Result<void>> Proxy::answer(http::Exchange& exchange) {
    OPENPCC_CO_CHECK(door_.admit(exchange.request()));
    const std::string method = exchange.request().method;
    const std::string path = exchange.request().path;
    OPENPCC_CO_TRY(const Plaintext body, co_await read_whole(exchange, limits_.body_bytes));
    if (method == "GET" && path == kModels) {
        http::RequestHead head{"GET", "https", "openpcc", std::string(kModels), {}};
        co_return co_await ask(exchange, std::move(head), Plaintext(), false);
    }
    if (method != "POST")
        co_return fail(openai::kUnknownPath, "POST /v1/chat/completions or /v1/completions, or GET /v1/models");
    if (!http::media_type_is(exchange.request().fields.get("content-type"), kJson))
        co_return fail(kNotJson, "send content-type: application/json");
    OPENPCC_CO_TRY(const openai::Outgoing out, body.with([&](ByteView text) {
        return openai::prepare(method, path, text, limits_.body_bytes, random_);
    }));
    http::RequestHead head{"POST", "https", "openpcc", out.path, {{"content-type", std::string(kJson)}}};
    co_return co_await ask(exchange, std::move(head), out.body, out.streams);
}

net::Task<void> Proxy::serve(http::Exchange& exchange) {
    const auto answered = co_await answer(exchange);
    if (answered || exchange.responded()) co_return;
    const Refusal refusal = refusal_of(answered.error(), Side::kProgram, remedy_(answered.error()));
    (void)co_await refuse(exchange, refusal);
}

}  // namespace openpcc::proxy

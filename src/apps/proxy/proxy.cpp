// SPDX-License-Identifier: Apache-2.0
#include "apps/proxy/proxy.hpp"

#include <array>

#include "apps/proxy/errors.hpp"
#include "protocol/openai/errors.hpp"
#include "protocol/openai/models.hpp"
#include "protocol/openai/outgoing.hpp"

namespace openpcc::proxy {

namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kEvents = "text/event-stream";
constexpr std::string_view kPage = "/verify";
constexpr std::string_view kCheck = "/verify/check";

http::ResponseHead head_of(std::uint16_t status, std::string_view type) {
    return {status, {{"content-type", std::string(type)}, {"cache-control", "no-store"}}};
}

net::Task<Result<void>> respond_page(http::Exchange& exchange, std::string type, std::string_view content) {
    http::ResponseHead head = head_of(200, type);
    guard_page(head.fields);
    co_return co_await exchange.respond_whole(std::move(head), as_bytes(content));
}

// Anthropic's SDKs name their version with every request, of models too.
openai::ErrorShape shape_for(const http::RequestHead& head) {
    if (head.fields.get("anthropic-version")) return openai::ErrorShape::kAnthropic;
    return openai::shape_of(head.path);
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
        received_ += text.size();
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
    std::uint16_t status() const { return status_; }
    std::uint64_t received() const { return received_; }

  private:
    http::Exchange& exchange_;
    std::uint16_t status_ = 0;
    std::uint64_t received_ = 0;
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

net::Task<Result<void>> Proxy::refuse(http::Exchange& exchange, openai::ErrorShape shape, const Refusal& refusal) {
    const std::string body = refusal.body(shape);
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
    Asked asked{page_.now(), head.path, {}, {}, body.size(), 0, {}};
    const auto begun = net::Clock::now();
    const auto receipt = co_await session_.ask(std::move(head), body, answer);
    asked.outcome = receipt ? std::to_string(answer.status()) : std::string(receipt.error().name());
    if (receipt) asked.answered_by = receipt->answered_by;
    asked.received = answer.received();
    asked.took = std::chrono::duration_cast<Milliseconds>(net::Clock::now() - begun);
    page_.note(std::move(asked));
    if (receipt) {
        OPENPCC_CO_CHECK(co_await answer.taken());
        co_return co_await exchange.finish();
    }
    const Refusal refusal = refusal_of(receipt.error(), Side::kService, remedy_(receipt.error()));
    const openai::ErrorShape shape = shape_for(exchange.request());
    if (!exchange.responded()) co_return co_await refuse(exchange, shape, refusal);
    if (streams) {
        const std::string event = refusal.event(shape);
        (void)co_await exchange.write(as_bytes(event));
    }
    co_return std::unexpected(receipt.error());
}

net::Task<Result<void>> Proxy::answer_page(http::Exchange& exchange, std::string method, std::string path) {
    if (method == "POST" && path == kCheck) {
        const auto checked = co_await page_.check();
        if (!checked) {
            const Refusal refusal = refusal_of(checked.error(), Side::kService, remedy_(checked.error()));
            co_return co_await refuse(exchange, openai::ErrorShape::kOpenAi, refusal);
        }
        path = "/verify/state";
    } else if (method != "GET") {
        co_return fail(openai::kUnknownPath, "the page asks by GET, and by POST /verify/check");
    }
    OPENPCC_CO_TRY(auto content, page_.get(path));
    co_return co_await respond_page(exchange, std::move(content.type), content.body);
}

net::Task<Result<void>> Proxy::answer(http::Exchange& exchange) {
    const std::string method = exchange.request().method;
    const std::string path = exchange.request().path;
    if (const PageFile* file = find_page_file(path); file != nullptr && method == "GET") {
        OPENPCC_CO_CHECK(door_.admit_to_page(exchange.request()));
        std::string type(file->type);
        co_return co_await respond_page(exchange, std::move(type), file->content);
    }
    OPENPCC_CO_CHECK(door_.admit(exchange.request()));
    OPENPCC_CO_TRY(const Plaintext body, co_await read_whole(exchange, limits_.body_bytes));
    if (path == kPage || path.starts_with(std::string(kPage) + "/"))
        co_return co_await answer_page(exchange, method, path);
    if (method == "GET") {
        OPENPCC_CO_TRY(const auto models, openai::models_path(path));
        if (!models) co_return fail(openai::kUnknownPath, std::string(openai::kPaths));
        http::RequestHead head{"GET", "https", "openpcc", *models, {}};
        co_return co_await ask(exchange, std::move(head), Plaintext(), false);
    }
    if (method != "POST") co_return fail(openai::kUnknownPath, std::string(openai::kPaths));
    if (!http::media_type_is(exchange.request().fields.get("content-type"), kJson))
        co_return fail(kNotJson, "send content-type: application/json");
    OPENPCC_CO_TRY(const openai::Outgoing out, body.with([&](ByteView text) {
        return openai::prepare(method, openai::without_mark(path), text, limits_.body_bytes, random_);
    }));
    http::RequestHead head{"POST", "https", "openpcc", out.path, {{"content-type", std::string(kJson)}}};
    co_return co_await ask(exchange, std::move(head), out.body, out.streams);
}

net::Task<void> Proxy::serve(http::Exchange& exchange) {
    const auto answered = co_await answer(exchange);
    if (answered || exchange.responded()) co_return;
    const Refusal refusal = refusal_of(answered.error(), Side::kProgram, remedy_(answered.error()));
    (void)co_await refuse(exchange, shape_for(exchange.request()), refusal);
}

}  // namespace openpcc::proxy

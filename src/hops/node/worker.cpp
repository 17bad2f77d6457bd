// SPDX-License-Identifier: Apache-2.0
#include "hops/node/worker.hpp"

#include <array>

#include "core/text.hpp"
#include "hops/node/errors.hpp"
#include "hops/node/sealed_answer.hpp"
#include "hops/node/sealed_request.hpp"
#include "protocol/openai/answer.hpp"
#include "protocol/openai/errors.hpp"
#include "protocol/openai/models.hpp"
#include "protocol/seal/errors.hpp"

namespace openpcc::node {

namespace {

constexpr std::string_view kEvidencePrefix = "/evidence/";
constexpr std::string_view kEvidenceType = "application/openpcc-evidence";
constexpr std::string_view kJson = "application/json";

// A refusal of what was inside the seal: told inside the seal, in the API's own shape.
struct Refusal {
    std::uint16_t status;
    std::string_view type;
};
Refusal refusal_for(const Error& error) {
    if (error == openai::kUnknownPath || error == openai::kUnknownModel) return {404, "not_found_error"};
    if (error == openai::kTooLarge) return {413, "invalid_request_error"};
    if (error.category() == Category::kBadInput) return {400, "invalid_request_error"};
    return {502, "api_error"};
}

net::Task<Result<void>> refuse_inside(SealedAnswer& answer, openai::ErrorShape shape, const Error& error) {
    const Refusal refusal = refusal_for(error);
    http::ResponseHead head{refusal.status, {{"content-type", std::string(kJson)}}};
    std::string body = openai::error_body(shape, refusal.type, error.name(), error.text());
    co_return co_await answer.whole(std::move(head), std::move(body));
}

net::Task<Result<void>> answer_models(SealedAnswer& answer, std::string_view path, const openai::Dialect& dialect) {
    auto body = openai::models_body(path, dialect);
    if (!body) co_return co_await refuse_inside(answer, openai::ErrorShape::kOpenAi, body.error());
    http::ResponseHead head{200, {{"content-type", std::string(kJson)}}};
    co_return co_await answer.whole(std::move(head), std::move(*body));
}

// models_asked is the path of a request for models, as models_path writes it; another way to write it is no path here.
bool models_asked(const http::RequestHead& head) {
    if (head.method != "GET") return false;
    const auto path = openai::models_path(head.path);
    return path && *path == head.path;
}

// Carries the engine's stream to the caller until it ends, fails or takes too long. The result says how; an error of
// the exchange itself (the caller is gone) is returned as such.
net::Task<Result<seal::Outcome>> carry(http::Call& call, openai::Answer& dialect, SealedAnswer& answer,
                                       net::Deadline until) {
    std::array<std::uint8_t, 16 * 1024> piece;
    Plaintext ready;
    seal::Outcome outcome = seal::Outcome::kComplete;
    while (true) {
        if (net::Clock::now() > until) {
            outcome = seal::Outcome::kTimedOut;
            break;
        }
        const auto size = co_await call.read(piece);
        const Result<void> taken = !size        ? Result<void>(std::unexpected(size.error()))
                                   : *size == 0 ? dialect.finish(ready)
                                                : dialect.update(ByteView(piece).first(*size), ready);
        if (size) wipe(ByteSpan(piece).first(*size));
        if (!taken) outcome = seal::Outcome::kEngineFailed;
        OPENPCC_CO_CHECK(co_await answer.content(ready));
        if (!taken || *size == 0) break;
    }
    co_return outcome;
}

}  // namespace

net::Task<Result<void>> Worker::serve_sealed(http::Exchange& exchange) {
    if (!http::media_type_is(exchange.request().fields.get("content-type"), seal::kRequestType))
        co_return fail(kBadInner);
    // Before the keeper is asked, so that the same request may still be served by us or another candidate.
    if (engine_.state() != Engine::State::kReady) co_return fail(kEngineDown);
    SealedRequest request(limits_.sealed_bytes);
    OPENPCC_CO_CHECK(co_await request.read(exchange, keeper_));

    if (models_asked(request.head())) {
        SealedAnswer answer(exchange, request.respond(random_), request.cell_mode());
        co_return co_await answer_models(answer, request.head().path, dialect_);
    }
    const openai::ErrorShape shape = openai::shape_of(request.head().path);
    auto admitted = request.body().with([&](ByteView body) {
        return openai::admit(request.head().method, request.head().path, body, dialect_, random_);
    });
    if (!admitted) {
        refusals_.count(admitted.error());
        SealedAnswer answer(exchange, request.respond(random_), request.cell_mode());
        co_return co_await refuse_inside(answer, shape, admitted.error());
    }
    openai::Answer dialect(*admitted, dialect_.model_name, clock_().time_since_epoch().count(), random_);
    const net::Deadline until = net::after(limits_.answer_time);
    auto call = co_await engine_.ask(std::move(*admitted));
    // A busy or dead engine is told outside the seal: the gateway may know it, and another candidate can still answer.
    if (!call && call.error().category() == Category::kUnavailable) co_return std::unexpected(call.error());
    SealedAnswer answer(exchange, request.respond(random_), request.cell_mode());
    if (!call) co_return co_await refuse_inside(answer, shape, call.error());

    http::ResponseHead head{200, {{"content-type", std::string(dialect.content_type())}}};
    OPENPCC_CO_CHECK(co_await answer.begin(std::move(head)));
    OPENPCC_CO_TRY(const seal::Outcome outcome, co_await carry(**call, dialect, answer, until));
    call->reset();
    co_return co_await answer.end(outcome);
}

net::Task<Result<void>> Worker::serve_evidence(http::Exchange& exchange) {
    const auto name = array_from_hex<seal::StatementName>(exchange.request().path.substr(kEvidencePrefix.size()));
    if (!name) co_return fail(kUnknownStatement);
    std::array<std::uint8_t, statement::Challenge::kSize + 1> bytes;
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ByteSpan room = ByteSpan(bytes).subspan(have);
        OPENPCC_CO_TRY(const std::size_t size, co_await exchange.read_body(room));
        if (size == 0) break;
        have += size;
    }
    if (have != statement::Challenge::kSize) co_return fail(kBadInner);
    const auto challenge = statement::Challenge::from_view(ByteView(bytes).first(have));
    OPENPCC_CO_TRY(const Bytes bundle, co_await keeper_.attest(*name, challenge));
    http::ResponseHead head{200, {{"content-type", std::string(kEvidenceType)}}};
    co_return co_await exchange.respond_whole(std::move(head), bundle);
}

net::Task<Result<void>> Worker::serve_status(http::Exchange& exchange) {
    const Keeper::Status status = keeper_.status();
    const auto list = [](const std::vector<seal::KeyId>& keys) {
        json::Value out = json::Value::array();
        for (const seal::KeyId& key : keys) out.push(json::Value::string(to_hex(key)));
        return out;
    };
    json::Value body = json::Value::object();
    body.set("statement", json::Value::string(to_hex(status.statement)));
    body.set("current", list(status.current));
    body.set("keys", list(status.live));
    body.set("model", json::Value::string(to_hex(status.model)));
    body.set("ready", json::Value::boolean(engine_.state() == Engine::State::kReady));
    body.set("in_flight", json::Value::integer(engine_.in_flight()));
    http::ResponseHead head{200, {{"content-type", std::string(kJson)}}};
    const std::string text = body.to_text();
    co_return co_await exchange.respond_whole(std::move(head), as_bytes(text));
}

net::Task<void> Worker::serve(http::Exchange& exchange) {
    const http::RequestHead& request = exchange.request();
    Result<void> result;
    if (keeper_.simulated() && !exchange.peer_is_local())
        result = fail(kNotLocal);
    else if (request.method == "POST" && request.path == "/sealed")
        result = co_await serve_sealed(exchange);
    else if (request.method == "POST" && request.path.starts_with(kEvidencePrefix))
        result = co_await serve_evidence(exchange);
    else if (request.method == "GET" && request.path == "/status")
        result = co_await serve_status(exchange);
    else if (request.method == "GET" && request.path == "/health") {
        const bool ready = engine_.state() == Engine::State::kReady;
        http::ResponseHead head{static_cast<std::uint16_t>(ready ? 200 : 503), {{"cache-control", "no-store"}}};
        result = co_await exchange.respond_whole(std::move(head), ByteView());
    } else {
        result = co_await http::respond_problem(exchange, 404);
    }
    if (!result) refusals_.count(result.error());
    if (result || exchange.responded()) co_return;
    if (result.error() == seal::kUnknownKey) {
        // The key is gone: the client asks for the directory again, once.
        co_await http::respond_problem(exchange, 410);
        co_return;
    }
    co_await http::respond_problem(exchange, result.error().category());
}

}  // namespace openpcc::node

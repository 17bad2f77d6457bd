// SPDX-License-Identifier: Apache-2.0
#include "hops/relay/relay.hpp"

#include <array>

#include "io/http/errors.hpp"
#include "io/net/errors.hpp"

namespace openpcc::relay {

namespace {

// The relay knows these names and nothing of what they mean.
constexpr std::string_view kMessages = "/ohttp";
constexpr std::string_view kKeys = "/gateway-keys";
constexpr std::string_view kHealth = "/health";
constexpr std::string_view kRequestType = "message/ohttp-chunked-req";
constexpr std::string_view kResponseType = "message/ohttp-chunked-res";
constexpr std::string_view kKeysType = "application/openpcc-gateway-keys";
constexpr std::string_view kProblemType = "application/problem+json";
// One read of the client's is one write to the gateway: a cell or a chunk is never held back for another.
constexpr std::size_t kPiece = 16 * 1024;
using Piece = std::array<std::uint8_t, kPiece>;

// A key that is gone is told to the client in clear (RFC 9458 section 5.3), and nothing else that a gateway says.
http::ResponseHead reduced_answer(const http::ResponseHead& from, std::string_view answer_type) {
    http::ResponseHead head;
    head.status = from.status;
    const auto type = from.fields.get("content-type");
    if (from.status == 200 && http::media_type_is(type, answer_type)) {
        head.fields.add("content-type", std::string(answer_type));
        if (answer_type == kResponseType) head.fields.add("incremental", "?1");
    } else if (http::media_type_is(type, kProblemType)) {
        head.fields.add("content-type", std::string(kProblemType));
    }
    head.fields.add("cache-control", "no-store");
    return head;
}

}  // namespace

net::Task<void> Relay::serve(http::Exchange& exchange) {
    const http::RequestHead& request = exchange.request();
    Result<void> result;
    if (request.path == kMessages && request.method == "POST") {
        if (http::media_type_is(request.fields.get("content-type"), kRequestType)) {
            http::RequestHead head{"POST", "", "", std::string(kMessages), {}};
            head.fields.add("content-type", std::string(kRequestType));
            head.fields.add("incremental", "?1");
            result = co_await forward(exchange, std::move(head), kResponseType);
        } else {
            result = co_await http::respond_problem(exchange, 415);
        }
    } else if (request.path == kKeys && request.method == "GET") {
        http::RequestHead head{"GET", "", "", std::string(kKeys), {}};
        result = co_await forward(exchange, std::move(head), kKeysType);
    } else if (request.path == kHealth && request.method == "GET") {
        http::ResponseHead head{200, {{"cache-control", "no-store"}}};
        result = co_await exchange.respond_whole(std::move(head), ByteView());
    } else {
        result = co_await http::respond_problem(exchange, 404);
    }
    if (!result) refusals_.count(result.error());
    // A failure after the head was sent leaves the answer without its end, which the client sees as truncated.
    if (!result && !exchange.responded()) co_await http::respond_problem(exchange, result.error().category());
}

net::Task<Result<void>> Relay::forward(http::Exchange& exchange, http::RequestHead head, std::string_view answer_type) {
    const bool has_body = head.method == "POST";
    if (!has_body) head.fields.add("content-length", "0");
    OPENPCC_CO_TRY(const auto call, co_await gateway_->start(std::move(head)));
    Piece piece;
    std::uint64_t total = 0;
    while (has_body) {
        OPENPCC_CO_TRY(const std::size_t size, co_await exchange.read_body(piece));
        if (size == 0) break;
        total += size;
        if (total > limits_.request_bytes) co_return fail(http::kTooLarge);
        const ByteView part = ByteView(piece).first(size);
        const auto sent = co_await call->write(part);
        // A gateway that refuses early stops reading: its answer says more than our failed write.
        if (!sent) co_return co_await carry_answer(exchange, *call, answer_type);
    }
    OPENPCC_CO_CHECK(co_await call->finish());
    co_return co_await carry_answer(exchange, *call, answer_type);
}

net::Task<Result<void>> Relay::carry_answer(http::Exchange& exchange, http::Call& call, std::string_view answer_type) {
    OPENPCC_CO_TRY(const http::ResponseHead from, co_await call.head());
    http::ResponseHead head = reduced_answer(from, answer_type);
    OPENPCC_CO_CHECK(co_await exchange.respond(std::move(head)));
    Piece piece;
    std::uint64_t total = 0;
    while (true) {
        OPENPCC_CO_TRY(const std::size_t size, co_await call.read(piece));
        if (size == 0) break;
        total += size;
        if (total > limits_.response_bytes) co_return fail(http::kTooLarge);
        const ByteView part = ByteView(piece).first(size);
        OPENPCC_CO_CHECK(co_await exchange.write(part));
    }
    co_return co_await exchange.finish();
}

}  // namespace openpcc::relay

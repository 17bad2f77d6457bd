// SPDX-License-Identifier: Apache-2.0
#include "hops/gateway/gateway.hpp"

#include <array>

#include "core/text.hpp"
#include "hops/gateway/errors.hpp"
#include "hops/gateway/forward.hpp"
#include "hops/gateway/inner.hpp"
#include "io/http/errors.hpp"
#include "protocol/ohttp/errors.hpp"
#include "protocol/seal/errors.hpp"

namespace openpcc::gateway {

namespace {

constexpr std::size_t kPiece = 16 * 1024;
constexpr std::size_t kMaxBundle = 1 << 20;
constexpr std::size_t kChallengeSize = 32;
constexpr std::string_view kEvidencePrefix = "/evidence/";
constexpr std::string_view kCollateralPrefix = "/collateral/";
constexpr std::string_view kEvidenceType = "application/openpcc-evidence";
// RFC 9458 section 5.3: tells the client that its key configuration is out of date.
constexpr std::string_view kKeyProblem =
    R"({"type":"https://iana.org/assignments/http-problem-types#ohttp-key","title":"key identifier unknown","status":400})";

using Piece = std::array<std::uint8_t, kPiece>;

// OuterRequest opens the request piece by piece: OHTTP outside, Binary HTTP inside.
class OuterRequest {
  public:
    OuterRequest(KeyRing& keys, const bhttp::Limits& limits)
        : opener_(keys), decoder_(bhttp::Kind::kRequest, limits, inner_) {}

    // next opens one more piece of the body; false at its authenticated end.
    net::Task<Result<bool>> next(http::Exchange& exchange) {
        const ohttp::Deliver deliver = [this](ByteView plain) { return decoder_.update(plain); };
        OPENPCC_CO_TRY(const std::size_t size, co_await exchange.read_body(piece_));
        if (size > 0) {
            OPENPCC_CO_CHECK(opener_.update(ByteView(piece_).first(size), deliver));
            co_return true;
        }
        OPENPCC_CO_CHECK(opener_.finish(deliver));
        OPENPCC_CO_CHECK(decoder_.finish());
        co_return false;
    }
    ohttp::RequestOpener& opener() { return opener_; }
    InnerRequest& inner() { return inner_; }

  private:
    Piece piece_;
    ohttp::RequestOpener opener_;
    InnerRequest inner_;
    bhttp::Decoder decoder_;
};

// Reads what is left of a small inner request.
net::Task<Result<Bytes>> read_whole(http::Exchange& exchange, OuterRequest& request, std::size_t limit) {
    Bytes body = request.inner().take();
    while (true) {
        OPENPCC_CO_TRY(const bool more, co_await request.next(exchange));
        body.append(request.inner().take());
        if (body.size() > limit) co_return fail(kBadInner);
        if (!more) co_return body;
    }
}

net::Task<Result<void>> serve_directory(http::Exchange& exchange, OuterRequest& request, const NodePool& pool,
                                        const OfferedCollateral& offered, Random& random) {
    OPENPCC_CO_CHECK(co_await read_whole(exchange, request, 0));
    OPENPCC_CO_TRY(auto sealer, request.opener().respond(random));
    InnerAnswer answer(exchange, std::move(sealer));
    http::ResponseHead head{200, {{"content-type", "application/json"}}};
    const std::string text = pool.directory(offered.name);
    co_return co_await answer.whole(std::move(head), as_bytes(text));
}

// As fast as the client reads: a short question must not make the gateway hold megabytes.
net::Task<Result<void>> serve_collateral(http::Exchange& exchange, OuterRequest& request, OfferedCollateral offered,
                                         Random& random) {
    const std::string name = request.inner().head()->path.substr(kCollateralPrefix.size());
    OPENPCC_CO_CHECK(co_await read_whole(exchange, request, 0));
    if (offered.file == nullptr || name != offered.name) co_return fail(kUnknownCollateral);
    OPENPCC_CO_TRY(auto sealer, request.opener().respond(random));
    InnerAnswer answer(exchange, std::move(sealer));
    http::ResponseHead head{200, {{"content-type", "application/json"}}};
    OPENPCC_CO_CHECK(co_await answer.begin(std::move(head), ByteView()));
    for (ByteView left = as_bytes(*offered.file); !left.empty();) {
        const ByteView part = left.first(std::min(left.size(), kPiece));
        OPENPCC_CO_CHECK(co_await answer.content(part));
        left = left.subspan(part.size());
    }
    co_return co_await answer.end();
}

net::Task<Result<void>> serve_evidence(http::Exchange& exchange, OuterRequest& request, NodePool& pool, Random& random) {
    const std::string statement = request.inner().head()->path.substr(kEvidencePrefix.size());
    OPENPCC_CO_TRY(const Bytes challenge, co_await read_whole(exchange, request, kChallengeSize));
    OPENPCC_CO_TRY(auto sealer, request.opener().respond(random));
    InnerAnswer answer(exchange, std::move(sealer));
    const auto node = pool.by_statement(statement);
    if (node == nullptr || challenge.size() != kChallengeSize) {
        const Error error = challenge.size() != kChallengeSize ? kBadInner : kUnknownNode;
        co_return co_await answer.problem(error);
    }
    std::string path(kEvidencePrefix);
    path.append(statement);
    http::RequestHead head{"POST", "", "", std::move(path), {{"content-type", "application/octet-stream"}}};
    const auto bundle = co_await node->client->fetch(std::move(head), challenge, kMaxBundle);
    if (!bundle || bundle->head.status != 200) {
        const Error error = kBadNode;
        co_return co_await answer.problem(error);
    }
    http::ResponseHead good{200, {{"content-type", std::string(kEvidenceType)}}};
    co_return co_await answer.whole(std::move(good), bundle->content);
}

// The node's status and type pass; its other fields do not.
http::ResponseHead reduced_head(const http::ResponseHead& from) {
    http::ResponseHead head;
    head.status = from.status;
    if (const auto type = from.fields.get("content-type")) head.fields.add("content-type", std::string(*type));
    return head;
}

net::Task<Result<void>> carry_answer(Forward& forward, Forward::Begun begun, InnerAnswer& answer) {
    http::ResponseHead head = reduced_head(begun.head);
    OPENPCC_CO_CHECK(co_await answer.begin(std::move(head), begun.first));
    Piece piece;
    while (!begun.first.empty()) {
        OPENPCC_CO_TRY(const std::size_t size, co_await forward.read(piece));
        if (size == 0) break;
        const ByteView part = ByteView(piece).first(size);
        OPENPCC_CO_CHECK(co_await answer.content(part));
    }
    co_return co_await answer.end();
}

net::Task<Result<void>> serve_sealed(http::Exchange& exchange, OuterRequest& request, NodePool& pool, Random& random) {
    if (!http::media_type_is(request.inner().head()->fields.get("content-type"), seal::kRequestType))
        co_return fail(kBadInner);
    Forward forward(pool);
    bool more = true;
    while (true) {
        const Bytes content = request.inner().take();
        OPENPCC_CO_CHECK(co_await forward.content(content));
        if (!more) break;
        OPENPCC_CO_TRY(more, co_await request.next(exchange));
    }
    auto begun = co_await forward.finish();
    OPENPCC_CO_TRY(auto sealer, request.opener().respond(random));
    InnerAnswer answer(exchange, std::move(sealer));
    if (!begun) co_return co_await answer.problem(begun.error());
    co_return co_await carry_answer(forward, std::move(*begun), answer);
}

// What goes wrong before anything was opened is answered in clear (RFC 9458 section 5.2).
net::Task<void> refuse_in_clear(http::Exchange& exchange, const Error& error) {
    const bool key = error == ohttp::kUnknownKey || error == ohttp::kBadSuite || error == ohttp::kOpenFailed;
    if (!key) {
        co_await http::respond_problem(exchange, error.category());
        co_return;
    }
    http::ResponseHead head = http::problem_head(400);
    head.fields.set("content-length", std::to_string(kKeyProblem.size()));
    co_await exchange.respond_whole(std::move(head), as_bytes(kKeyProblem));
}

}  // namespace

net::Task<Result<void>> Gateway::serve_oblivious(http::Exchange& exchange) {
    bhttp::Limits limits;
    limits.content_bytes = limits_.content_bytes;
    OuterRequest request(keys_, limits);
    Result<bool> more = true;
    while (more && *more && !request.inner().head()) more = co_await request.next(exchange);

    Result<void> result;
    if (!more) {
        result = std::unexpected(more.error());
    } else if (!request.inner().head()) {
        result = fail(kBadInner);
    } else {
        const std::string method = request.inner().head()->method;
        const std::string path = request.inner().head()->path;
        if (method == "POST" && path == "/sealed")
            result = co_await serve_sealed(exchange, request, pool_, random_);
        else if (method == "GET" && path == "/directory")
            result = co_await serve_directory(exchange, request, pool_, collateral_(), random_);
        else if (method == "GET" && path.starts_with(kCollateralPrefix))
            result = co_await serve_collateral(exchange, request, collateral_(), random_);
        else if (method == "POST" && path.starts_with(kEvidencePrefix))
            result = co_await serve_evidence(exchange, request, pool_, random_);
        else
            result = fail(kUnknownPath);
    }
    if (result || exchange.responded()) co_return result;
    if (!request.opener().decrypted()) {
        co_await refuse_in_clear(exchange, result.error());
        co_return result;
    }
    // After decryption the refusal travels inside.
    auto sealer = request.opener().respond(random_);
    if (!sealer) co_return std::unexpected(sealer.error());
    InnerAnswer answer(exchange, std::move(*sealer));
    co_await answer.problem(result.error());
    co_return result;
}

net::Task<void> Gateway::serve(http::Exchange& exchange) {
    const http::RequestHead& request = exchange.request();
    if (request.method == "POST" && request.path == "/ohttp") {
        if (http::media_type_is(request.fields.get("content-type"), ohttp::kChunkedRequestType)) {
            const auto served = co_await serve_oblivious(exchange);
            if (!served) refusals_.count(served.error());
            co_return;
        }
        co_await http::respond_problem(exchange, 415);
    } else if (request.method == "GET" && request.path == "/gateway-keys") {
        http::ResponseHead head{200, {{"content-type", std::string(service::kGatewayKeysType)}}};
        const Bytes document = keys_.document();
        co_await exchange.respond_whole(std::move(head), document);
    } else if (request.method == "GET" && request.path == "/health") {
        http::ResponseHead head{static_cast<std::uint16_t>(pool_.any_ready() ? 200 : 503), {{"cache-control", "no-store"}}};
        co_await exchange.respond_whole(std::move(head), ByteView());
    } else {
        co_await http::respond_problem(exchange, 404);
    }
}

}  // namespace openpcc::gateway

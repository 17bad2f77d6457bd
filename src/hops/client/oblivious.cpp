// SPDX-License-Identifier: Apache-2.0
#include "hops/client/oblivious.hpp"

#include <array>

#include "hops/client/errors.hpp"
#include "io/http/errors.hpp"
#include "io/net/errors.hpp"
#include "protocol/ohttp/errors.hpp"
#include "trust/service/gateway_keys.hpp"

namespace openpcc::client {

namespace {

constexpr std::size_t kPiece = 16 * 1024;
constexpr std::size_t kMaxHead = ohttp::kMaxChunk / 2;
constexpr std::size_t kPrefix = 8;  // the longest length before a piece of content
constexpr std::string_view kKeyProblem = "https://iana.org/assignments/http-problem-types#ohttp-key";

// Feeds the gateway's Binary HTTP to the caller's sink.
class Decapsulated final : public bhttp::Sink {
  public:
    explicit Decapsulated(Oblivious::AnswerSink& sink) : sink_(sink) {}
    Result<void> response_head(http::ResponseHead head) override { return sink_.head(head); }
    Result<void> content(ByteView bytes) override { return sink_.content(bytes); }

  private:
    Oblivious::AnswerSink& sink_;
};

// A stream that stops early is the same news from every layer.
Error as_truncated(Error error) {
    const bool cut = error == http::kTruncated || error == net::kTruncated || error == net::kClosed ||
                     error == ohttp::kTruncated;
    return cut ? Error(kTruncated, "the answer was cut off on its way (" + std::string(error.name()) + ")") : error;
}

// plain is the encoded head, at most kMaxHead bytes; the content follows it.
net::Task<Result<void>> send_request(http::Call& call, ohttp::RequestSealer& sealer, Bytes plain, ByteView content,
                                     std::optional<ohttp::ResponseOpener>& opener) {
    Bytes wire = sealer.header();
    while (!content.empty()) {
        const ByteView part = content.first(std::min(content.size(), ohttp::kMaxChunk - plain.size() - kPrefix));
        content = content.subspan(part.size());
        plain.append(bhttp::content_prefix(part.size()));
        plain.append(part);
        OPENPCC_CO_CHECK(sealer.seal(plain, wire));
        OPENPCC_CO_CHECK(co_await call.write(wire));
        plain.clear();
        wire.clear();
    }
    plain.append(bhttp::encode_end());
    OPENPCC_CO_TRY(opener, std::move(sealer).seal_final(plain, wire));
    OPENPCC_CO_CHECK(co_await call.write(wire));
    co_return co_await call.finish();
}

net::Task<Result<void>> refuse(http::Call& call, const http::ResponseHead& head) {
    std::array<std::uint8_t, 1024> body;
    const auto size = co_await call.read(body);
    if (head.status == 400 && size && as_text(ByteView(body).first(*size)).find(kKeyProblem) != std::string_view::npos)
        co_return fail(kGatewayKeyGone);
    co_return fail(kRelayRefused, "the relay answered with status " + std::to_string(head.status));
}

}  // namespace

Oblivious::Oblivious(net::Loop& loop, const Profile& profile, Random& random, std::function<TimePoint()> clock)
    : profile_(profile),
      random_(random),
      clock_(std::move(clock)),
      relay_(http::Client::make(loop, profile.relay, http::ClientLimits{}, profile.tls)) {}

net::Task<Result<void>> Oblivious::fetch_keys() {
    http::RequestHead head{"GET", "", "", "/gateway-keys", {{"content-length", "0"}}};
    OPENPCC_CO_TRY(const auto answer, co_await relay_->fetch(std::move(head), ByteView(), service::kMaxDocument));
    if (answer.head.status != 200)
        co_return fail(kRelayRefused, "the gateway's keys cannot be had: status " + std::to_string(answer.head.status));
    OPENPCC_CO_TRY(const auto keys, service::GatewayKeys::verify(answer.content, profile_.service_key, clock_()));
    OPENPCC_CO_TRY(auto choice, ohttp::choose(keys.configs));
    choice_.emplace(std::move(choice));
    keys_until_ = keys.not_after;
    co_return Result<void>{};
}

net::Task<Result<void>> Oblivious::exchange_once(const http::RequestHead& head, ByteView content, AnswerSink& sink) {
    Bytes encoded_head = bhttp::encode_request_head(head);
    if (encoded_head.size() > kMaxHead) co_return fail(kHeadTooLarge);
    if (!choice_ || clock_() >= keys_until_) OPENPCC_CO_CHECK(co_await fetch_keys());
    OPENPCC_CO_TRY(auto sealer, ohttp::RequestSealer::make(choice_->config, choice_->suite, random_));
    http::RequestHead outer{"POST", "", "", "/ohttp", {}};
    outer.fields.add("content-type", std::string(ohttp::kChunkedRequestType));
    outer.fields.add("incremental", "?1");
    OPENPCC_CO_TRY(const auto call, co_await relay_->start(std::move(outer)));
    seen_remote_ = seen_remote_ || !call->peer_is_local();

    std::optional<ohttp::ResponseOpener> opener;
    // A relay that refuses early answers before it has read everything: the answer says more than a failed write.
    const auto sent = co_await send_request(*call, sealer, std::move(encoded_head), content, opener);
    const auto answer = co_await call->head();
    if (!answer) co_return std::unexpected(sent ? answer.error() : sent.error());
    if (answer->status != 200) co_return co_await refuse(*call, *answer);
    if (!http::media_type_is(answer->fields.get("content-type"), ohttp::kChunkedResponseType) || !opener)
        co_return fail(kRelayRefused, "the relay's answer is not an encapsulated one");

    Decapsulated decapsulated(sink);
    bhttp::Limits limits;
    limits.content_bytes = 256 << 20;
    bhttp::Decoder decoder(bhttp::Kind::kResponse, limits, decapsulated);
    const ohttp::Deliver deliver = [&](ByteView plain) { return decoder.update(plain); };
    std::array<std::uint8_t, kPiece> piece;
    while (true) {
        OPENPCC_CO_TRY(const std::size_t size, co_await call->read(piece));
        if (size == 0) break;
        OPENPCC_CO_CHECK(opener->update(ByteView(piece).first(size), deliver));
        OPENPCC_CO_CHECK(co_await sink.taken());
    }
    if (const auto whole = opener->finish(deliver); !whole) {
        // A final chunk that was cut short cannot be told from one that was altered; all before it was genuine.
        if (whole.error() == ohttp::kOpenFailed) co_return fail(kTruncated, "the end of the answer was cut off or altered on its way");
        co_return std::unexpected(whole.error());
    }
    OPENPCC_CO_CHECK(decoder.finish());
    co_return sink.whole();
}

net::Task<Result<void>> Oblivious::exchange(http::RequestHead head, ByteView content, AnswerSink& sink) {
    auto result = co_await exchange_once(head, content, sink);
    if (!result && result.error() == kGatewayKeyGone) {
        choice_.reset();
        result = co_await exchange_once(head, content, sink);
    }
    if (!result) co_return std::unexpected(as_truncated(result.error()));
    co_return result;
}

net::Task<Result<Oblivious::Whole>> Oblivious::fetch(http::RequestHead head, ByteView content, std::size_t limit) {
    struct Gather final : AnswerSink {
        Result<void> head(const http::ResponseHead& answer) override {
            whole_answer.head = answer;
            return {};
        }
        Result<void> content(ByteView bytes) override {
            if (whole_answer.content.size() + bytes.size() > limit) return fail(http::kTooLarge);
            whole_answer.content.append(bytes);
            return {};
        }
        std::size_t limit = 0;
        Whole whole_answer;
    } gather;
    gather.limit = limit;
    OPENPCC_CO_CHECK(co_await exchange(std::move(head), content, gather));
    co_return std::move(gather.whole_answer);
}

}  // namespace openpcc::client

// SPDX-License-Identifier: Apache-2.0
#include "hops/client/sealed_exchange.hpp"

#include "core/text.hpp"
#include "hops/client/errors.hpp"
#include "protocol/seal/errors.hpp"

namespace openpcc::client {

namespace {

bhttp::Limits answer_limits() {
    bhttp::Limits limits;
    limits.content_bytes = 256 << 20;
    return limits;
}

// NodeMessage is the innermost layer: the node's Binary HTTP answer.
class NodeMessage final : public bhttp::Sink {
  public:
    explicit NodeMessage(client::AnswerSink& sink) : sink_(sink) {}
    client::AnswerSink& sink() { return sink_; }
    Result<void> response_head(http::ResponseHead head) override { return sink_.head(head); }
    Result<void> content(ByteView text) override { return sink_.content(text); }

  private:
    client::AnswerSink& sink_;
};

// SealedAnswer takes the gateway's answer apart: the seal's records, then the message in them.
class SealedAnswer final : public Oblivious::AnswerSink, seal::RecordSink {
  public:
    SealedAnswer(seal::ResponseOpener opener, client::AnswerSink& sink)
        : opener_(std::move(opener)), message_(sink), decoder_(bhttp::Kind::kResponse, answer_limits(), message_) {}

    // From the outer layer.
    Result<void> head(const http::ResponseHead& head) override {
        if (head.status == 410) return fail(kKeyGone);
        if (head.status != 200)
            return fail(kGatewayRefused, "the gateway answered with status " + std::to_string(head.status));
        if (!http::media_type_is(head.fields.get("content-type"), seal::kResponseType)) return fail(kUnreadable);
        return {};
    }
    Result<void> content(ByteView bytes) override { return named(opener_.update(bytes, *this)); }
    net::Task<Result<void>> taken() override { return message_.sink().taken(); }
    Result<void> whole() override {
        auto result = opener_.finish(*this);
        // As in the outer layer: a last chunk that does not open after others did was cut off or altered.
        if (!result && result.error() == seal::kOpenFailed && answered_by())
            return fail(kTruncated, "the end of the answer was cut off or altered on its way");
        return named(std::move(result));
    }

    const std::optional<seal::End>& end_record() const { return end_; }
    std::optional<std::size_t> answered_by() const { return opener_.answered_by(); }

  private:
    // From the seal.
    Result<void> data(ByteView bytes) override { return decoder_.update(bytes); }
    Result<void> end(ByteView body) override {
        OPENPCC_TRY(end_, seal::End::parse(body));
        // A node that was cut short says so, and its message need not be whole.
        return end_->outcome == seal::Outcome::kComplete ? decoder_.finish() : Result<void>{};
    }

    static Result<void> named(Result<void> result) {
        if (result) return result;
        if (result.error() == seal::kTruncated) return fail(kTruncated, "the answer was cut off on its way");
        if (result.error() == seal::kOpenFailed)
            return fail(kUnreadable, "the answer was not made by a verified node for this request");
        return result;
    }

    seal::ResponseOpener opener_;
    NodeMessage message_;
    bhttp::Decoder decoder_;
    std::optional<seal::End> end_;
};

}  // namespace

net::Task<Result<Receipt>> exchange_sealed(Oblivious& oblivious, seal::RequestSealer sealer,
                                           const std::vector<seal::Candidate>& candidates, const http::RequestHead& head,
                                           const Plaintext& body, AnswerSink& sink) {
    Bytes sealed = sealer.header();
    OPENPCC_CO_CHECK(sealer.data(bhttp::encode_request_head(head), sealed));
    if (!body.empty()) {
        OPENPCC_CO_CHECK(sealer.data(bhttp::content_prefix(body.size()), sealed));
        OPENPCC_CO_CHECK(body.with([&](ByteView text) { return sealer.data(text, sealed); }));
    }
    OPENPCC_CO_TRY(auto opener, std::move(sealer).end(bhttp::encode_end(), sealed));

    SealedAnswer answer(std::move(opener), sink);
    http::RequestHead outer{"POST", "https", "gateway", "/sealed", {{"content-type", std::string(seal::kRequestType)}}};
    OPENPCC_CO_CHECK(co_await oblivious.exchange(std::move(outer), sealed, answer));
    if (!answer.end_record() || !answer.answered_by()) co_return fail(kTruncated);
    const seal::End& end = *answer.end_record();
    if (end.outcome != seal::Outcome::kComplete)
        co_return fail(kEngineFailed, "the node ended the answer early: " + std::string(to_string(end.outcome)));
    co_return Receipt{to_hex(candidates[*answer.answered_by()].statement), end.outcome, end.cell_mode};
}

}  // namespace openpcc::client

// SPDX-License-Identifier: Apache-2.0
#include "protocol/ohttp/chunked.hpp"
#include "protocol/ohttp/framing.hpp"

namespace openpcc::ohttp {

// --- RequestSealer ---

struct RequestSealer::State {
    Outgoing outgoing;

    Result<void> seal(ByteView plaintext, Place place, Bytes& out) {
        const ByteView aad = place == Place::kFinal ? as_bytes("final") : ByteView{};
        return write_chunk(plaintext, place, out,
                           [&](ByteView plain, ByteSpan sealed) { return outgoing.context.seal(aad, plain, sealed); });
    }
};

RequestSealer::RequestSealer(std::unique_ptr<State> state) : state_(std::move(state)) {}
RequestSealer::RequestSealer(RequestSealer&&) noexcept = default;
RequestSealer& RequestSealer::operator=(RequestSealer&&) noexcept = default;
RequestSealer::~RequestSealer() = default;

Result<RequestSealer> RequestSealer::make(const KeyConfig& config, SymmetricSuite suite, Random& random) {
    OPENPCC_TRY(Outgoing outgoing, start_request(Form::kChunked, config, suite, random));
    return RequestSealer(std::make_unique<State>(State{std::move(outgoing)}));
}

Result<RequestSealer> RequestSealer::make_with(const KeyConfig& config, SymmetricSuite suite, ByteView ephemeral) {
    OPENPCC_TRY(Outgoing outgoing, start_request_with(Form::kChunked, config, suite, ephemeral));
    return RequestSealer(std::make_unique<State>(State{std::move(outgoing)}));
}

const Bytes& RequestSealer::header() const { return state_->outgoing.header; }

Result<void> RequestSealer::seal(ByteView plaintext, Bytes& out) { return state_->seal(plaintext, Place::kInner, out); }

Result<ResponseOpener> RequestSealer::seal_final(ByteView plaintext, Bytes& out) && {
    OPENPCC_CHECK(state_->seal(plaintext, Place::kFinal, out));
    const std::unique_ptr<State> state = std::move(state_);
    Outgoing& outgoing = state->outgoing;
    return ResponseOpener(
        ResponseSecret::from(Form::kChunked, outgoing.context, outgoing.suite, std::move(outgoing.enc)));
}

// --- ResponseOpener ---

struct ResponseOpener::State {
    explicit State(ResponseSecret from) : secret(std::move(from)) {}

    auto open() {
        return [this](Place place, ByteView sealed, ByteSpan out) {
            return place == Place::kFinal ? opener->open_final(sealed, out) : opener->open(sealed, out);
        };
    }

    Result<void> update(ByteView bytes, const Deliver& deliver) {
        if (!opener) {
            if (!collect(bytes, secret.nonce_size(), nonce)) return {};
            opener.emplace(secret.suite.aead, secret.keys(nonce));
        }
        return reader.update(bytes, deliver, open());
    }
    Result<void> finish(const Deliver& deliver) {
        if (!opener) return fail(kTruncated);
        return reader.finish(deliver, open());
    }

    ResponseSecret secret;
    Bytes nonce;
    std::optional<crypto::ChunkOpener> opener;  // once the nonce is in
    ChunkReader reader;
    Progress progress;
};

ResponseOpener::ResponseOpener(ResponseSecret secret) : state_(std::make_unique<State>(std::move(secret))) {}
ResponseOpener::ResponseOpener(ResponseOpener&&) noexcept = default;
ResponseOpener& ResponseOpener::operator=(ResponseOpener&&) noexcept = default;
ResponseOpener::~ResponseOpener() = default;

Result<void> ResponseOpener::update(ByteView bytes, const Deliver& deliver) {
    return state_->progress.update(bytes, [&] { return state_->update(bytes, deliver); });
}

Result<void> ResponseOpener::finish(const Deliver& deliver) {
    return state_->progress.finish([&] { return state_->finish(deliver); });
}

bool ResponseOpener::complete() const { return state_->progress.complete && !state_->progress.failed; }

}  // namespace openpcc::ohttp

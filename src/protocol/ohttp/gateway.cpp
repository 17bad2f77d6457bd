// SPDX-License-Identifier: Apache-2.0
#include "protocol/ohttp/chunked.hpp"
#include "protocol/ohttp/framing.hpp"
#include "protocol/ohttp/incoming.hpp"

namespace openpcc::ohttp {

// --- RequestOpener ---

struct RequestOpener::State {
    explicit State(KeySource& source) : keys(&source) {}

    auto open() {
        return [this](Place place, ByteView sealed, ByteSpan out) {
            const ByteView aad = place == Place::kFinal ? as_bytes("final") : ByteView{};
            auto opened = context->open(aad, sealed, out);
            // An empty chunk that may not be empty counts as a failed open.
            if (opened && (place == Place::kFinal || !out.empty())) decrypted = true;
            return opened;
        };
    }

    Result<void> update(ByteView bytes, const Deliver& deliver) {
        if (!context) {
            OPENPCC_CHECK(read_header(bytes));
            if (!context) return {};
        }
        return reader.update(bytes, deliver, open());
    }

    Result<void> read_header(ByteView& bytes) {
        if (clear.size() < RequestHeader::kSize) {
            if (!collect(bytes, RequestHeader::kSize, clear)) return {};
            header = RequestHeader::parse(ByteArray<RequestHeader::kSize>::from_view(clear));
            OPENPCC_CHECK(find_key(*keys, header));
        }
        if (!collect(bytes, hpke::enc_size(header.suite.kem), enc)) return {};
        OPENPCC_TRY(context, accept(Form::kChunked, *keys, header, enc));
        return {};
    }

    Result<void> finish(const Deliver& deliver) {
        if (!context) return fail(kTruncated);
        return reader.finish(deliver, open());
    }

    KeySource* keys;
    Bytes clear;
    Bytes enc;
    RequestHeader header;
    std::optional<hpke::ReceiverContext> context;
    bool decrypted = false;
    bool responded = false;
    ChunkReader reader;
    Progress progress;
};

RequestOpener::RequestOpener(KeySource& keys) : state_(std::make_unique<State>(keys)) {}
RequestOpener::RequestOpener(RequestOpener&&) noexcept = default;
RequestOpener& RequestOpener::operator=(RequestOpener&&) noexcept = default;
RequestOpener::~RequestOpener() = default;

Result<void> RequestOpener::update(ByteView bytes, const Deliver& deliver) {
    return state_->progress.update(bytes, [&] { return state_->update(bytes, deliver); });
}

Result<void> RequestOpener::finish(const Deliver& deliver) {
    return state_->progress.finish([&] { return state_->finish(deliver); });
}

bool RequestOpener::complete() const { return state_->progress.complete && !state_->progress.failed; }

bool RequestOpener::decrypted() const { return state_->decrypted; }

// --- ResponseSealer ---

struct ResponseSealer::State {
    State(const ResponseSecret& secret, Bytes drawn)
        : nonce(std::move(drawn)), sealer(secret.suite.aead, secret.keys(nonce)) {}

    Bytes nonce;
    crypto::ChunkSealer sealer;
};

Result<ResponseSealer> RequestOpener::respond(Random& random) {
    if (!state_->context) return fail(kTruncated, "no request to answer yet");
    const SymmetricSuite suite{state_->header.suite.kdf, state_->header.suite.aead};
    Bytes nonce(ResponseSecret{.suite = suite, .enc = {}, .secret = {}}.nonce_size());
    random.fill(nonce.span());
    return respond_with(nonce);
}

Result<ResponseSealer> RequestOpener::respond_with(ByteView response_nonce) {
    if (!state_->context) return fail(kTruncated, "no request to answer yet");
    // One request, one answer: a second one under the same nonce would reuse the key stream.
    if (state_->responded) return fail(core::kInternal, "answered already");
    const auto secret = ResponseSecret::from(Form::kChunked, *state_->context,
                                             {state_->header.suite.kdf, state_->header.suite.aead}, state_->enc);
    if (response_nonce.size() != secret.nonce_size()) return fail(core::kInternal, "size of the response nonce");
    state_->responded = true;
    return ResponseSealer(std::make_unique<ResponseSealer::State>(secret, Bytes(response_nonce)));
}

ResponseSealer::ResponseSealer(std::unique_ptr<State> state) : state_(std::move(state)) {}
ResponseSealer::ResponseSealer(ResponseSealer&&) noexcept = default;
ResponseSealer& ResponseSealer::operator=(ResponseSealer&&) noexcept = default;
ResponseSealer::~ResponseSealer() = default;

const Bytes& ResponseSealer::header() const { return state_->nonce; }

Result<void> ResponseSealer::seal(ByteView plaintext, Bytes& out) {
    return write_chunk(plaintext, Place::kInner, out,
                       [this](ByteView plain, ByteSpan sealed) { return state_->sealer.seal(plain, sealed); });
}

Result<void> ResponseSealer::seal_final(ByteView plaintext, Bytes& out) {
    return write_chunk(plaintext, Place::kFinal, out,
                       [this](ByteView plain, ByteSpan sealed) { return state_->sealer.seal_final(plain, sealed); });
}

}  // namespace openpcc::ohttp

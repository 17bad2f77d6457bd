// SPDX-License-Identifier: Apache-2.0
#include "protocol/seal/opening/opening.hpp"

#include "core/assert.hpp"
#include "protocol/seal/errors.hpp"

namespace openpcc::seal {

Result<Unwrapped> unwrap(const ReducedHeader& header, const hpke::PrivateKey& key, const StatementName& statement) {
    auto receiver = hpke::setup_receiver(header.common.suite, key, header.entry.enc, header.common.wrap_info(statement));
    if (!receiver) return fail(kOpenFailed);
    const auto secret = receiver->open({}, header.entry.wrapped);
    if (!secret || secret->size() != kSecretSize) return fail(kOpenFailed);
    const auto exported = receiver->export_secret(as_bytes(kResponseExporter), kSecretSize);
    return Unwrapped{secret->with([](ByteView bytes) { return RequestSecret::copy_from(bytes); }),
                     exported.with([](ByteView bytes) { return ResponseSecret::copy_from(bytes); })};
}

struct RequestOpener::State {
    State(const ReducedHeader& header, Unwrapped unwrapped, const HeaderHash& hash)
        : aead(header.common.suite.aead),
          response(std::move(unwrapped.response)),
          reader(aead, unwrapped.request.with([&](ByteView secret) { return derive_keys(aead, secret, hash, "request"); })),
          transcript(hash) {}

    Result<void> chunk(ByteView ciphertext, bool final, RecordSink& sink) {
        transcript.chunk(ciphertext, final);
        return reader.chunk(ciphertext, final, sink);
    }
    Result<void> update(ByteView bytes, RecordSink& sink) {
        if (reader.complete() && !bytes.empty()) return fail(kMalformed);
        while (true) {
            const auto cut = cutter.next(bytes);
            if (!cut) return fail(kTooLarge);
            if (!*cut) return {};
            OPENPCC_CHECK(chunk(**cut, false, sink));
        }
    }
    Result<void> finish(RecordSink& sink) {
        if (reader.complete()) return {};
        const auto last = cutter.final();
        if (!last) return fail(kTruncated);
        return chunk(*last, true, sink);
    }

    crypto::Aead aead;
    ResponseSecret response;
    wire::ChunkCutter cutter{kMaxSealedChunk};
    StreamReader reader;
    TranscriptHash transcript;
    std::optional<Error> failed;
};

RequestOpener::RequestOpener(const ReducedHeader& header, Unwrapped unwrapped)
    : state_(std::make_unique<State>(header, std::move(unwrapped), header.hash())) {}

Result<void> RequestOpener::update(ByteView bytes, RecordSink& sink) {
    if (state_->failed) return std::unexpected(*state_->failed);
    auto result = state_->update(bytes, sink);
    if (!result) state_->failed = result.error();
    return result;
}

Result<void> RequestOpener::finish(RecordSink& sink) {
    if (state_->failed) return std::unexpected(*state_->failed);
    auto result = state_->finish(sink);
    if (!result) state_->failed = result.error();
    return result;
}

bool RequestOpener::complete() const { return !state_->failed && state_->reader.complete(); }

ResponseSealer RequestOpener::respond(Random& random) && {
    OPENPCC_ASSERT(complete());
    const auto state = std::move(state_);
    const auto nonce = random.array<ResponseNonce>();
    const Bytes salt = response_salt(std::move(state->transcript).finish(), nonce);
    const auto keys = state->response.with([&](ByteView secret) { return derive_keys(state->aead, secret, salt, "response"); });
    return ResponseSealer(state->aead, keys, nonce);
}

RequestOpener::RequestOpener(RequestOpener&&) noexcept = default;
RequestOpener& RequestOpener::operator=(RequestOpener&&) noexcept = default;
RequestOpener::~RequestOpener() = default;

}  // namespace openpcc::seal

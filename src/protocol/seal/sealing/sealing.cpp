// SPDX-License-Identifier: Apache-2.0
#include "protocol/seal/sealing/sealing.hpp"

#include <algorithm>

#include "core/assert.hpp"
#include "protocol/seal/errors.hpp"

namespace openpcc::seal {

namespace {

constexpr hpke::Kem kKemOrder[] = {hpke::Kem::kXWing, hpke::Kem::kX25519, hpke::Kem::kP256};
constexpr crypto::Aead kAeadOrder[] = {crypto::Aead::kAes256Gcm, crypto::Aead::kChaCha20Poly1305, crypto::Aead::kAes128Gcm};

bool opens(const std::vector<KeyConfig>& keys, const hpke::Suite& suite) {
    return std::ranges::any_of(keys, [&](const KeyConfig& config) {
        return config.key.kem() == suite.kem &&
               std::ranges::find(config.suites, SymmetricSuite{suite.kdf, suite.aead}) != config.suites.end();
    });
}

}  // namespace

Result<hpke::Suite> choose_suite(const std::vector<std::vector<KeyConfig>>& keys_of_candidates) {
    for (hpke::Kem kem : kKemOrder) {
        if (!hpke::is_supported(kem)) continue;
        for (crypto::Aead aead : kAeadOrder) {
            const hpke::Suite suite{kem, hpke::Kdf::kHkdfSha256, aead};
            if (!keys_of_candidates.empty() &&
                std::ranges::all_of(keys_of_candidates, [&](const auto& keys) { return opens(keys, suite); }))
                return suite;
        }
    }
    return fail(kBadSuite, "the candidates have no suite in common");
}

struct RequestSealer::State {
    State(crypto::Aead used_aead, Bytes header_bytes, const crypto::StreamKeys& keys, const HeaderHash& header_hash)
        : aead(used_aead), header(std::move(header_bytes)), writer(aead, keys), transcript(header_hash) {
        writer.watch([this](ByteView ciphertext, bool final) { transcript.chunk(ciphertext, final); });
    }
    crypto::Aead aead;
    Bytes header;
    StreamWriter writer;
    TranscriptHash transcript;
    std::vector<ResponseSecret> response_secrets;
};

struct ResponseOpener::State {
    crypto::Aead aead;
    Transcript transcript;
    std::vector<ResponseSecret> secrets;
    Bytes nonce;
    wire::ChunkCutter cutter{kMaxSealedChunk};
    std::optional<StreamReader> reader;
    std::optional<std::size_t> answered_by;
    std::optional<Error> failed;

    Result<void> chunk(ByteView ciphertext, bool final, RecordSink& sink);
    Result<void> update(ByteView bytes, RecordSink& sink);
    Result<void> finish(RecordSink& sink);
};

Result<RequestSealer> RequestSealer::make(const std::vector<Candidate>& candidates, const Options& options, Random& random) {
    if (candidates.empty() || candidates.size() > kMaxCandidates) return fail(kMalformed);
    FullHeader header{{options.suite, options.snapshot, options.cell_mode, options.size_class}, {}};
    const auto secret = random.secret<RequestSecret>();
    std::vector<ResponseSecret> response_secrets;
    for (const Candidate& candidate : candidates) {
        if (!opens({candidate.key}, options.suite)) return fail(kBadSuite);
        const KeyId id = candidate.key.id();
        if (std::ranges::find(header.entries, id, &Entry::key_id) != header.entries.end()) return fail(kMalformed);
        OPENPCC_TRY(auto sender, hpke::setup_sender(options.suite, candidate.key.key,
                                                    header.common.wrap_info(candidate.statement), random));
        OPENPCC_TRY(Bytes wrapped, secret.with([&](ByteView bytes) { return sender.context.seal({}, bytes); }));
        header.entries.push_back({id, std::move(sender.enc), std::move(wrapped)});
        response_secrets.push_back(sender.context.export_secret(as_bytes(kResponseExporter), kSecretSize)
                                       .with([](ByteView bytes) { return ResponseSecret::copy_from(bytes); }));
    }
    const HeaderHash hash = header.hash();
    const auto keys = secret.with([&](ByteView bytes) { return derive_keys(options.suite.aead, bytes, hash, "request"); });
    auto state = std::make_unique<State>(options.suite.aead, header.encode(), keys, hash);
    state->response_secrets = std::move(response_secrets);
    return RequestSealer(std::move(state));
}

const Bytes& RequestSealer::header() const { return state_->header; }
Result<void> RequestSealer::data(ByteView plaintext, Bytes& out) { return state_->writer.data(plaintext, out); }
Result<void> RequestSealer::padding(std::size_t size, Bytes& out) { return state_->writer.padding(size, out); }

Result<ResponseOpener> RequestSealer::end(ByteView last_data, Bytes& out) && {
    const auto state = std::move(state_);
    OPENPCC_CHECK(state->writer.end(last_data, {}, out));
    auto opener = std::make_unique<ResponseOpener::State>();
    opener->aead = state->aead;
    opener->transcript = std::move(state->transcript).finish();
    opener->secrets = std::move(state->response_secrets);
    return ResponseOpener(std::move(opener));
}

RequestSealer::RequestSealer(std::unique_ptr<State> state) : state_(std::move(state)) {}
RequestSealer::RequestSealer(RequestSealer&&) noexcept = default;
RequestSealer& RequestSealer::operator=(RequestSealer&&) noexcept = default;
RequestSealer::~RequestSealer() = default;

// The first chunk is tried under each candidate's keys; the one that opens it stays.
Result<void> ResponseOpener::State::chunk(ByteView ciphertext, bool final, RecordSink& sink) {
    if (reader) return reader->chunk(ciphertext, final, sink);
    const Bytes salt = response_salt(transcript, ResponseNonce::from_view(nonce));
    for (std::size_t i = 0; i < secrets.size(); ++i) {
        const auto keys = secrets[i].with([&](ByteView secret) { return derive_keys(aead, secret, salt, "response"); });
        StreamReader candidate(aead, keys);
        auto result = candidate.chunk(ciphertext, final, sink);
        if (!result && result.error() == kOpenFailed) continue;
        answered_by = i;
        secrets.clear();
        reader.emplace(std::move(candidate));
        return result;
    }
    return fail(kOpenFailed);
}

Result<void> ResponseOpener::State::update(ByteView bytes, RecordSink& sink) {
    if (reader && reader->complete() && !bytes.empty()) return fail(kMalformed);
    const ByteView head = bytes.first(std::min(bytes.size(), kResponseNonceSize - nonce.size()));
    nonce.append(head);
    bytes = bytes.subspan(head.size());
    while (true) {
        const auto cut = cutter.next(bytes);
        if (!cut) return fail(kTooLarge);
        if (!*cut) return {};
        OPENPCC_CHECK(chunk(**cut, false, sink));
    }
}

Result<void> ResponseOpener::State::finish(RecordSink& sink) {
    if (reader && reader->complete()) return {};
    const auto last = cutter.final();
    if (!last || nonce.size() < kResponseNonceSize) return fail(kTruncated);
    return chunk(*last, true, sink);
}

Result<void> ResponseOpener::update(ByteView bytes, RecordSink& sink) {
    if (state_->failed) return std::unexpected(*state_->failed);
    auto result = state_->update(bytes, sink);
    if (!result) state_->failed = result.error();
    return result;
}

Result<void> ResponseOpener::finish(RecordSink& sink) {
    if (state_->failed) return std::unexpected(*state_->failed);
    auto result = state_->finish(sink);
    if (!result) state_->failed = result.error();
    return result;
}

bool ResponseOpener::complete() const { return !state_->failed && state_->reader && state_->reader->complete(); }
std::optional<std::size_t> ResponseOpener::answered_by() const { return state_->answered_by; }

ResponseOpener::ResponseOpener(std::unique_ptr<State> state) : state_(std::move(state)) {}
ResponseOpener::ResponseOpener(ResponseOpener&&) noexcept = default;
ResponseOpener& ResponseOpener::operator=(ResponseOpener&&) noexcept = default;
ResponseOpener::~ResponseOpener() = default;

}  // namespace openpcc::seal

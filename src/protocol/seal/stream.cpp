// SPDX-License-Identifier: Apache-2.0
#include "protocol/seal/stream.hpp"

#include "crypto/kdf.hpp"
#include "protocol/seal/errors.hpp"

namespace openpcc::seal {

namespace {

// type and a three-byte length
constexpr std::size_t kRecordHead = 4;
constexpr std::size_t kMaxRecord = kMaxChunk - kRecordHead;

}  // namespace

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::kComplete: return "complete";
        case Outcome::kEngineFailed: return "engine failed";
        case Outcome::kTimedOut: return "timed out";
    }
    return "unknown";
}

Bytes End::encode() const {
    wire::Writer out;
    out.u8(static_cast<std::uint8_t>(outcome)).u8(static_cast<std::uint8_t>(cell_mode)).vec16(receipt);
    return std::move(out).take();
}

Result<End> End::parse(ByteView body) {
    wire::Reader in(body);
    End end;
    const auto outcome = in.u8();
    const auto cell_mode = in.u8();
    const auto receipt = in.vec16();
    if (!outcome || !cell_mode || !receipt || !in.done()) return fail(kBadRecord);
    if (*outcome > static_cast<std::uint8_t>(Outcome::kTimedOut) || *cell_mode > static_cast<std::uint8_t>(CellMode::kStrict))
        return fail(kBadRecord);
    end.outcome = static_cast<Outcome>(*outcome);
    end.cell_mode = static_cast<CellMode>(*cell_mode);
    end.receipt = Bytes(*receipt);
    return end;
}

TranscriptHash::TranscriptHash(const HeaderHash& header_hash) {
    wire::Writer start;
    start.vec8(as_bytes("openpcc seal v1 transcript")).raw(header_hash);
    hash_.update(start.view());
}

void TranscriptHash::chunk(ByteView ciphertext, bool final) {
    const std::uint8_t head[5] = {final, static_cast<std::uint8_t>(ciphertext.size() >> 24),
                                  static_cast<std::uint8_t>(ciphertext.size() >> 16),
                                  static_cast<std::uint8_t>(ciphertext.size() >> 8),
                                  static_cast<std::uint8_t>(ciphertext.size())};
    hash_.update(head);
    hash_.update(ciphertext);
}

Transcript TranscriptHash::finish() && { return Transcript::from_view(std::move(hash_).finish()); }

crypto::StreamKeys derive_keys(crypto::Aead aead, ByteView secret, ByteView salt, std::string_view direction) {
    const auto prk = crypto::hkdf_extract(crypto::Hash::kSha256, salt, secret);
    const auto expand = [&](std::string_view what, std::size_t size) {
        std::string label = "openpcc seal v1 ";
        label.append(direction).append(" ").append(what);
        wire::Writer info;
        info.vec8(as_bytes(label)).u16(static_cast<std::uint16_t>(aead));
        return crypto::hkdf_expand(crypto::Hash::kSha256, prk, info.view(), size);
    };
    crypto::StreamKeys keys{expand("key", crypto::key_size(aead)), {}};
    expand("nonce", crypto::kNonceSize).with([&](ByteView nonce) { keys.base_nonce = crypto::Nonce::from_view(nonce); });
    return keys;
}

Bytes response_salt(const Transcript& transcript, const ResponseNonce& nonce) { return concat(transcript, nonce); }

void StreamWriter::record(RecordType type, ByteView body) {
    const std::uint8_t head[kRecordHead] = {static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(body.size() >> 16),
                                            static_cast<std::uint8_t>(body.size() >> 8),
                                            static_cast<std::uint8_t>(body.size())};
    chunk_.append(head);
    chunk_.append(body);
}

Result<void> StreamWriter::flush(bool final, Bytes& out) {
    const std::size_t sealed = chunk_.size() + crypto::kTagSize;
    wire::Writer length;
    length.varint(final ? 0 : sealed);
    const std::size_t before = out.size();
    const std::size_t start = before + length.size();
    out.append(length.view());
    out.resize(start + sealed);
    const ByteSpan ciphertext = out.span().subspan(start);
    auto result = chunk_.with([&](ByteView plaintext) {
        return final ? sealer_.seal_final(plaintext, ciphertext) : sealer_.seal(plaintext, ciphertext);
    });
    chunk_.clear();
    if (!result) {
        out.resize(before);
        return result;
    }
    if (watch_) watch_(ciphertext, final);
    return {};
}

Result<void> StreamWriter::data(ByteView bytes, Bytes& out) {
    while (!bytes.empty()) {
        const ByteView part = bytes.first(std::min(bytes.size(), kMaxRecord));
        bytes = bytes.subspan(part.size());
        record(RecordType::kData, part);
        OPENPCC_CHECK(flush(false, out));
    }
    return {};
}

Result<void> StreamWriter::padding(std::size_t size, Bytes& out) {
    if (size > kMaxRecord) return fail(kTooLarge);
    record(RecordType::kPadding, Bytes(size));
    return flush(false, out);
}

Result<void> StreamWriter::end(ByteView last_data, ByteView end_body, Bytes& out) {
    // The last data shares the final chunk when both fit.
    if (last_data.size() + end_body.size() + 2 * kRecordHead > kMaxChunk) {
        OPENPCC_CHECK(data(last_data, out));
        last_data = {};
    }
    if (!last_data.empty()) record(RecordType::kData, last_data);
    if (end_body.size() > kMaxRecord) return fail(kTooLarge);
    record(RecordType::kEnd, end_body);
    return flush(true, out);
}

StreamReader::StreamReader(crypto::Aead aead, const crypto::StreamKeys& keys) : opener_(aead, keys) {}

Result<void> StreamReader::chunk(ByteView ciphertext, bool final, RecordSink& sink) {
    if (failed_) return std::unexpected(*failed_);
    auto result = open(ciphertext, final, sink);
    if (!result) failed_ = result.error();
    return result;
}

Result<void> StreamReader::open(ByteView ciphertext, bool final, RecordSink& sink) {
    if (ciphertext.size() < crypto::kTagSize) return fail(kOpenFailed);
    scratch_.resize(ciphertext.size() - crypto::kTagSize);
    const auto opened = scratch_.fill([&](ByteSpan out) {
        return final ? opener_.open_final(ciphertext, out) : opener_.open(ciphertext, out);
    });
    if (!opened) return fail(kOpenFailed);
    const auto result = scratch_.with([&](ByteView plaintext) { return records(plaintext, final, sink); });
    scratch_.clear();
    return result;
}

// spec seal-6.1 to seal-6.3: whole records; the end record is the last of the final chunk and stands nowhere else.
Result<void> StreamReader::records(ByteView plaintext, bool final, RecordSink& sink) {
    if (plaintext.empty()) return fail(kEmptyChunk);
    wire::Reader in(plaintext);
    while (!in.done()) {
        const auto head = in.take(kRecordHead);
        if (!head) return fail(kBadRecord);
        const auto body = in.take(std::size_t{(*head)[1]} << 16 | std::size_t{(*head)[2]} << 8 | (*head)[3]);
        if (!body) return fail(kBadRecord);
        switch (static_cast<RecordType>((*head)[0])) {
            case RecordType::kPadding:
                if (std::ranges::any_of(*body, [](std::uint8_t byte) { return byte != 0; })) return fail(kBadRecord);
                break;
            case RecordType::kData:
                if (body->empty()) return fail(kBadRecord);
                OPENPCC_CHECK(sink.data(*body));
                break;
            case RecordType::kEnd:
                if (!final || !in.done()) return fail(kBadRecord);
                complete_ = true;
                return sink.end(*body);
            default: return fail(kBadRecord);
        }
    }
    return final ? Result<void>(fail(kBadRecord)) : Result<void>{};
}

}  // namespace openpcc::seal

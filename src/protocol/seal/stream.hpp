// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "core/bytes.hpp"
#include "core/plaintext.hpp"
#include "core/result.hpp"
#include "crypto/chunked_aead.hpp"
#include "crypto/hash.hpp"
#include "protocol/seal/header.hpp"
#include "wire/chunk_cutter.hpp"

// The stream of sealed chunks and the records inside them (docs/protocol/seal.md sections 5 to 7). Both directions use
// it, under keys that only the two ends can derive; without keys none of this opens anything.
namespace openpcc::seal {

// spec seal-6.1: every chunk holds whole records.
enum class RecordType : std::uint8_t { kPadding = 0, kData = 1, kEnd = 2 };

// Outcome of an exchange as the node saw it, in the end record of the answer. (spec seal-6.4)
enum class Outcome : std::uint8_t {
    kComplete = 0,
    kEngineFailed = 1,  // the engine stopped before its answer was whole
    kTimedOut = 2,      // a limit of time or length of the node's cut the answer
};
std::string_view to_string(Outcome outcome);

struct End {
    Outcome outcome = Outcome::kComplete;
    CellMode cell_mode = CellMode::kOff;
    Bytes receipt;  // empty until receipts exist

    Bytes encode() const;
    static Result<End> parse(ByteView body);
};

// RecordSink receives what a stream carries, in order and only when authenticated. The views are wiped after the call.
class RecordSink {
  public:
    virtual ~RecordSink() = default;
    virtual Result<void> data(ByteView bytes) = 0;
    // end comes exactly once, last; its body is empty in a request and an `End` in an answer.
    virtual Result<void> end(ByteView body) = 0;
};

// TranscriptHash digests the request's chunks as they are on the wire. (spec seal-5.4)
class TranscriptHash {
  public:
    explicit TranscriptHash(const HeaderHash& header_hash);
    void chunk(ByteView ciphertext, bool final);
    Transcript finish() &&;

  private:
    crypto::Sha256Stream hash_;
};

// derive_keys makes a direction's stream keys. (spec seal-5.2, seal-5.5)
crypto::StreamKeys derive_keys(crypto::Aead aead, ByteView secret, ByteView salt, std::string_view direction);
Bytes response_salt(const Transcript& transcript, const ResponseNonce& nonce);
inline constexpr std::string_view kResponseExporter = "openpcc seal v1 response";

// StreamWriter seals records into chunks and appends these, with their lengths, to `out`.
class StreamWriter {
  public:
    StreamWriter(crypto::Aead aead, const crypto::StreamKeys& keys) : sealer_(aead, keys) {}
    // Watch is called with each sealed chunk.
    using Watch = std::function<void(ByteView ciphertext, bool final)>;
    void watch(Watch watch) { watch_ = std::move(watch); }

    // data seals one or more chunks with data records; empty input is nothing.
    Result<void> data(ByteView bytes, Bytes& out);
    // padding seals one chunk of `size` zero bytes in a padding record; 0..kMaxChunk - 4.
    Result<void> padding(std::size_t size, Bytes& out);
    // end seals the final chunk: a last piece of data, if any, and the end record.
    Result<void> end(ByteView last_data, ByteView end_body, Bytes& out);

  private:
    Result<void> flush(bool final, Bytes& out);
    void record(RecordType type, ByteView body);
    crypto::ChunkSealer sealer_;
    Watch watch_;
    Plaintext chunk_;
};

// StreamReader opens chunks and hands their records on. After an error it only repeats it.
class StreamReader {
  public:
    StreamReader(crypto::Aead aead, const crypto::StreamKeys& keys);
    Result<void> chunk(ByteView ciphertext, bool final, RecordSink& sink);
    bool complete() const { return complete_ && !failed_; }

  private:
    Result<void> open(ByteView ciphertext, bool final, RecordSink& sink);
    Result<void> records(ByteView plaintext, bool final, RecordSink& sink);
    crypto::ChunkOpener opener_;
    Plaintext scratch_;
    std::optional<Error> failed_;
    bool complete_ = false;
};

inline constexpr std::size_t kMaxSealedChunk = kMaxChunk + crypto::kTagSize;

}  // namespace openpcc::seal

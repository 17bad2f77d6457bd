// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/secret.hpp"
#include "crypto/hpke/hpke.hpp"
#include "protocol/seal/key.hpp"

// What stands before the chunks of a sealed request (docs/protocol/seal.md sections 3 and 4). Client, gateway and node
// share it; none of it can open anything.
namespace openpcc::seal {

inline constexpr std::string_view kRequestType = "application/openpcc-sealed-req";
inline constexpr std::string_view kResponseType = "application/openpcc-sealed-res";

inline constexpr std::size_t kMaxCandidates = 8;
inline constexpr std::size_t kMaxHeader = 16 * 1024;
inline constexpr std::size_t kMaxChunk = 16384;  // plaintext bytes
inline constexpr std::size_t kSecretSize = 32;
inline constexpr std::size_t kResponseNonceSize = 32;

// RequestSecret is shared by all candidates of one request; ResponseSecret is known to one candidate and the client.
using RequestSecret = Secret<kSecretSize, struct RequestSecretTag>;
using ResponseSecret = Secret<kSecretSize, struct ResponseSecretTag>;
using HeaderHash = ByteArray<32, struct HeaderHashTag>;
using EntryHash = ByteArray<32, struct EntryHashTag>;
using Transcript = ByteArray<32, struct TranscriptTag>;
// SnapshotHash is all zero while no log is configured; nodes refuse any other value until then.
using SnapshotHash = ByteArray<32, struct SnapshotHashTag>;
using ResponseNonce = ByteArray<kResponseNonceSize, struct ResponseNonceTag>;

enum class CellMode : std::uint8_t { kOff = 0, kBatched = 1, kStrict = 2 };

// Common is the part of the header that every hop reads. (spec seal-3.1)
struct Common {
    hpke::Suite suite;
    SnapshotHash snapshot;
    CellMode cell_mode = CellMode::kOff;
    std::uint8_t size_class = 0;  // 0: the request is not padded

    void write(wire::Writer& out) const;
    static Result<Common> read(wire::Reader& in);
    // wrap_info is HPKE's info for one candidate. (spec seal-4.1)
    Bytes wrap_info(const StatementName& statement) const;
};

// Entry is the request secret, wrapped for one candidate. (spec seal-3.2)
struct Entry {
    KeyId key_id;
    Bytes enc;
    Bytes wrapped;

    void write(wire::Writer& out) const;
    static Result<Entry> read(wire::Reader& in, const Common& common);
    EntryHash hash() const;
};

// FullHeader is what the client sends to the gateway. (spec seal-3.3)
struct FullHeader {
    Common common;
    std::vector<Entry> entries;  // 1..kMaxCandidates, all key ids different

    Bytes encode() const;
    // size is the length of a header that begins so; wire.truncated asks for more bytes (43 are enough).
    static Result<std::size_t> size(ByteView front);
    // read takes a header from the front of a stream.
    static Result<FullHeader> read(wire::Reader& in);
    HeaderHash hash() const;
    // reduce is what the gateway forwards to candidate `index`: no other candidate's wrap leaves the gateway.
    Bytes reduce(std::size_t index) const;
};

// ReducedHeader is what a node receives. (spec seal-3.4)
struct ReducedHeader {
    Common common;
    std::uint8_t index = 0;
    Entry entry;
    std::vector<EntryHash> others;  // of the other candidates, in their order

    static Result<std::size_t> size(ByteView front);
    static Result<ReducedHeader> read(wire::Reader& in);
    HeaderHash hash() const;
};

// HeaderReader collects a header from the front of a stream that comes in pieces. The first bytes say how long the header
// is, so it parses once and waits for no more than that.
template <class Header>
class HeaderReader {
  public:
    // update returns true once the header is in; `rest()` is then what followed it.
    Result<bool> update(ByteView bytes) {
        held_.append(bytes);
        if (size_ == 0) {
            const auto size = Header::size(held_);
            if (!size && size.error() == wire::kTruncated) return false;
            OPENPCC_CHECK(size);
            size_ = *size;
        }
        if (held_.size() < size_) return false;
        wire::Reader in(held_.view().first(size_));
        OPENPCC_TRY(header_, Header::read(in));
        OPENPCC_CHECK(in.finish());
        return true;
    }
    const Header& header() const { return header_; }
    Header& header() { return header_; }
    ByteView rest() const { return held_.view().subspan(size_); }

  private:
    Bytes held_;
    std::size_t size_ = 0;
    Header header_;
};

}  // namespace openpcc::seal

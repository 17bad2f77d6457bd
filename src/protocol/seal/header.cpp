// SPDX-License-Identifier: Apache-2.0
#include "protocol/seal/header.hpp"

#include <algorithm>

#include "crypto/hash.hpp"
#include "protocol/seal/errors.hpp"

namespace openpcc::seal {

namespace {

constexpr std::uint8_t kVersion = 1;
// The first byte says which of the two headers follows, so that one can never be read as the other.
constexpr std::uint8_t kFullForm = 1;
constexpr std::uint8_t kReducedForm = 2;
constexpr std::size_t kWrappedSize = kSecretSize + crypto::kTagSize;

template <class Hash>
Hash hash_of(ByteView bytes) {
    return Hash::from_view(crypto::sha256(bytes));
}

// spec seal-3.5
HeaderHash header_hash(const Common& common, const std::vector<EntryHash>& hashes) {
    wire::Writer in;
    in.vec8(as_bytes("openpcc seal v1 header"));
    common.write(in);
    in.u8(static_cast<std::uint8_t>(hashes.size()));
    for (const EntryHash& hash : hashes) in.raw(hash);
    return hash_of<HeaderHash>(in.view());
}

Result<std::uint8_t> read_count(wire::Reader& in) {
    OPENPCC_TRY(const std::uint8_t count, in.u8());
    if (count == 0 || count > kMaxCandidates) return fail(kMalformed);
    return count;
}

// Every entry of a KEM is as long as the others (spec seal-3.2).
std::size_t entry_size(const Common& common) {
    return KeyId::kSize + 2 + hpke::enc_size(common.suite.kem) + 2 + kWrappedSize;
}

Result<std::size_t> bounded(std::size_t size) {  // spec seal-1.5
    return size <= kMaxHeader ? Result<std::size_t>(size) : fail(kTooLarge);
}

Result<void> expect_form(wire::Reader& in, std::uint8_t form) {
    OPENPCC_TRY(const std::uint8_t found, in.u8());
    return found == form ? Result<void>{} : Result<void>(fail(kMalformed));
}

}  // namespace

void Common::write(wire::Writer& out) const {
    out.u8(kVersion)
        .u16(static_cast<std::uint16_t>(suite.kem))
        .u16(static_cast<std::uint16_t>(suite.kdf))
        .u16(static_cast<std::uint16_t>(suite.aead))
        .raw(snapshot)
        .u8(static_cast<std::uint8_t>(cell_mode))
        .u8(size_class);
}

Result<Common> Common::read(wire::Reader& in) {
    Common common;
    OPENPCC_TRY(const std::uint8_t version, in.u8());
    if (version != kVersion) return fail(kMalformed);
    OPENPCC_TRY(const std::uint16_t kem, in.u16());
    OPENPCC_TRY(const std::uint16_t kdf, in.u16());
    OPENPCC_TRY(const std::uint16_t aead, in.u16());
    common.suite = {static_cast<hpke::Kem>(kem), static_cast<hpke::Kdf>(kdf), static_cast<hpke::Aead>(aead)};
    // The seal's own hash is SHA-256 throughout, so the suite's must be too.
    if (hpke::enc_size(common.suite.kem) == 0 || common.suite.kdf != hpke::Kdf::kHkdfSha256 ||
        !crypto::is_supported(common.suite.aead))
        return fail(kBadSuite);
    OPENPCC_TRY(common.snapshot, in.array<SnapshotHash>());
    OPENPCC_TRY(const std::uint8_t cell_mode, in.u8());
    if (cell_mode > static_cast<std::uint8_t>(CellMode::kStrict)) return fail(kMalformed);
    common.cell_mode = static_cast<CellMode>(cell_mode);
    OPENPCC_TRY(common.size_class, in.u8());
    return common;
}

Bytes Common::wrap_info(const StatementName& statement) const {
    wire::Writer out;
    out.vec8(as_bytes("openpcc seal v1 wrap"));
    write(out);
    out.raw(statement);
    return std::move(out).take();
}

void Entry::write(wire::Writer& out) const { out.raw(key_id).vec16(enc).vec16(wrapped); }

Result<Entry> Entry::read(wire::Reader& in, const Common& common) {
    Entry entry;
    OPENPCC_TRY(entry.key_id, in.array<KeyId>());
    OPENPCC_TRY(const ByteView enc, in.vec16());
    OPENPCC_TRY(const ByteView wrapped, in.vec16());
    if (enc.size() != hpke::enc_size(common.suite.kem) || wrapped.size() != kWrappedSize) return fail(kMalformed);
    entry.enc = Bytes(enc);
    entry.wrapped = Bytes(wrapped);
    return entry;
}

EntryHash Entry::hash() const {
    wire::Writer out;
    write(out);
    return hash_of<EntryHash>(out.view());
}

Bytes FullHeader::encode() const {
    wire::Writer out;
    out.u8(kFullForm);
    common.write(out);
    out.u8(static_cast<std::uint8_t>(entries.size()));
    for (const Entry& entry : entries) entry.write(out);
    return std::move(out).take();
}

Result<std::size_t> FullHeader::size(ByteView front) {
    wire::Reader in(front);
    OPENPCC_CHECK(expect_form(in, kFullForm));
    OPENPCC_TRY(const Common common, Common::read(in));
    OPENPCC_TRY(const std::uint8_t count, read_count(in));
    return bounded(in.at() + count * entry_size(common));
}

Result<FullHeader> FullHeader::read(wire::Reader& in) {
    FullHeader header;
    OPENPCC_CHECK(expect_form(in, kFullForm));
    OPENPCC_TRY(header.common, Common::read(in));
    OPENPCC_TRY(const std::uint8_t count, read_count(in));
    for (std::uint8_t i = 0; i < count; ++i) {
        OPENPCC_TRY(Entry entry, Entry::read(in, header.common));
        for (const Entry& earlier : header.entries)
            if (earlier.key_id == entry.key_id) return fail(kMalformed);
        header.entries.push_back(std::move(entry));
    }
    return header;
}

HeaderHash FullHeader::hash() const {
    std::vector<EntryHash> hashes;
    for (const Entry& entry : entries) hashes.push_back(entry.hash());
    return header_hash(common, hashes);
}

Bytes FullHeader::reduce(std::size_t index) const {
    wire::Writer out;
    out.u8(kReducedForm);
    common.write(out);
    out.u8(static_cast<std::uint8_t>(entries.size())).u8(static_cast<std::uint8_t>(index));
    entries.at(index).write(out);
    for (std::size_t j = 0; j < entries.size(); ++j)
        if (j != index) out.raw(entries[j].hash());
    return std::move(out).take();
}

Result<std::size_t> ReducedHeader::size(ByteView front) {
    wire::Reader in(front);
    OPENPCC_CHECK(expect_form(in, kReducedForm));
    OPENPCC_TRY(const Common common, Common::read(in));
    OPENPCC_TRY(const std::uint8_t count, read_count(in));
    return bounded(in.at() + 1 + entry_size(common) + (count - std::size_t{1}) * EntryHash::kSize);
}

Result<ReducedHeader> ReducedHeader::read(wire::Reader& in) {
    ReducedHeader header;
    OPENPCC_CHECK(expect_form(in, kReducedForm));
    OPENPCC_TRY(header.common, Common::read(in));
    OPENPCC_TRY(const std::uint8_t count, read_count(in));
    OPENPCC_TRY(header.index, in.u8());
    if (header.index >= count) return fail(kMalformed);
    OPENPCC_TRY(header.entry, Entry::read(in, header.common));
    for (std::uint8_t j = 1; j < count; ++j) {
        OPENPCC_TRY(const EntryHash hash, in.array<EntryHash>());
        header.others.push_back(hash);
    }
    return header;
}

HeaderHash ReducedHeader::hash() const {
    std::vector<EntryHash> hashes = others;
    hashes.insert(hashes.begin() + index, entry.hash());
    return header_hash(common, hashes);
}

}  // namespace openpcc::seal

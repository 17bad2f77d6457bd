// SPDX-License-Identifier: Apache-2.0
// The seal's headers, full and reduced, and key configurations: what was read is written again byte by byte, a reduced
// header has the hash of the full one, nothing is both, and pieces change nothing.
#include "protocol/seal/header.hpp"

#include "core/assert.hpp"

namespace openpcc::seal {
namespace {

Bytes encode(const ReducedHeader& header) {
    wire::Writer out;
    out.u8(2);
    header.common.write(out);
    out.u8(static_cast<std::uint8_t>(header.others.size() + 1)).u8(header.index);
    header.entry.write(out);
    for (const EntryHash& hash : header.others) out.raw(hash);
    return std::move(out).take();
}
Bytes encode(const FullHeader& header) { return header.encode(); }

template <class Header>
void check_pieces(ByteView bytes) {
    HeaderReader<Header> whole;
    const auto at_once = whole.update(bytes);
    HeaderReader<Header> reader;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const auto known = reader.update(bytes.subspan(at, 1));
        if (!known) {
            OPENPCC_ASSERT(!at_once);
            return;
        }
        if (!*known) continue;
        OPENPCC_ASSERT(at_once && *at_once && reader.rest().empty());
        OPENPCC_ASSERT(encode(reader.header()) == encode(whole.header()));
        OPENPCC_ASSERT(equal(whole.rest(), bytes.subspan(at + 1)));
        OPENPCC_ASSERT(at + 1 <= kMaxHeader);
        return;
    }
    OPENPCC_ASSERT(bytes.empty() || (at_once && !*at_once));
}

void check_reduced_of(const FullHeader& full, std::size_t index) {
    const Bytes bytes = full.reduce(index);
    wire::Reader in(bytes);
    const auto reduced = ReducedHeader::read(in);
    OPENPCC_ASSERT(reduced && in.done());
    OPENPCC_ASSERT(reduced->hash() == full.hash());
    OPENPCC_ASSERT(reduced->index == index && reduced->entry.key_id == full.entries[index].key_id);
    // Of the other candidates there is the hash, and nothing else.
    OPENPCC_ASSERT(encode(*reduced) == bytes);
    for (std::size_t j = 0, other = 0; j < full.entries.size(); ++j)
        if (j != index) OPENPCC_ASSERT(reduced->others.at(other++) == full.entries[j].hash());
}

void check(ByteView bytes) {
    wire::Reader full_in(bytes);
    const auto full = FullHeader::read(full_in);
    if (full) {
        OPENPCC_ASSERT(equal(full->encode(), bytes.first(full_in.at())));
        OPENPCC_ASSERT(!full->entries.empty() && full->entries.size() <= kMaxCandidates);
        for (std::size_t i = 0; i < full->entries.size(); ++i) check_reduced_of(*full, i);
    }
    wire::Reader reduced_in(bytes);
    const auto reduced = ReducedHeader::read(reduced_in);
    if (reduced) {
        OPENPCC_ASSERT(!full);
        OPENPCC_ASSERT(equal(encode(*reduced), bytes.first(reduced_in.at())));
        OPENPCC_ASSERT(reduced->index <= reduced->others.size() && reduced->others.size() < kMaxCandidates);
        (void)reduced->hash();
    }
    check_pieces<FullHeader>(bytes);
    check_pieces<ReducedHeader>(bytes);

    wire::Reader config_in(bytes);
    if (const auto config = KeyConfig::read(config_in)) {
        wire::Writer out;
        config->write(out);
        OPENPCC_ASSERT(equal(out.view(), bytes.first(config_in.at())));
        (void)config->id();
    }
}

}  // namespace
}  // namespace openpcc::seal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::seal::check({data, size});
    return 0;
}

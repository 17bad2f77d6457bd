// SPDX-License-Identifier: Apache-2.0
#include "io/device/certificate_table.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "wire/reader.hpp"

namespace openpcc::device {

namespace {

using Guid = ByteArray<16>;
using EntryKind = TableEntry::Kind;

constexpr std::size_t kMaxEntries = 16;

struct Name {
    EntryKind kind;
    Guid guid;  // as its text reads from left to right
};
constexpr Name kNames[] = {
    {EntryKind::kVcek,
     {{0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64, 0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd}}},
    {EntryKind::kVlek,
     {{0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e, 0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8, 0xa1}}},
    {EntryKind::kAsk,
     {{0x4a, 0xb7, 0xb3, 0x79, 0xbb, 0xac, 0x4f, 0xe4, 0xa0, 0x2f, 0x05, 0xae, 0xf3, 0x27, 0xc7, 0x82}}},
    {EntryKind::kArk,
     {{0xc0, 0xb4, 0x06, 0xa4, 0xa8, 0x03, 0x49, 0x52, 0x97, 0x43, 0x3f, 0xb6, 0x01, 0x4c, 0xd0, 0xae}}},
    {EntryKind::kCrl,
     {{0x92, 0xf8, 0x1b, 0xc3, 0x58, 0x11, 0x4d, 0x3d, 0x97, 0xff, 0xd1, 0x9f, 0x88, 0xdc, 0x67, 0xea}}},
};

// Hosts write GUIDs as their text reads, and some as UEFI keeps them in memory.
Guid other_order(const Guid& guid) {
    Guid out = guid;
    std::reverse(out.bytes.begin(), out.bytes.begin() + 4);
    std::reverse(out.bytes.begin() + 4, out.bytes.begin() + 6);
    std::reverse(out.bytes.begin() + 6, out.bytes.begin() + 8);
    return out;
}

EntryKind kind_of(const Guid& guid) {
    for (const Name& name : kNames)
        if (guid == name.guid || other_order(guid) == name.guid) return name.kind;
    return EntryKind::kOther;
}

struct Place {
    Guid guid;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

std::unexpected<Error> bad(std::string text) { return fail(kBadTable, std::move(text)); }

Result<std::vector<Place>> read_places(wire::Reader& in) {
    std::vector<Place> out;
    while (true) {
        const auto guid = in.array<Guid>();
        const auto offset = in.number_le<std::uint32_t>();
        const auto length = in.number_le<std::uint32_t>();
        if (!guid || !offset || !length) return bad("the list of certificates has no end");
        if (*guid == Guid{}) {
            if (*offset != 0 || *length != 0) return bad("the last entry is not all zeros");
            return out;
        }
        if (out.size() == kMaxEntries) return bad("more than 16 certificates");
        out.push_back({*guid, *offset, std::uint64_t{*offset} + *length});
    }
}

Result<void> check_places(std::vector<Place> places, std::size_t list, std::size_t size) {
    std::ranges::sort(places, {}, &Place::begin);
    std::uint64_t free_from = list;
    for (const Place& place : places) {
        if (place.begin == place.end) return bad("an empty certificate");
        if (place.begin < free_from || place.end > size) return bad("a certificate outside its place");
        free_from = place.end;
    }
    return {};
}

}  // namespace

Result<std::vector<TableEntry>> parse_certificate_table(ByteView bytes) {
    std::vector<TableEntry> out;
    if (bytes.empty()) return out;
    wire::Reader in(bytes);
    OPENPCC_TRY(const auto places, read_places(in));
    OPENPCC_CHECK(check_places(places, in.at(), bytes.size()));
    for (const Place& place : places) {
        const EntryKind kind = kind_of(place.guid);
        const bool twice = std::ranges::count(places, place.guid, &Place::guid) > 1 ||
                           (kind != EntryKind::kOther && std::ranges::find(out, kind, &TableEntry::kind) != out.end());
        if (twice) return bad("a certificate twice");
        out.push_back({kind, Bytes(bytes.subspan(place.begin, place.end - place.begin))});
    }
    return out;
}

std::vector<Bytes> chain_of(const std::vector<TableEntry>& table) {
    const auto find = [&](EntryKind kind) {
        const auto entry = std::ranges::find(table, kind, &TableEntry::kind);
        return entry == table.end() ? nullptr : &entry->content;
    };
    const Bytes* vcek = find(EntryKind::kVcek);
    const Bytes* vlek = find(EntryKind::kVlek);
    const Bytes* ask = find(EntryKind::kAsk);
    if (ask == nullptr || (vcek == nullptr) == (vlek == nullptr)) return {};
    return {vcek != nullptr ? *vcek : *vlek, *ask};
}

}  // namespace openpcc::device

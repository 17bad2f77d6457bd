// SPDX-License-Identifier: Apache-2.0
// Logs that tests write themselves. Included by tests alone.
#pragma once

#include <vector>

#include "crypto/hash.hpp"
#include "evidence/eventlog/log.hpp"

namespace openpcc::eventlog {

inline void put_le(Bytes& out, std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) out.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

struct WrittenDigest {
    std::uint16_t bank;
    Bytes digest;
};

struct WrittenEvent {
    std::uint32_t index = 0;
    std::uint32_t type = 0;
    std::vector<WrittenDigest> digests;
    Bytes data;

    // of measures the data in SHA-384, as most types define it.
    static WrittenEvent of(std::uint32_t index, std::uint32_t type, ByteView data) {
        return {index, type, {{0x0c, Bytes(crypto::sha384(data))}}, Bytes(data)};
    }
    static WrittenEvent of(std::uint32_t index, std::uint32_t type, std::string_view text) {
        return of(index, type, as_bytes(text));
    }
    static WrittenEvent separator(std::uint32_t index) { return of(index, kSeparator, ByteArray<4>{}); }
    static WrittenEvent runtime(std::uint32_t index, std::string_view data) {
        Bytes measured;
        put_le(measured, kRuntimeEvent, 4);
        measured.append(as_bytes(":"));
        measured.append(as_bytes(data));
        return {index, kRuntimeEvent, {{0x0c, Bytes(crypto::sha384(measured))}}, to_bytes(data)};
    }
};

inline Bytes written_variable(std::string_view name, ByteView data) {
    Bytes out{0x61, 0xdf, 0xe4, 0x8b, 0xca, 0x93, 0xd2, 0x11, 0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c};
    put_le(out, name.size(), 8);
    put_le(out, data.size(), 8);
    for (char c : name) put_le(out, static_cast<std::uint8_t>(c), 2);
    out.append(data);
    return out;
}

// WrittenLog is a log with one changed field when its members are changed.
struct WrittenLog {
    std::uint32_t header_index = 1;
    std::string signature{"Spec ID Event03\0", 16};
    Bytes version{0, 2, 0, 2};  // minor, major, errata, size of UINTN
    std::vector<std::pair<std::uint16_t, std::uint16_t>> banks = {{0x0c, 48}};
    std::vector<WrittenEvent> events;

    Bytes header() const {
        Bytes data = to_bytes(signature);
        put_le(data, 0, 4);
        data.append(version);
        put_le(data, banks.size(), 4);
        for (const auto& [id, size] : banks) {
            put_le(data, id, 2);
            put_le(data, size, 2);
        }
        data.push_back(0);
        Bytes out;
        put_le(out, header_index, 4);
        put_le(out, kNoAction, 4);
        out.append(ByteArray<20>{});
        put_le(out, data.size(), 4);
        out.append(data);
        return out;
    }
    Bytes bytes() const {
        Bytes out = header();
        for (const WrittenEvent& event : events) {
            put_le(out, event.index, 4);
            put_le(out, event.type, 4);
            put_le(out, event.digests.size(), 4);
            for (const WrittenDigest& digest : event.digests) {
                put_le(out, digest.bank, 2);
                out.append(digest.digest);
            }
            put_le(out, event.data.size(), 4);
            out.append(event.data);
        }
        return out;
    }
};

// good_log is a small boot of a TD with nothing wrong.
inline WrittenLog good_log() {
    WrittenLog out;
    const std::uint8_t on[] = {1};
    out.events = {
        WrittenEvent::of(1, kEfiVariableDriverConfig, written_variable("SecureBoot", on)),
        WrittenEvent::separator(1),
        WrittenEvent::of(2, kEfiAction, "Calling EFI Application from Boot Option"),
        WrittenEvent::separator(2),
        WrittenEvent{2, 0x80000003, {{0x0c, Bytes(48)}}, to_bytes("an image")},
        WrittenEvent{3,
                     kIpl,
                     {{0x0c, Bytes(crypto::sha384(as_bytes("ro quiet")))}},
                     to_bytes(std::string_view("kernel_cmdline: ro quiet\0", 25))},
        WrittenEvent::of(2, kEfiAction, "Exit Boot Services Invocation"),
        WrittenEvent::of(2, kEfiAction, "Exit Boot Services Returned with Success"),
        WrittenEvent::runtime(4, "compose-hash:0123"),
    };
    return out;
}

}  // namespace openpcc::eventlog

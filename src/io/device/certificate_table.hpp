// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "io/device/errors.hpp"

namespace openpcc::device {

// TableEntry is one certificate that the host has put beside SNP reports.
struct TableEntry {
    enum class Kind { kVcek, kVlek, kAsk, kArk, kCrl, kOther };
    Kind kind = Kind::kOther;
    Bytes content;
};

// parse_certificate_table reads the table of the GHCB specification, section 4.1.8.1: entries (GUID, offset, length) up
// to one of zeros, then what they point at. The host may write anything: device.bad_table for more than 16 entries, for
// a kind that stands twice, and for content outside the bytes, inside the list of entries, or shared by two. No bytes
// at all are an empty table.
Result<std::vector<TableEntry>> parse_certificate_table(ByteView bytes);

// chain_of gives what a verifier wants of a table: the VCEK or VLEK, then the ASK (for a VLEK, the ASVK stands there).
// Empty unless both are there, and one of the first alone.
std::vector<Bytes> chain_of(const std::vector<TableEntry>& table);

}  // namespace openpcc::device

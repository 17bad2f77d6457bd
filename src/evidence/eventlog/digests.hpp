// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "evidence/eventlog/log.hpp"

namespace openpcc::eventlog {

// DataMatch says what an event's data is worth once its digest is authenticated.
enum class DataMatch {
    kEqual,        // the digest is of the data: the data is authenticated with it
    kDiffers,      // it should be, and is not: the data says nothing
    kNotDefined,   // the digest is of something else (an image, a table): the data is a hint, whoever wrote it
    kNotExtended,  // EV_NO_ACTION: in no register
};
std::string_view to_string(DataMatch match);

// match_data computes the digest anew where the type of the event defines it by the data: PFP 10.4.1 (separators,
// actions, versions, variables, partition tables), GRUB's command lines (GRUB manual, "Measuring boot components"), and
// runtime events: the digest of (type, little-endian | ":" | data), with data = (event | ":" | payload).
DataMatch match_data(const Log& log, const Event& event, Bank bank);

// Variable is UEFI_VARIABLE_DATA (PFP 10.2.6). It borrows from the event's data.
struct Variable {
    ByteView vendor;  // GUID, 16 bytes as in memory
    ByteView name;    // UTF-16, little-endian, without an end
    ByteView data;
};
// parse_variable: eventlog.malformed unless the lengths are exactly what is there.
Result<Variable> parse_variable(ByteView data);

}  // namespace openpcc::eventlog

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "io/device/errors.hpp"
#include "io/device/files.hpp"

namespace openpcc::device {

// Rtmr is a runtime measurement register of a TD that is left to the running system; 0 and 1 are firmware's.
enum class Rtmr : std::uint8_t { kRtmr2 = 2, kRtmr3 = 3 };

inline constexpr std::size_t kMaxEventLog = 1 << 20;
inline constexpr std::size_t kMaxEventName = 64;
inline constexpr std::size_t kMaxEventPayload = 4096;

// RuntimeLog extends runtime measurement registers (Linux 6.16 and later, the "measurements" folder of tdx_guest) and
// keeps the log that the kernel does not keep. Events are those of dstack: type 0x08000001, data (event | ":" |
// payload), digest SHA-384 of (type, little-endian | ":" | data). All who extend go through the same file, under its
// lock: an event is on disk before its register is extended, and taken back when that fails.
class RuntimeLog {
  public:
    // path is this log's file, in memory that ends with the boot (/run), as the registers do.
    RuntimeLog(Files& files, std::string path) : files_(files), path_(std::move(path)) {}

    // extend: an event's name is 1 to 64 of a-z, 0-9, "-" and "_"; its payload is 4096 bytes at most
    // (device.not_extended otherwise, too). device.none without such registers; device.not_extended when the register
    // is not what it should be afterwards: then somebody extends it beside this log, and no log will replay.
    Result<void> extend(Rtmr rtmr, std::string_view event, ByteView payload);

    // whole gives firmware's log (ACPI CCEL) without its padding, and this log's events behind it: one log in the
    // crypto-agile format, which replays to all registers. Without firmware's log a header stands in its place.
    Result<Bytes> whole();

  private:
    Result<void> extend_locked(Rtmr rtmr, ByteView record, ByteView digest);

    Files& files_;
    std::string path_;
};

// read_ccel gives firmware's log as ACPI keeps it, padding and all; device.none without one.
Result<Bytes> read_ccel(Files& files);

// end_of_log is the size of a crypto-agile log without its padding. device.failed for what is none.
Result<std::size_t> end_of_log(ByteView log);

}  // namespace openpcc::device

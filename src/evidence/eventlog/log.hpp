// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/trust.hpp"
#include "evidence/eventlog/errors.hpp"

// Boot event logs of the crypto-agile format (TCG PC Client Platform Firmware Profile, "PFP" below, section 10; UEFI
// CC_MEASUREMENT logs, called CCEL by ACPI, have the same). All integers are little-endian.
namespace openpcc::eventlog {

inline constexpr std::size_t kMaxLog = 1 << 20;
inline constexpr std::size_t kMaxEvents = 4096;  // real logs have 5 to 200; this bounds memory, whatever a log says
inline constexpr std::uint32_t kRegisters = 24;  // PCR 0 to 23

// Bank is a digest algorithm that registers are kept in, by its code in the TCG registry. SHA-1 has none: banks of it
// are passed over, and never replayed.
enum class Bank : std::uint16_t { kSha256 = 0x000b, kSha384 = 0x000c, kSha512 = 0x000d };

// Types of events, as far as anything here depends on them.
enum EventType : std::uint32_t {
    kNoAction = 0x03,
    kSeparator = 0x04,
    kAction = 0x05,
    kSCrtmVersion = 0x08,
    kIpl = 0x0d,
    kNonhostInfo = 0x11,
    kOmitBootDevices = 0x12,
    kRuntimeEvent = 0x08000001,  // dstack's, and ours: extended by the running system
    kEfiVariableDriverConfig = 0x80000001,
    kEfiVariableBoot = 0x80000002,
    kEfiGpt = 0x80000006,
    kEfiAction = 0x80000007,
    kEfiVariableBoot2 = 0x8000000c,
    kEfiGpt2 = 0x8000000d,
    kEfiVariableAuthority = 0x800000e0,
};

// Event is one record: which register was extended, and where in the log its digests and its data are.
struct Event {
    std::uint32_t index = 0;
    std::uint32_t type = 0;
    std::uint32_t digests_at = 0;
    std::uint32_t data_at = 0;
    std::uint32_t data_size = 0;
};

// Log is one parsed log and owns its bytes. Nothing vouches for it: digests count once they replay to registers that
// somebody signed (judge.hpp), and data only where its event's digest is defined as being of it (digests.hpp).
class Log {
  public:
    // parse: eventlog.too_large beyond the two limits; eventlog.sha1_only for the format of TCG 1.2 and for a log that
    // names no other bank; eventlog.malformed for everything else that is not one log, ended by zeros, by 0xff or by
    // the end of the bytes.
    static Result<Log> parse(ByteView bytes);

    // events leaves out the header event.
    const std::vector<Event>& events() const { return events_; }
    bool has(Bank bank) const;
    // digest of an event of this log in a bank that it has (asserted).
    ByteView digest(const Event& event, Bank bank) const;
    ByteView data(const Event& event) const { return bytes_.view().subspan(event.data_at, event.data_size); }

    struct Verifier;  // in judge.cpp

  private:
    friend class LogReader;
    struct Algorithm {
        std::uint16_t id = 0;
        std::uint16_t size = 0;
    };
    Bytes bytes_;
    std::vector<Algorithm> algorithms_;  // as the header names them
    std::vector<Event> events_;
};

}  // namespace openpcc::eventlog

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "io/device/errors.hpp"
#include "io/device/files.hpp"

namespace openpcc::device {

enum class Kind { kTdx, kSnp };
std::string_view to_string(Kind kind);

using ReportData = ByteArray<64, struct DeviceReportDataTag>;
using Deadline = std::chrono::steady_clock::time_point;

inline constexpr std::size_t kMaxReport = 128 << 10;        // of Linux 7.0; 32 KiB before
inline constexpr std::size_t kMaxCertificates = 128 << 10;  // of SNP's host
inline constexpr std::size_t kSnpReportSize = 1184;

// Evidence is what the machine says under its own key. For TDX the quote may have zeros behind it, as transports append
// them. `auxiliary` comes from the host, and is nothing but a hint: for SNP its certificate table, else empty.
struct Evidence {
    Kind kind = Kind::kTdx;
    Bytes report;
    Bytes auxiliary;
};

// ReportDevice makes evidence over report data. Calls block, for seconds where a quote is made by the host: whoever
// serves others goes through Reports (reports.hpp). One thread at a time, and only the keeper holds one.
class ReportDevice {
  public:
    virtual ~ReportDevice() = default;
    virtual Kind kind() const = 0;
    // report gives evidence that holds the report data, as the device is asked for nothing else (device.bad_report).
    // device.busy: it stayed busy until the deadline, or for all attempts; device.failed with what the kernel said.
    virtual Result<Evidence> report(const ReportData& data, Deadline deadline) = 0;
};

// Options: how to ask.
struct Options {
    // SNP: the VMPL that the report is to name; nothing is the kernel's own choice.
    std::optional<std::uint8_t> privilege_level;
    unsigned attempts = 12;
    std::function<void(Milliseconds)> wait;  // between attempts; nothing: sleep
};

// The two interfaces of Linux. device.none when the machine has it not; the text says why.
Result<std::unique_ptr<ReportDevice>> open_configfs_tsm(Files& files, const Options& options);
Result<std::unique_ptr<ReportDevice>> open_sev_guest(Files& files, const Options& options);
// open_report_device takes the first that is there. `files` must outlive the device.
Result<std::unique_ptr<ReportDevice>> open_report_device(Files& files, const Options& options);
// open_own_device opens this machine's, and keeps its files with it.
Result<std::unique_ptr<ReportDevice>> open_own_device(const Options& options);

// carries says whether a report is of that kind, has a possible size, and holds the report data in its place.
bool carries(Kind kind, ByteView report, const ReportData& data);

}  // namespace openpcc::device

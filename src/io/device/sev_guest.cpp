// SPDX-License-Identifier: Apache-2.0
// /dev/sev-guest: Documentation/virt/coco/sev-guest.rst of the kernel.
#include <sys/ioctl.h>

#include <cstddef>

#include "io/device/attempts.hpp"
#include "io/device/sev_guest_abi.hpp"
#include "wire/reader.hpp"

namespace openpcc::device {

namespace {

using namespace sev_guest;

const std::string kDevice = "/dev/sev-guest";

// AMD 56860, "MSG_REPORT_RSP": status, size of the report, reserved, report.
Result<Bytes> read_response(const Response& response) {
    wire::Reader in(response.data);
    OPENPCC_TRY(const auto status, in.number_le<std::uint32_t>());
    OPENPCC_TRY(const auto size, in.number_le<std::uint32_t>());
    if (status != 0) return fail(kFailed, "the firmware refuses, status " + std::to_string(status));
    if (size != kSnpReportSize) return fail(kBadReport, "a report of another size");
    OPENPCC_CHECK(in.take(24));
    OPENPCC_TRY(const ByteView report, in.take(size));
    return Bytes(report);
}

class SevGuest final : public ReportDevice {
  public:
    SevGuest(Files& files, Options options) : files_(files), options_(std::move(options)) {}

    Kind kind() const override { return Kind::kSnp; }
    Result<Evidence> report(const ReportData& data, Deadline deadline) override {
        return attempt(options_, deadline, [&] { return ask(data); });
    }

  private:
    Result<Evidence> ask(const ReportData& data);
    Result<bool> call(unsigned long request, std::uint64_t address, Response& response);

    Files& files_;
    Options options_;
};

// call says whether there is a response; no means that the host wants more room for its certificates than there is.
Result<bool> SevGuest::call(unsigned long request, std::uint64_t address, Response& response) {
    GuestRequest guest;
    guest.message_version = 1;
    guest.request = address;
    guest.response = reinterpret_cast<std::uint64_t>(&response);
    const auto answer = files_.control(kDevice, request, &guest);
    const auto host_error = static_cast<std::uint32_t>(guest.exit_info2 >> 32);
    if (host_error == kHostBusy) return fail(kBusy, "the host limits requests");
    if (host_error == kHostInvalidLength) return false;
    if (!answer) return refused(kDevice, answer.error());
    if (guest.exit_info2 != 0) return fail(kFailed, "the firmware or the host refuses");
    return true;
}

Result<Evidence> SevGuest::ask(const ReportData& data) {
    alignas(4096) std::array<std::uint8_t, kMaxTable> table{};
    ExtendedRequest request;
    std::ranges::copy(data.bytes, request.report.user_data);
    request.report.vmpl = options_.privilege_level.value_or(0);
    request.certificates = reinterpret_cast<std::uint64_t>(table.data());
    request.certificates_size = kMaxTable;
    Response response;
    OPENPCC_TRY(const bool fits, call(kGetExtendedReport, reinterpret_cast<std::uint64_t>(&request), response));
    Evidence out;
    out.kind = Kind::kSnp;
    if (fits) {
        out.auxiliary = Bytes(ByteView(table));
    } else {
        // Certificates are hints that others publish too: a report without is better than none.
        response = {};
        OPENPCC_TRY(const bool made, call(kGetReport, reinterpret_cast<std::uint64_t>(&request.report), response));
        if (!made) return fail(kFailed, "the host wants room where none is used");
    }
    OPENPCC_TRY(out.report, read_response(response));
    if (!carries(Kind::kSnp, out.report, data)) return fail(kBadReport, "no report over what was asked");
    return out;
}

}  // namespace

Result<std::unique_ptr<ReportDevice>> open_sev_guest(Files& files, const Options& options) {
    const auto devices = files.list("/dev");
    if (!devices || std::ranges::find(*devices, "sev-guest") == devices->end())
        return fail(kNone, kDevice + " is not there");
    return std::make_unique<SevGuest>(files, options);
}

}  // namespace openpcc::device

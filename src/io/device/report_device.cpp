// SPDX-License-Identifier: Apache-2.0
#include "io/device/report_device.hpp"

#include <optional>

namespace openpcc::device {

namespace {

// Where a report holds its report data. TDX: DCAP-A quote header (48), in version 5 a descriptor (6), then 520 bytes of
// the body; SNP: ABI table "ATTESTATION_REPORT", 0x50.
std::optional<std::size_t> place_of_data(Kind kind, ByteView report) {
    if (kind == Kind::kSnp) return report.size() == kSnpReportSize ? std::optional<std::size_t>(0x50) : std::nullopt;
    if (report.size() < 48 + 6 + 584) return std::nullopt;
    const int version = report[0] | report[1] << 8;
    if (version == 4) return 48 + 520;
    return version == 5 ? std::optional<std::size_t>(48 + 6 + 520) : std::nullopt;
}

class OwnDevice final : public ReportDevice {
  public:
    OwnDevice(std::unique_ptr<Files> files, std::unique_ptr<ReportDevice> device)
        : files_(std::move(files)), device_(std::move(device)) {}
    Kind kind() const override { return device_->kind(); }
    Result<Evidence> report(const ReportData& data, Deadline deadline) override {
        return device_->report(data, deadline);
    }

  private:
    std::unique_ptr<Files> files_;  // goes last
    std::unique_ptr<ReportDevice> device_;
};

}  // namespace

std::string_view to_string(Kind kind) { return kind == Kind::kTdx ? "tdx" : "snp"; }

bool carries(Kind kind, ByteView report, const ReportData& data) {
    const auto at = place_of_data(kind, report);
    return at && equal(report.subspan(*at, data.size()), data);
}

Result<std::unique_ptr<ReportDevice>> open_report_device(Files& files, const Options& options) {
    auto first = open_configfs_tsm(files, options);
    if (first || first.error() != kNone) return first;
    auto second = open_sev_guest(files, options);
    if (second || second.error() != kNone) return second;
    return fail(kNone, first.error().text() + "; " + second.error().text());
}

Result<std::unique_ptr<ReportDevice>> open_own_device(const Options& options) {
    auto files = make_root_files("");
    OPENPCC_TRY(auto device, open_report_device(*files, options));
    return std::make_unique<OwnDevice>(std::move(files), std::move(device));
}

}  // namespace openpcc::device

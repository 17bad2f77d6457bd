// SPDX-License-Identifier: Apache-2.0
#include "hops/node/device_attester.hpp"

#include "evidence/snp/anchors.hpp"
#include "evidence/snp/endorses.hpp"
#include "evidence/tdx/quote.hpp"
#include "hops/node/errors.hpp"
#include "io/device/certificate_table.hpp"
#include "io/device/reports.hpp"

namespace openpcc::node {

namespace {

// Quotes are made by the host, in milliseconds to seconds; a client waits no longer.
constexpr std::chrono::seconds kReportTime{10};

class DeviceAttester final : public Attester {
  public:
    DeviceAttester(net::Loop& loop, std::unique_ptr<device::ReportDevice> report_device, Certificates certificates)
        : reports_(loop, std::move(report_device)), certificates_(std::move(certificates)) {}

    statement::TeeType tee() const override {
        return reports_.kind() == device::Kind::kTdx ? statement::TeeType::kTdx : statement::TeeType::kSnp;
    }
    bool simulated() const override { return false; }
    net::Task<Result<Evidence>> evidence(statement::ReportData report_data) override {
        const auto data = device::ReportData::from_view(report_data);
        OPENPCC_CO_TRY(auto made, co_await reports_.report(data, net::after(kReportTime)));
        if (made.kind == device::Kind::kTdx) co_return quote(made);
        Evidence out;
        out.report = std::move(made.report);
        out.certificates = chain_for(out.report, made.auxiliary);
        co_return out;
    }

  private:
    static Result<Evidence> quote(const device::Evidence& made) {
        const auto exact = tdx::without_padding(made.report);
        if (!exact) return fail(device::kBadReport, "no TDX quote");
        return Evidence{Bytes(*exact), {}};
    }
    // A table that breaks its format is none, and so is one whose certificates are not this report's: the host cannot
    // keep a node from proving itself with its own.
    std::vector<Bytes> chain_for(ByteView report, ByteView table) const {
        const auto parsed = device::parse_certificate_table(table);
        auto out = parsed ? device::chain_of(*parsed) : std::vector<Bytes>();
        return snp::endorses(out, report, certificates_.arks) ? out : certificates_.own;
    }

    device::Reports reports_;
    Certificates certificates_;
};

}  // namespace

std::unique_ptr<Attester> make_device_attester(net::Loop& loop, std::unique_ptr<device::ReportDevice> report_device,
                                               Certificates certificates) {
    return std::make_unique<DeviceAttester>(loop, std::move(report_device), std::move(certificates));
}

Result<std::unique_ptr<Attester>> open_device_attester(net::Loop& loop, std::vector<Bytes> own_certificates) {
    auto opened = device::open_own_device({});
    if (!opened) return fail(kNoHardware, opened.error().text());
    return make_device_attester(loop, std::move(*opened), Certificates{std::move(own_certificates), snp::amd_roots()});
}

}  // namespace openpcc::node

// SPDX-License-Identifier: Apache-2.0
#include "hops/node/simulated_attester.hpp"

#include <fstream>

#include "crypto/hash.hpp"
#include "evidence/simulated/platform.hpp"
#include "hops/node/errors.hpp"

namespace openpcc::node {

namespace {

class SimulatedTdx final : public Attester {
  public:
    SimulatedTdx(simulated::Platform platform, const policy::TdxMeasurement& measurement)
        : platform_(std::move(platform)), measurement_(measurement) {}

    statement::TeeType tee() const override { return statement::TeeType::kTdx; }
    bool simulated() const override { return true; }
    net::Task<Result<Evidence>> evidence(statement::ReportData report_data) override {
        tdx::TdReport report = simulated::Platform::report(report_data);
        report.mrtd = tdx::Measurement::from_view(measurement_.mrtd);
        for (std::size_t i = 0; i < 4; ++i) report.rtmr[i] = tdx::Measurement::from_view(measurement_.rtmr[i]);
        Evidence out;  // a TDX quote carries its certificates
        OPENPCC_CO_TRY(out.report, platform_.quote(report));
        co_return out;
    }

  private:
    simulated::Platform platform_;
    policy::TdxMeasurement measurement_;
};

}  // namespace

Result<policy::TdxMeasurement> simulated_measurement(const std::string& release, const std::string& program) {
    std::ifstream file(program, std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)), {});
    if (!file || content.empty()) return fail(kNoHardware, program + ": cannot be read, so it cannot be measured");
    policy::TdxMeasurement measurement;
    measurement.release = release;
    measurement.mrtd = crypto::sha384(as_bytes(content));
    // TDX extends a register with SHA-384(register | digest).
    const Bytes extended = concat(ByteArray<48>{}, crypto::sha384(as_bytes("openpcc role node")));
    measurement.rtmr[3] = crypto::sha384(extended);
    return measurement;
}

Result<std::unique_ptr<Attester>> make_simulated_attester(const simulated::RootAuthority& root,
                                                          const policy::TdxMeasurement& measurement, Random& random,
                                                          TimePoint now) {
    OPENPCC_TRY(auto platform, simulated::Platform::from_root(root, random, now));
    return std::make_unique<SimulatedTdx>(std::move(platform), measurement);
}

}  // namespace openpcc::node

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "core/secret.hpp"
#include "core/text.hpp"
#include "trust/verify/judge.hpp"

namespace openpcc::verify {

namespace {

bool is_zero(ByteView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

// Measured is one register or setting: what the policy wants and what the hardware signed.
struct Measured {
    std::string_view check;
    ByteView wanted;
    ByteView found;
    bool fits() const { return equal(wanted, found); }
};

std::array<Measured, 5> measured(const policy::TdxMeasurement& measurement, const tdx::TdReport& report) {
    return {{{"policy.measurement.mrtd", measurement.mrtd, report.mrtd},
             {"policy.measurement.rtmr0", measurement.rtmr[0], report.rtmr[0]},
             {"policy.measurement.rtmr1", measurement.rtmr[1], report.rtmr[1]},
             {"policy.measurement.rtmr2", measurement.rtmr[2], report.rtmr[2]},
             {"policy.measurement.rtmr3", measurement.rtmr[3], report.rtmr[3]}}};
}

std::array<Measured, 4> measured(const policy::SnpMeasurement& measurement, const snp::Report& report) {
    return {{{"policy.measurement.launch", measurement.measurement, report.measurement},
             {"policy.measurement.host_data", measurement.host_data, report.host_data},
             {"policy.measurement.id_key", measurement.id_key_digest, report.id_key_digest},
             {"policy.measurement.author_key", measurement.author_key_digest, report.author_key_digest}}};
}

// fitting counts what is right; GUEST_SVN is a number, and counts too.
std::ptrdiff_t fitting(const policy::TdxMeasurement& measurement, const tdx::TdReport& report) {
    return std::ranges::count_if(measured(measurement, report), &Measured::fits);
}
std::ptrdiff_t fitting(const policy::SnpMeasurement& measurement, const snp::Report& report) {
    return std::ranges::count_if(measured(measurement, report), &Measured::fits) +
           (measurement.guest_svn == report.guest_svn ? 1 : 0);
}

// Of the measurements that belong to the statement's release, the one with most registers right is compared; all its
// checks pass only when one measurement fits as a whole. No measurement: nothing is acceptable.
template <class Measurement, class Report>
const Measurement* closest(const std::vector<Measurement>& list, const std::string& release, const Report& report) {
    const Measurement* best = nullptr;
    std::ptrdiff_t most = -1;
    for (const Measurement& candidate : list) {
        if (candidate.release != release) continue;
        const auto right = fitting(candidate, report);
        if (right > most) {
            best = &candidate;
            most = right;
        }
    }
    return best;
}

}  // namespace

void Judge::release(bool named, std::size_t measurements) {
    const std::string& release = bundle.statement.core.release;
    list.require("statement.release", named,
                 named ? release : "one of the " + std::to_string(measurements) + " that the policy names", release);
}

void Judge::measurement() {
    if (const tdx::TdReport* report = attested.td_report()) return tdx_measurement(*report);
    if (const snp::Report* report = attested.snp_report()) return snp_measurement(*report);
}

void Judge::tdx_measurement(const tdx::TdReport& report) {
    const auto* best = closest(policy.tdx_measurements, bundle.statement.core.release, report);
    release(best != nullptr, policy.tdx_measurements.size());
    if (best != nullptr)
        for (const Measured& one : measured(*best, report))
            list.require(one.check, one.fits(), to_hex(one.wanted), to_hex(one.found));
    const bool zero = is_zero(report.mr_config_id) && is_zero(report.mr_owner) && is_zero(report.mr_owner_config);
    list.require("policy.host_registers", zero, zero ? "zero" : "not zero");
}

void Judge::snp_measurement(const snp::Report& report) {
    const auto* best = closest(policy.snp_measurements, bundle.statement.core.release, report);
    release(best != nullptr, policy.snp_measurements.size());
    if (best == nullptr) return;
    for (const Measured& one : measured(*best, report))
        list.require(one.check, one.fits(), to_hex(one.wanted), to_hex(one.found));
    list.require("policy.measurement.guest_svn", report.guest_svn == best->guest_svn, std::to_string(best->guest_svn),
                 std::to_string(report.guest_svn));
}

}  // namespace openpcc::verify

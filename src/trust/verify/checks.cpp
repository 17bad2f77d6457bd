// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/checks.hpp"

#include "evidence/tdx/verify.hpp"
#include "trust/verify/verify.hpp"

namespace openpcc::verify {

namespace {

constexpr CheckSpec kBundle[] = {
    {"bundle.parse", "statement-5", "one canonical bundle of at most 1 MiB"},
    {"bundle.tee", "statement-5.4", "tdx"},
    {"bundle.certificates", "statement-5.5", "none: a TDX quote carries its chain"},
};

constexpr CheckSpec kStatement[] = {
    {"binding.report_data", "statement-4.1", "report data is the hash of this statement"},
    {"binding.devices", "statement-3.2", "digest of the device evidence in the bundle"},
    {"devices.evidence", "statement-6.3", "every device's evidence verified"},
    {"statement.role", "statement-6.4", "node"},
    {"statement.validity", "statement-6.5", "in force now"},
    {"statement.lifetime", "statement-6.6", "at most 4200 s"},
    {"statement.release", "statement-6.7", "a release that the policy names"},
    {"freshness.challenge", "statement-6.8", "the challenge that was sent, and recently"},
    {"policy.measurement.mrtd", "statement-6.9", "as the policy says"},
    {"policy.measurement.rtmr0", "statement-6.9", "as the policy says"},
    {"policy.measurement.rtmr1", "statement-6.9", "as the policy says"},
    {"policy.measurement.rtmr2", "statement-6.9", "as the policy says"},
    {"policy.measurement.rtmr3", "statement-6.9", "as the policy says"},
    {"policy.host_registers", "statement-6.10", "MRCONFIGID, MROWNER and MROWNERCONFIG zero"},
    {"policy.model", "statement-6.11", "a model that the policy names"},
    {"policy.engine_profile", "statement-6.11", "an engine profile that the policy names"},
    {"policy.pq", "statement-6.12", "a post-quantum key where the policy demands one"},
    {"policy.simulated", "statement-6.13", "genuine hardware, or the development policy"},
    {"root.trust", "statement-6.14", "a pinned root of the vendor"},
};

}  // namespace

std::span<const CheckSpec> bundle_checks() { return kBundle; }
std::span<const CheckSpec> statement_checks() { return kStatement; }

std::vector<CheckSpec> checks() {
    std::vector<CheckSpec> out;
    for (const auto table : {bundle_checks(), tdx::checks(), statement_checks()})
        out.insert(out.end(), table.begin(), table.end());
    return out;
}

}  // namespace openpcc::verify

// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/checks.hpp"

#include "trust/verify/attested.hpp"
#include "trust/verify/verify.hpp"

namespace openpcc::verify {

namespace {

using statement::TeeType;

constexpr std::string_view kAsThePolicySays = "as the policy says";

constexpr CheckSpec kBinding[] = {
    {"binding.report_data", "statement-4.1", "report data is the hash of this statement"},
    {"binding.devices", "statement-3.2", "digest of the device evidence in the bundle"},
    {"devices.evidence", "statement-6.3", "every device's evidence verified"},
    {"statement.role", "statement-6.4", "node"},
    {"statement.validity", "statement-6.5", "in force now"},
    {"statement.lifetime", "statement-6.6", "at most 4200 s"},
    {"statement.release", "statement-6.7", "a release that the policy names"},
    {"freshness.challenge", "statement-6.8", "the challenge that was sent, and recently"},
};

constexpr CheckSpec kTdxMeasurement[] = {
    {"policy.measurement.mrtd", "statement-6.9", kAsThePolicySays},
    {"policy.measurement.rtmr0", "statement-6.9", kAsThePolicySays},
    {"policy.measurement.rtmr1", "statement-6.9", kAsThePolicySays},
    {"policy.measurement.rtmr2", "statement-6.9", kAsThePolicySays},
    {"policy.measurement.rtmr3", "statement-6.9", kAsThePolicySays},
    {"policy.host_registers", "statement-6.10", "MRCONFIGID, MROWNER and MROWNERCONFIG zero"},
};

constexpr CheckSpec kSnpMeasurement[] = {
    {"policy.measurement.launch", "statement-6.9", kAsThePolicySays},
    {"policy.measurement.host_data", "statement-6.9", kAsThePolicySays},
    {"policy.measurement.id_key", "statement-6.9", kAsThePolicySays},
    {"policy.measurement.author_key", "statement-6.9", kAsThePolicySays},
    {"policy.measurement.guest_svn", "statement-6.9", kAsThePolicySays},
};

constexpr CheckSpec kPolicy[] = {
    {"policy.expiry", "statement-6.17", "a policy that is in force"},
    {"policy.revoked_release", "statement-6.18", "not a release that the policy revokes"},
    {"policy.model", "statement-6.11", "a model that the policy names"},
    {"policy.engine_profile", "statement-6.11", "an engine profile that the policy names"},
    {"policy.isolation", "statement-6.19", "an isolation class that the policy names"},
    {"policy.pq", "statement-6.12", "a post-quantum key where the policy demands one"},
    {"policy.hardware", "statement-6.20", "a machine that the policy names"},
    {"policy.platform_unique", "statement-6.21", "no other node's machine"},
    {"policy.roots", "statement-6.22", "as many vendors' roots as the policy demands"},
    {"policy.simulated", "statement-6.13", "genuine hardware, or the development policy"},
    {"root.trust", "statement-6.14", "a pinned root of the vendor"},
};

}  // namespace

std::vector<CheckSpec> bundle_checks(TeeType tee) {
    const bool tdx = tee == TeeType::kTdx;
    return {{"bundle.parse", "statement-5", "one canonical bundle of at most 1 MiB"},
            {"bundle.tee", "statement-5.4", "a kind of CPU evidence that the policy accepts"},
            {"bundle.certificates", "statement-5.5",
             tdx ? "none: a TDX quote carries its chain" : "two: VCEK or VLEK, and its issuer"}};
}

std::vector<CheckSpec> statement_checks(TeeType tee) {
    std::vector<CheckSpec> out(std::begin(kBinding), std::end(kBinding));
    if (tee == TeeType::kTdx)
        out.insert(out.end(), std::begin(kTdxMeasurement), std::end(kTdxMeasurement));
    else
        out.insert(out.end(), std::begin(kSnpMeasurement), std::end(kSnpMeasurement));
    out.insert(out.end(), std::begin(kPolicy), std::end(kPolicy));
    return out;
}

std::vector<CheckSpec> checks(TeeType tee) {
    std::vector<CheckSpec> out = bundle_checks(tee);
    const auto cpu = cpu_checks(tee);
    const auto rest = statement_checks(tee);
    out.insert(out.end(), cpu.begin(), cpu.end());
    out.insert(out.end(), rest.begin(), rest.end());
    return out;
}

}  // namespace openpcc::verify

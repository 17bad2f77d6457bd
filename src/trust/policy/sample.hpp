// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/text.hpp"
#include "trust/policy/policy.hpp"
#include "wire/json.hpp"

// For tests: a policy that has an entry in every list and an object wherever there may be one.
namespace openpcc::policy {

inline TimePoint sample_time() { return parse_rfc3339("2026-11-25T07:00:00Z").value(); }

inline TdxMeasurement sample_tdx_measurement() {
    TdxMeasurement out;
    out.release = "demo-1.0.0";
    out.mrtd.bytes[0] = 1;
    for (std::size_t i = 0; i < 4; ++i) out.rtmr[i].bytes[0] = static_cast<std::uint8_t>(i + 2);
    return out;
}

inline SnpMeasurement sample_snp_measurement() {
    SnpMeasurement out;
    out.release = "demo-1.0.0";
    out.measurement.bytes[0] = 6;
    out.host_data.bytes[0] = 7;
    out.id_key_digest.bytes[0] = 8;
    out.author_key_digest.bytes[0] = 9;
    out.guest_svn = 10;
    return out;
}

inline Policy sample_policy(Preset preset = Preset::kStandard) {
    Policy out = Policy::of(preset, sample_time());
    out.tdx->accepted_advisories = {"INTEL-SA-01103"};
    out.tdx->denied_advisories = {"INTEL-SA-01397"};
    out.tdx->service_tds = {ByteArray<48>{{0x5d}}};
    out.snp->provisional_tcb = true;
    out.snp->vlek_providers = {"example-cloud"};
    out.tdx_measurements = {sample_tdx_measurement()};
    out.snp_measurements = {sample_snp_measurement()};
    out.revoked_releases = {"demo-0.9.0"};
    out.models = {Digest256{{0xa1}}};
    out.engine_profiles = {Digest256{{0xb1}}, Digest256{{0xb2}}};
    out.hardware = {Hardware::Rule::kListed, {Digest256{{0xc1}}}};
    const TimePoint until = sample_time() + std::chrono::days(30);
    out.exceptions = {{"tdx.tcb", Digest256{{0xc1}}, "new boards arrive in December", "INTEL-SA-01313", until},
                      {"snp.tcb.reported", "demo-1.0.0", "firmware of the vendor is late", "AMD-SB-3027", until}};
    out.require_pq = false;
    return out;
}

inline json::Value sample_json(const Policy& policy = sample_policy()) {
    return json::parse(as_bytes(policy.to_json())).value();
}

}  // namespace openpcc::policy

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

// What evidence is good enough. First cut: the fields that First Light judges by; the signed file of
// docs/architecture.md section 6 grows from it.
namespace openpcc::policy {

inline constexpr ErrorCode kBadPolicy{"policy.bad_policy", Category::kBadInput};

enum class Preset { kStrict, kDevelopment };

// Measurement is what a TDX guest must have been started from: MRTD and RTMR0..3, 48 bytes each. An absent register in
// the file is not "any": all five are required.
struct TdxMeasurement {
    std::string release;  // the release id that it belongs to
    ByteArray<48> mrtd;
    ByteArray<48> rtmr[4];
    friend bool operator==(const TdxMeasurement&, const TdxMeasurement&) = default;

    // The file form is the same object that stands in a policy: {"release", "mrtd", "rtmr0" .. "rtmr3"}, hex.
    static Result<TdxMeasurement> parse(ByteView json);
    std::string to_json() const;
};

struct Policy {
    Preset preset = Preset::kStrict;
    std::vector<TdxMeasurement> measurements;  // empty: nothing is acceptable
    std::vector<Digest256> models;             // empty: nothing is acceptable
    std::vector<Digest256> engine_profiles;    // empty: nothing is acceptable
    Seconds max_evidence_age{300};             // since the challenge was sent
    std::uint32_t candidates = 2;              // k
    bool require_pq = false;

    // of is a preset with empty lists, which accepts nothing until the caller says what. kDevelopment is the only one
    // that lets simulated hardware and evidence without freshness pass; kStrict demands a post-quantum key wherever
    // this build can use one.
    static Policy of(Preset preset);
    // parse reads the strict JSON form; an unknown or missing member, or one of a wrong form, is policy.bad_policy with
    // its name; text that is not strict JSON (a repeated member counts) is policy.bad_policy too.
    static Result<Policy> parse(ByteView json);
    std::string to_json() const;
};

std::string_view to_string(Preset preset);

}  // namespace openpcc::policy

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace openpcc::policy {

inline constexpr ErrorCode kBadPolicy{"policy.bad_policy", Category::kBadInput};

// TdxMeasurement is what a TDX guest must have been started from: MRTD and RTMR0..3, 48 bytes each. There is no "any":
// all five are required.
struct TdxMeasurement {
    std::string release;  // the release id that it belongs to
    ByteArray<48> mrtd;
    ByteArray<48> rtmr[4];
    friend bool operator==(const TdxMeasurement&, const TdxMeasurement&) = default;

    // The file form is the same object that stands in a policy: {"tee":"tdx", "release", "mrtd", "rtmr0" .. "rtmr3"}.
    static Result<TdxMeasurement> parse(ByteView json);
    std::string to_json() const;
};

// SnpMeasurement is what an SEV-SNP guest must have been started from, and by whom. What is not used must be zero: a
// host that sets it anyway does not get by.
struct SnpMeasurement {
    std::string release;
    ByteArray<48> measurement;  // launch digest
    ByteArray<32> host_data;
    ByteArray<48> id_key_digest;      // zero: no ID block
    ByteArray<48> author_key_digest;  // zero: no author key
    std::uint32_t guest_svn = 0;      // exactly
    friend bool operator==(const SnpMeasurement&, const SnpMeasurement&) = default;

    // {"tee":"snp", "release", "measurement", "host_data", "id_key_digest", "author_key_digest", "guest_svn"}
    static Result<SnpMeasurement> parse(ByteView json);
    std::string to_json() const;
};

using Measurement = std::variant<TdxMeasurement, SnpMeasurement>;

// parse_measurement reads a file of either form, by its member `tee`.
Result<Measurement> parse_measurement(ByteView json);

}  // namespace openpcc::policy

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "evidence/rules/rules.hpp"

// What a policy can decide about a TDX platform. A value of Rules without more accepts nothing.
namespace openpcc::tdx {

// TcbStatus as Intel writes it (PCS API v4, TCB info; the two of relaunch come from the comparison of TD 1.5 bodies).
enum class TcbStatus : std::uint8_t {
    kUpToDate,
    kSwHardeningNeeded,
    kConfigurationNeeded,
    kConfigurationAndSwHardeningNeeded,
    kOutOfDate,
    kOutOfDateConfigurationNeeded,
    kTdRelaunchAdvised,
    kTdRelaunchAdvisedConfigurationNeeded,
    kRevoked,
};

// AttributeBit is a bit of TDATTRIBUTES that a policy may decide about (TDX-ABI). The debug group (bits 0 to 7) and
// unknown bits are never a matter of policy: they fail.
struct AttributeBit {
    std::string_view name;  // in policies; the check is "tdx.attributes.NAME"
    unsigned bit;
};
inline constexpr std::array<AttributeBit, 8> kAttributeBits{{
    {"icssd", 16},
    {"lass", 27},
    {"sept_ve_disable", 28},
    {"migratable", 29},
    {"pks", 30},
    {"kl", 31},
    {"tpa", 62},
    {"perfmon", 63},
}};

// XfamBit is a CPU state component that a guest may use (TDX-ABI XFAM; Intel SDM volume 1 chapter 13).
struct XfamBit {
    std::string_view name;
    unsigned bit;
};
inline constexpr std::array<XfamBit, 14> kXfamBits{{
    {"x87", 0},
    {"sse", 1},
    {"avx", 2},
    {"avx512_opmask", 5},
    {"avx512_zmm_hi256", 6},
    {"avx512_hi16_zmm", 7},
    {"pt", 8},
    {"pkru", 9},
    {"cet_u", 11},
    {"cet_s", 12},
    {"uintr", 14},
    {"lbr", 15},
    {"amx_config", 17},
    {"amx_data", 18},
}};

// ModuleFloor is the lowest security version of a TDX module; a major version without a floor is refused.
struct ModuleFloor {
    std::uint8_t major = 0;  // TEE_TCB_SVN[1]
    std::uint8_t least = 0;  // TEE_TCB_SVN[0]
    friend bool operator==(const ModuleFloor&, const ModuleFloor&) = default;
};

struct Rules {
    // Floors of tcbEvaluationDataNumber: Intel raises TCB info and QE identity apart from each other.
    std::uint32_t least_tcb_evaluation = ~0U;  // of TCB info
    std::uint32_t least_qe_evaluation = ~0U;   // of the QE identity
    std::vector<ModuleFloor> modules;
    // Green: UpToDate. Amber, a note: a status named here. For SWHardeningNeeded, ConfigurationNeeded and both together
    // every advisory must be in `accepted_advisories`; for OutOfDate and TDRelaunchAdvised, and their
    // ConfigurationNeeded forms, the node has until `grace` after the date of the lowest level that is UpToDate. Red:
    // everything else, and any advisory in `denied_advisories`. Revoked is never amber.
    std::vector<TcbStatus> amber;
    std::vector<std::string> accepted_advisories;  // "INTEL-SA-00960"
    std::vector<std::string> denied_advisories;
    Seconds grace{0};
    evidence::CollateralAge collateral_age;
    std::array<evidence::Must, kAttributeBits.size()> attributes{};  // in the order of kAttributeBits
    std::array<evidence::Must, kXfamBits.size()> xfam{};             // in the order of kXfamBits
    std::vector<ByteArray<48>> service_tds;  // MRSERVICETD that may be bound; zero (none) is always good
    friend bool operator==(const Rules&, const Rules&) = default;
};

std::string_view to_string(TcbStatus status);

}  // namespace openpcc::tdx

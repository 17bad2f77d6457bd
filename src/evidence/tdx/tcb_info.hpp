// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/trust.hpp"
#include "evidence/tdx/fields.hpp"
#include "evidence/tdx/quote.hpp"

namespace openpcc::tdx {

using Fmspc = ByteArray<6>;  // a family of platforms

// ModuleSigner is what the TDX module of a quote must show (TCB info, tdxModule and tdxModuleIdentities).
struct ModuleSigner {
    Measurement mr_signer;
    ByteArray<8> attributes;
    ByteArray<8> attributes_mask;
    friend bool operator==(const ModuleSigner&, const ModuleSigner&) = default;
};

// TcbInfo is Intel's judgement of one platform family (PCS API v4, TDX TCB info version 3).
struct TcbInfo {
    struct Level {
        std::array<std::uint8_t, 16> sgx{};  // least component SVNs of the PCK certificate
        std::uint16_t pce_svn = 0;
        std::array<std::uint8_t, 16> tdx{};  // least TEE_TCB_SVN
        Grade grade;
        friend bool operator==(const Level&, const Level&) = default;
    };
    struct Module {
        std::uint8_t major = 0;  // "TDX_03" is 3
        ModuleSigner signer;
        std::vector<SvnLevel> levels;
        friend bool operator==(const Module&, const Module&) = default;
    };

    TimePoint issued;
    TimePoint until;
    Fmspc fmspc;
    ByteArray<2> pce_id;
    std::uint32_t evaluation = 0;
    ModuleSigner module;          // of modules with major version 0
    std::vector<Module> modules;  // of the others
    std::vector<Level> levels;    // in the order in which they are signed

    // parse reads the value of member tcbInfo: tdx.bad_collateral unless it is TDX TCB info of version 3 with 16
    // components of each kind in every level, and nothing unknown.
    static Result<Unverified<TcbInfo>> parse(ByteView value);
    // module_of is the identity of modules with that major version, or nullptr.
    const Module* module_of(std::uint8_t major) const;
    friend bool operator==(const TcbInfo&, const TcbInfo&) = default;
};

// claimed_fmspc is the family that a text names itself to be of, whatever else is wrong with it.
std::optional<Fmspc> claimed_fmspc(ByteView value);

// QeIdentity is Intel's TD quoting enclave (PCS API v4, enclave identity version 2).
struct QeIdentity {
    TimePoint issued;
    TimePoint until;
    std::uint32_t evaluation = 0;
    ByteArray<4> misc_select;  // as in the report: little-endian
    ByteArray<4> misc_select_mask;
    ByteArray<16> attributes;
    ByteArray<16> attributes_mask;
    ByteArray<32> mr_signer;
    std::uint16_t isv_prod_id = 0;
    std::vector<SvnLevel> levels;

    // parse reads the value of member enclaveIdentity: tdx.bad_collateral unless it is of the TD_QE, version 2.
    static Result<Unverified<QeIdentity>> parse(ByteView value);
    friend bool operator==(const QeIdentity&, const QeIdentity&) = default;
};

}  // namespace openpcc::tdx

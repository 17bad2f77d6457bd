// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "crypto/x509/x509.hpp"
#include "evidence/tdx/errors.hpp"

namespace openpcc::tdx {

inline constexpr std::string_view kPckExtensionOid = "1.2.840.113741.1.13.1";
inline constexpr std::string_view kPckCommonName = "Intel SGX PCK Certificate";
inline constexpr std::string_view kPlatformCaName = "Intel SGX PCK Platform CA";
inline constexpr std::string_view kProcessorCaName = "Intel SGX PCK Processor CA";

// PckPlatform is what a PCK certificate says of its platform (Intel SGX PCK Certificate and CRL Profile,
// section 1.3.5). Security versions come from here, never from a quote. PPID and platform instance id name one machine:
// they are for comparing, not for logs.
struct PckPlatform {
    ByteArray<16> ppid;
    std::array<std::uint8_t, 16> component_svn{};
    std::uint16_t pce_svn = 0;
    ByteArray<16> cpu_svn;
    ByteArray<2> pce_id;
    ByteArray<6> fmspc;
    std::uint8_t sgx_type = 0;  // 0 standard, 1 scalable, 2 scalable with integrity
    std::optional<ByteArray<16>> platform_instance_id;
    struct Configuration {
        std::optional<bool> dynamic_platform;
        std::optional<bool> cached_keys;
        std::optional<bool> smt_enabled;
    };
    std::optional<Configuration> configuration;
};

// parse_pck_extension reads the content of that extension: every member exactly once, every number in range, nothing
// unknown (tdx.bad_pck).
Result<PckPlatform> parse_pck_extension(ByteView content);

// parse_pck_chain reads the PEM of a quote: exactly leaf, CA and root. Only the writing of PEM that Intel uses is
// accepted, because the quote's signature does not cover these bytes and evidence shall have one form.
Result<std::vector<x509::Certificate>> parse_pck_chain(ByteView pem);

// cut_pck_chain gives the text of the first certificate and the rest; parse_pck_pem reads one certificate, as strictly.
// Together they are for a chain of which a part is known already.
struct PckChainText {
    std::string_view first;
    std::string_view rest;
};
PckChainText cut_pck_chain(ByteView pem);
Result<x509::Certificate> parse_pck_pem(std::string_view pem);

// to_pem writes one certificate in that form.
std::string to_pem(const x509::Certificate& certificate);

}  // namespace openpcc::tdx

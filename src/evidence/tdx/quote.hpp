// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/trust.hpp"
#include "evidence/tdx/errors.hpp"

// Intel TDX quotes, versions 4 and 5 (Intel TDX DCAP Quoting Library API, appendix "Quote formats"; "DCAP-A" below).
// Integers of the format are little-endian; names follow Intel's.
namespace openpcc::tdx {

inline constexpr std::size_t kMaxQuote = 16 << 10;
inline constexpr std::uint32_t kTeeTdx = 0x81;
inline constexpr std::uint16_t kKeyEcdsaP256 = 2;
inline constexpr std::uint16_t kCertPemChain = 5;
inline constexpr std::uint16_t kCertQeReport = 6;
inline constexpr ByteArray<16> kIntelQeVendor{
    {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07}};

using Measurement = ByteArray<48, struct MeasurementTag>;  // a SHA-384 value of TDX
using ReportData = ByteArray<64, struct TdxReportDataTag>;
using RawSignature = ByteArray<64, struct RawSignatureTag>;  // r | s, big-endian
using RawPoint = ByteArray<64, struct RawPointTag>;          // x | y, big-endian

// Header, 48 bytes.
struct Header {
    std::uint16_t version = 4;
    std::uint16_t key_type = kKeyEcdsaP256;
    std::uint32_t tee_type = kTeeTdx;
    ByteArray<4> reserved;
    ByteArray<16> qe_vendor_id = kIntelQeVendor;
    ByteArray<20> user_data;  // the first 16 bytes are the QE's id
};

// BodyType by its code in the descriptor of version 5; version 4 has TD 1.0 bodies only.
enum class BodyType : std::uint16_t { kTd10 = 2, kTd15 = 3 };
inline constexpr std::size_t kTd10Size = 584;
inline constexpr std::size_t kTd15Size = 648;

// TdReport is the body: what the TDX module measured of the guest.
struct TdReport {
    ByteArray<16> tee_tcb_svn;
    Measurement mr_seam;
    Measurement mr_signer_seam;
    std::uint64_t seam_attributes = 0;
    std::uint64_t td_attributes = 0;
    std::uint64_t xfam = 0;
    Measurement mrtd;
    Measurement mr_config_id;
    Measurement mr_owner;
    Measurement mr_owner_config;
    Measurement rtmr[4];
    ReportData report_data;
    // TD 1.5 only.
    ByteArray<16> tee_tcb_svn2;
    Measurement mr_service_td;
};

// QeReport is the SGX report of the quoting enclave, 384 bytes.
inline constexpr std::size_t kQeReportSize = 384;
struct QeReport {
    ByteArray<16> cpu_svn;
    std::uint32_t misc_select = 0;
    ByteArray<12> reserved1;
    ByteArray<16> isv_ext_prod_id;
    ByteArray<16> attributes;
    ByteArray<32> mr_enclave;
    ByteArray<32> reserved2;
    ByteArray<32> mr_signer;
    ByteArray<32> reserved3;
    ByteArray<64> config_id;
    std::uint16_t isv_prod_id = 0;
    std::uint16_t isv_svn = 0;
    std::uint16_t config_svn = 0;
    ByteArray<42> reserved4;
    ByteArray<16> isv_family_id;
    ByteArray<64> report_data;
};

// Quote is one parsed quote with nothing left out: its parts give its bytes back.
struct Quote {
    Header header;
    BodyType body_type = BodyType::kTd10;
    TdReport report;
    Bytes signed_part;  // header | body (version 5: with the descriptor): what the quote's signature covers
    RawSignature signature;
    RawPoint attestation_key;
    QeReport qe_report;
    Bytes qe_report_bytes;  // what the PCK's signature covers
    RawSignature qe_report_signature;
    Bytes qe_auth_data;
    Bytes pck_chain;  // PEM: PCK certificate, its CA, root; Intel's library may end it with a NUL

    // parse: tdx.malformed unless the bytes are one quote, exactly: version 4 or 5, ECDSA P-256, a TD body,
    // certification data of type 6 around type 5, every length equal to what is there.
    static Result<Unverified<Quote>> parse(ByteView bytes);
};

// without_padding cuts the zero bytes that quote transports append (up to 8000 bytes in all are seen); anything else
// behind the quote is tdx.malformed. The maker of a bundle calls it; parse wants the quote alone.
Result<ByteView> without_padding(ByteView bytes);

}  // namespace openpcc::tdx

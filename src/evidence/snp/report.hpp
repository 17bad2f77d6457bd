// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/trust.hpp"
#include "evidence/snp/errors.hpp"
#include "evidence/snp/rules.hpp"

// AMD SEV-SNP attestation reports, versions 2 to 5 (SEV Secure Nested Paging Firmware ABI Specification, 56860, table
// "ATTESTATION_REPORT Structure"; "SNP-ABI" below). Integers are little-endian; names follow AMD's.
namespace openpcc::snp {

inline constexpr std::size_t kReportSize = 1184;
inline constexpr std::size_t kSignedSize = 672;       // 0x000 to 0x29F
inline constexpr std::size_t kSignatureEnd = 0x330;   // R and S, 72 bytes each, from 0x2A0
inline constexpr std::uint32_t kEcdsaP384Sha384 = 1;  // SIGNATURE_ALGO
inline constexpr unsigned kPolicyAlwaysOne = 17;      // bit of POLICY that "must be one"

using ReportData = ByteArray<64, struct SnpReportDataTag>;
using Measurement = ByteArray<48, struct SnpMeasurementTag>;  // the launch digest
using KeyDigest = ByteArray<48, struct SnpKeyDigestTag>;      // SHA-384 of an id or author key
using ChipId = ByteArray<64, struct SnpChipIdTag>;
using RawTcb = ByteArray<8, struct SnpRawTcbTag>;     // TCB_VERSION, whose parts depend on the product
using RawHalf = ByteArray<72, struct SnpRawHalfTag>;  // R or S, little-endian

// SIGNING_KEY of the report.
enum class SigningKey : std::uint8_t { kVcek = 0, kVlek = 1, kNone = 7 };

// Cpuid of the machine: family and model as combined from their base and extended parts.
struct Cpuid {
    std::uint8_t family = 0;
    std::uint8_t model = 0;
    std::uint8_t stepping = 0;
    friend bool operator==(const Cpuid&, const Cpuid&) = default;
};

// Report is one report with nothing left out; reserved bytes are kept, so that they can be judged.
struct Report {
    std::uint32_t version = 5;
    std::uint32_t guest_svn = 0;
    std::uint64_t policy = 0;
    ByteArray<16> family_id;
    ByteArray<16> image_id;
    std::uint32_t vmpl = 0;
    std::uint32_t signature_algo = kEcdsaP384Sha384;
    RawTcb current_tcb;
    std::uint64_t platform_info = 0;
    std::uint32_t key_info = 0;  // AUTHOR_KEY_EN, MASK_CHIP_KEY, SIGNING_KEY; the rest is reserved
    ByteArray<4> reserved_4c;
    ReportData report_data;
    Measurement measurement;
    ByteArray<32> host_data;
    KeyDigest id_key_digest;
    KeyDigest author_key_digest;
    ByteArray<32> report_id;
    ByteArray<32> report_id_ma;
    RawTcb reported_tcb;
    Cpuid cpuid;  // version 3 and later
    ByteArray<21> reserved_18b;
    ChipId chip_id;
    RawTcb committed_tcb;
    Firmware current;
    std::uint8_t reserved_1eb = 0;
    Firmware committed;
    std::uint8_t reserved_1ef = 0;
    RawTcb launch_tcb;
    std::uint64_t launch_mitigations = 0;  // version 5
    std::uint64_t current_mitigations = 0;
    ByteArray<152> reserved_208;
    RawHalf r;
    RawHalf s;
    Bytes signed_part;  // what the signature covers

    bool author_key_enabled() const { return (key_info & 1U) != 0; }
    bool chip_key_masked() const { return (key_info & 2U) != 0; }
    SigningKey signing_key() const { return static_cast<SigningKey>(key_info >> 2 & 7U); }

    // parse: snp.malformed unless the bytes are one report of version 2 to 5 and of exactly 1184 bytes. What nothing
    // signs is not free: the upper 24 bytes of R and of S and all that follows them (0x330 to 0x49F) are zero.
    static Result<Unverified<Report>> parse(ByteView bytes);
};

// product_of names the product of a CPUID; nothing when it is none that we know.
std::optional<Product> product_of(const Cpuid& cpuid);

// tcb_of reads a TCB_VERSION in the product's layout; tcb_reserved_zero says whether its other bytes are zero.
Tcb tcb_of(const RawTcb& raw, Product product);
bool tcb_reserved_zero(const RawTcb& raw, Product product);
// covers compares part by part: each at least that of `least`.
bool covers(const Tcb& tcb, const Tcb& least);
std::string to_string(const Tcb& tcb, Product product);

// reserved_zero says whether every byte is zero that SNP-ABI reserves in a report of its version and product.
bool reserved_zero(const Report& report, Product product);

// big_endian_signature is r | s as ECDSA P-384 has them elsewhere, 96 bytes.
Bytes big_endian_signature(const Report& report);

}  // namespace openpcc::snp

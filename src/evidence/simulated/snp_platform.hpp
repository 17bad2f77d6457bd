// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "core/result.hpp"
#include "crypto/signature.hpp"
#include "evidence/simulated/snp_authority.hpp"
#include "evidence/snp/report.hpp"

namespace openpcc::simulated {

// SnpLeafSpec is what a VCEK or VLEK says. Its defaults are a good one; a negative test changes one.
struct SnpLeafSpec {
    snp::KeyKind kind = snp::KeyKind::kVcek;
    std::string name;
    TimePoint not_before;
    TimePoint not_after;
    std::uint64_t serial = 0;  // AMD's leaves all have 0
    bool is_ca = false;
    crypto::Scheme scheme = crypto::Scheme::kRsaPssSha384;
    std::vector<x509::CertificateSpec::Extension> extensions;  // AMD's, in AMD's order

    static SnpLeafSpec good(snp::Product product, snp::KeyKind kind, Random& random, TimePoint now);
};

// Extensions as AMD writes them: an arc below 1.3.6.1.4.1.3704.1, and an INTEGER, an IA5String or raw bytes.
x509::CertificateSpec::Extension snp_number(std::string_view arc, unsigned value);
x509::CertificateSpec::Extension snp_text(std::string_view arc, std::string_view value);
x509::CertificateSpec::Extension snp_raw(std::string_view arc, ByteView value);
// write_tcb is a TCB_VERSION in the product's layout.
snp::RawTcb write_tcb(const snp::Tcb& tcb, snp::Product product);
// good_tcb is what simulated platforms report and have in their certificates.
snp::Tcb good_tcb(snp::Product product);
inline constexpr std::string_view kSnpProvider = "CN=cc-simulated.openpcc.example";

// SnpPlatform is one simulated machine: a chip or a provider's machine with its key under a throwaway ARK. Movable, one
// owner; signing is const.
class SnpPlatform {
  public:
    static Result<SnpPlatform> create(const SnpAuthority& authority, snp::KeyKind kind, Random& random, TimePoint now);
    static Result<SnpPlatform> create(const SnpAuthority& authority, const SnpLeafSpec& spec, Random& random);

    // certificates are the leaf and its issuer, in DER, as a bundle has them.
    const std::vector<Bytes>& certificates() const { return certificates_; }
    snp::Product product() const { return product_; }

    // report is that of a good guest on this platform, of version 5, with that report data; the caller sets its
    // measurement, or whatever else. An earlier version has fewer fields: as_version takes them out.
    snp::Report report(ByteView report_data) const;
    static snp::Report as_version(snp::Report report, std::uint32_t version);

    // write is the 672 bytes that are signed, from the fields of a report; R, S and signed_part are not used.
    static Bytes write(const snp::Report& report);
    // sign writes a report and signs it.
    Result<Bytes> sign(const snp::Report& report) const { return sign_bytes(write(report)); }
    Result<Bytes> sign_bytes(ByteView signed_part) const;

  private:
    SnpPlatform(snp::Product product, snp::KeyKind kind, crypto::SigningKey key)
        : product_(product), kind_(kind), key_(std::move(key)) {}

    snp::Product product_;
    snp::KeyKind kind_;
    crypto::SigningKey key_;
    snp::ChipId chip_id_;
    ByteArray<32> report_id_;
    std::vector<Bytes> certificates_;
};

}  // namespace openpcc::simulated

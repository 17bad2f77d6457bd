// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/random.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "crypto/signature.hpp"
#include "crypto/x509/x509.hpp"
#include "evidence/simulated/authority.hpp"
#include "evidence/tdx/pck.hpp"
#include "evidence/tdx/quote.hpp"

namespace openpcc::simulated {

// PlatformSpec is what a platform's PCK certificate says. Its defaults are a good platform; a negative test changes
// one.
struct PlatformSpec {
    tdx::PckPlatform platform;
    std::string pck_name = std::string(tdx::kPckCommonName);
    std::string ca_name = std::string(tdx::kPlatformCaName);
    std::optional<Bytes> pck_extension;  // in place of the one written from `platform`
    bool pck_is_ca = false;
    TimePoint not_before;
    TimePoint not_after;

    static PlatformSpec good(Random& random, TimePoint now);
};

// Draft is a quote before it is signed: every field can be set. Its defaults come from Platform::draft.
struct Draft {
    tdx::Header header;
    tdx::BodyType body_type = tdx::BodyType::kTd10;
    tdx::TdReport report;
    tdx::QeReport qe_report;
    std::optional<ByteArray<64>> qe_report_data;  // in place of the hash of the attestation key
    Bytes qe_auth_data;
    std::uint16_t outer_type = tdx::kCertQeReport;
    std::uint16_t inner_type = tdx::kCertPemChain;
    std::string pck_chain;
    Bytes trailing;
};

// Platform is one simulated machine: a PCK chain under a throwaway root and a quoting enclave with an attestation key.
// Movable, one owner; signing is const.
class Platform {
  public:
    // create makes a root as well, for tests that want one platform and no more.
    static Result<Platform> create(Random& random, TimePoint now);
    static Result<Platform> from_root(const RootAuthority& root, Random& random, TimePoint now);
    static Result<Platform> from_root(const RootAuthority& root, const PlatformSpec& spec, Random& random);

    const x509::Certificate& root() const { return root_; }

    // report is a TD report of a good guest on this platform with that report data; the caller sets its measurements.
    static tdx::TdReport report(ByteView report_data);
    // quote writes a version 4 quote of a guest's report.
    Result<Bytes> quote(const tdx::TdReport& report) const { return sign(draft(report)); }

    static ByteArray<32> qe_signer();  // MRSIGNER of the quoting enclave

    Draft draft(const tdx::TdReport& report) const;
    Result<Bytes> sign(const Draft& draft) const;

  private:
    Platform(x509::Certificate root, crypto::SigningKey pck, crypto::SigningKey attestation)
        : root_(std::move(root)), pck_(std::move(pck)), attestation_(std::move(attestation)) {}

    x509::Certificate root_;
    crypto::SigningKey pck_;
    crypto::SigningKey attestation_;
    std::string pck_chain_;
    ByteArray<32> enclave_;
    Bytes auth_data_;
};

}  // namespace openpcc::simulated

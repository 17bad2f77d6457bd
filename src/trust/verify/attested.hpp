// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <variant>

#include "evidence/snp/verify.hpp"
#include "evidence/tdx/verify.hpp"
#include "trust/verify/verify.hpp"

namespace openpcc::verify {

// Attested is CPU evidence whose signatures reach a root, of either kind: what the checks after it need.
struct Attested {
    std::variant<Verified<tdx::SignedQuote>, Verified<snp::SignedReport>> evidence;

    statement::ReportData report_data() const;
    std::optional<Digest256> platform() const;
    const x509::Certificate& root() const;
    bool genuine() const;
    policy::VendorRoot vendor() const;
    // beyond_excuse: the vendor calls this platform revoked or knows no such version, or the policy denies an advisory
    // that it leaves open; no exception of the policy counts then.
    bool beyond_excuse(const policy::Policy& policy) const;
    // Of the two, the one that it is; nullptr otherwise.
    const tdx::TdReport* td_report() const;
    const snp::Report* snp_report() const;
};

// The anchors of each kind of evidence among the roots.
tdx::Anchors tdx_anchors(const Roots& roots);
snp::Anchors snp_anchors(const Roots& roots);

// judge_cpu adds every check of cpu_checks() for that kind. It comes back when the signatures hold, whatever else was
// found. A kind that the policy refuses is judged by rules that accept nothing.
std::optional<Attested> judge_cpu(const CpuEvidence& evidence, const SignedCollateral& collateral,
                                  const policy::Policy& policy, const Roots& roots, TimePoint now, Verdict& verdict);
std::span<const CheckSpec> cpu_checks(statement::TeeType tee);

}  // namespace openpcc::verify

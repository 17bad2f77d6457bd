// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/attested.hpp"

#include <algorithm>

namespace openpcc::verify {

tdx::Anchors tdx_anchors(const Roots& roots) {
    tdx::Anchors out;
    out.genuine = roots.tdx;
#if OPENPCC_SIMULATED_HARDWARE
    out.simulated = roots.simulated.tdx;
#endif
    return out;
}

snp::Anchors snp_anchors(const Roots& roots) {
    snp::Anchors out;
    out.genuine = roots.snp;
#if OPENPCC_SIMULATED_HARDWARE
    out.simulated = roots.simulated.snp;
#endif
    return out;
}

namespace {

const tdx::SignedQuote* quote_of(const Attested& attested) {
    const auto* quote = std::get_if<Verified<tdx::SignedQuote>>(&attested.evidence);
    return quote != nullptr ? &**quote : nullptr;
}
const snp::SignedReport& report_of(const Attested& attested) {
    return *std::get<Verified<snp::SignedReport>>(attested.evidence);
}

}  // namespace

statement::ReportData Attested::report_data() const {
    if (const auto* quote = quote_of(*this)) return statement::ReportData::from_view(quote->quote.report.report_data);
    return statement::ReportData::from_view(report_of(*this).report.report_data);
}

std::optional<Digest256> Attested::platform() const {
    if (const auto* quote = quote_of(*this)) return Digest256::from_view(quote->name);
    return report_of(*this).platform;
}

const x509::Certificate& Attested::root() const {
    if (const auto* quote = quote_of(*this)) return quote->root;
    return report_of(*this).root;
}

bool Attested::genuine() const {
    if (const auto* quote = quote_of(*this)) return quote->root_kind == tdx::RootKind::kGenuine;
    return report_of(*this).root_kind == snp::RootKind::kGenuine;
}

policy::VendorRoot Attested::vendor() const {
    return quote_of(*this) != nullptr ? policy::VendorRoot::kIntel : policy::VendorRoot::kAmd;
}

bool Attested::beyond_excuse(const policy::Policy& policy) const {
    const auto* quote = quote_of(*this);
    if (quote == nullptr || !quote->tcb) return false;
    const tdx::Tcb& tcb = *quote->tcb;
    if (!tcb.status || *tcb.status == tdx::TcbStatus::kRevoked || !policy.tdx) return true;
    return std::ranges::any_of(tcb.advisories, [&](const std::string& advisory) {
        return std::ranges::find(policy.tdx->denied_advisories, advisory) != policy.tdx->denied_advisories.end();
    });
}

const tdx::TdReport* Attested::td_report() const {
    const auto* quote = quote_of(*this);
    return quote != nullptr ? &quote->quote.report : nullptr;
}

const snp::Report* Attested::snp_report() const {
    return quote_of(*this) != nullptr ? nullptr : &report_of(*this).report;
}

std::optional<Attested> judge_cpu(const CpuEvidence& evidence, const SignedCollateral& collateral,
                                  const policy::Policy& policy, const Roots& roots, TimePoint now, Verdict& verdict) {
    if (evidence.tee == statement::TeeType::kTdx) {
        auto quote = tdx::verify_quote(evidence.evidence, tdx_anchors(roots), collateral.tdx,
                                       policy.tdx.value_or(tdx::Rules()), now, verdict);
        if (!quote) return std::nullopt;
        return Attested{std::move(*quote)};
    }
    auto report = snp::verify_report(evidence.evidence, evidence.certificates, snp_anchors(roots), collateral.snp,
                                     policy.snp.value_or(snp::Rules()), now, verdict);
    if (!report) return std::nullopt;
    return Attested{std::move(*report)};
}

std::span<const CheckSpec> cpu_checks(statement::TeeType tee) {
    return tee == statement::TeeType::kTdx ? tdx::checks() : snp::checks();
}

SignedCollateral sign_checked(const collateral::Collection& collection, const Roots& roots) {
    return {tdx::SignedCollateral(collection.tdx, tdx_anchors(roots)),
            snp::SignedCollateral(collection.snp, snp_anchors(roots))};
}

Roots genuine_roots() {
    Roots out;
    out.tdx.push_back(tdx::intel_root());
    out.snp = snp::amd_roots();
    return out;
}

}  // namespace openpcc::verify

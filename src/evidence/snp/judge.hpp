// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "evidence/snp/verify.hpp"

// The inside of evidence/snp: what is judged of a report once its signatures hold.
namespace openpcc::snp {

// Certificates of one chain, verified.
struct Chain {
    x509::Certificate leaf;
    Issuer issuer;
    RootKind root_kind;
};

// Case is what the judgements share. Without a rule for the product, what only a rule can decide stays `not run`.
struct Case {
    const Report& report;
    const Chain& chain;
    const Endorsement& endorsement;
    Product product;
    const ProductRule* rule;
    const Rules& rules;
    TimePoint now;
};

// judge_identity decides snp.chip_id and snp.vlek_provider.
void judge_identity(const Case& is, Checklist& list);
// judge_tcb decides snp.tcb_certificate, snp.tcb.* and snp.firmware, and narrows the verdict to the day of an amber
// TCB.
TcbGrade judge_tcb(const Case& is, Checklist& list, Verdict& verdict);
// judge_configuration decides snp.policy.*, snp.platform.*, snp.vmpl and snp.migration_agent.
void judge_configuration(const Case& is, Checklist& list);
// judge_revocation decides snp.crl and snp.revocation, and narrows the verdict to the end of the list.
void judge_revocation(const Case& is, const SignedCollateral& collateral, Checklist& list, Verdict& verdict);

std::string hex_number(std::uint64_t value);
// basis_of is who signed the certificate, and its dates.
Basis basis_of(const x509::Certificate& certificate);

}  // namespace openpcc::snp

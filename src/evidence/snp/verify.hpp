// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/checklist.hpp"
#include "core/trust.hpp"
#include "core/verdict.hpp"
#include "evidence/snp/certificate.hpp"
#include "evidence/snp/report.hpp"
#include "evidence/snp/rules.hpp"
#include "evidence/snp/signed_collateral.hpp"

namespace openpcc::snp {

// PlatformId is one machine: SHA-256 over a label, the product and the chip id.
using PlatformId = Digest256;

// TcbGrade is the worst of what the rules say of the reported, the committed and the launch TCB: pass is green, a note
// is amber with the advisories that stay open and the day until which it is accepted. `not run` without a rule.
struct TcbGrade {
    Outcome outcome = Outcome::kNotRun;
    std::vector<std::string> advisories;
    std::optional<TimePoint> until;
};

// SignedReport is a report whose signatures reach one of the anchors. That alone is no verdict: the checks about TCB,
// configuration, revocation and the like are in the Verdict that came with it.
struct SignedReport {
    Report report;
    Product product;
    Endorsement endorsement;             // what the certificate says; its `kind` is the kind of key that signed
    std::optional<PlatformId> platform;  // nothing under a VLEK, which names no chip
    TcbGrade tcb;
    x509::Certificate root;
    RootKind root_kind;
    struct Verifier;
};

// verify_report judges one report at time `now`, with its certificates in DER: the VCEK or VLEK, then the ASK or ASVK,
// exactly these two. It adds every check of `checks()` to the verdict, in that order, marks the verdict simulated when
// the chain ends at a simulated root, and narrows its validity to what it rests on. The report comes back when its
// signatures hold, whatever else was found.
std::optional<Verified<SignedReport>> verify_report(ByteView report, std::span<const Bytes> certificates,
                                                    const Anchors& anchors, const SignedCollateral& collateral,
                                                    const Rules& rules, TimePoint now, Verdict& verdict);

// checks lists what verify_report judges; docs/reference/verdict.md has the same list.
std::span<const CheckSpec> checks();

}  // namespace openpcc::snp

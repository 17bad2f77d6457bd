// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/bytes.hpp"
#include "evidence/tdx/verify.hpp"

namespace openpcc::tdx {

// SignedJson is one answer of Intel's Provisioning Certification Service (PCS API v4): the body as received, byte for
// byte, and its issuer chain (PEM: signing certificate, root).
struct SignedJson {
    Bytes json;
    Bytes issuer_chain;
    friend bool operator==(const SignedJson&, const SignedJson&) = default;
};

// Collateral is what Intel publishes about platforms, as bytes that nobody has judged yet. Whoever serves it may leave
// something out or serve what is old, and can forge nothing.
struct Collateral {
    std::vector<SignedJson> tcb_infos;      // for one FMSPC each
    std::vector<SignedJson> qe_identities;  // TD_QE
    std::vector<Bytes> crls;                // DER: of the root, and of the PCK CAs
    friend bool operator==(const Collateral&, const Collateral&) = default;
};

// judge_collateral decides tdx.revocation, tdx.tcb and tdx.qe_identity. Intel's collateral is not evaluated yet, and so
// a quote under a genuine root leaves the three `not run`: its verdict is *incomplete* at best. Nobody publishes
// collateral for a simulated platform; there the three are notes, which a genuine root can never reach.
void judge_collateral(const SignedQuote& quote, Checklist& list);

}  // namespace openpcc::tdx

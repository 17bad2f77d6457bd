// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/bytes.hpp"

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

}  // namespace openpcc::tdx

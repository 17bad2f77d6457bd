// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "evidence/tdx/anchors.hpp"

// Intel's intermediate certificates of today, pinned as bytes. A test shows that intel_root() has signed each of them
// (intel_issuers_test.cpp), so it is not computed again with every quote: two of the nine signatures of a cold verdict.
// Nothing else is taken for granted: when they hold, and whether they are revoked, is judged in every verification, and
// an issuer that is not here is verified like any other.
namespace openpcc::tdx {

struct IntelIssuer {
    std::string pem;  // it and the root, as Intel writes both
    x509::Certificate certificate;
};
std::span<const IntelIssuer> intel_pck_cas();  // platform, processor
const IntelIssuer& intel_tcb_signer();

}  // namespace openpcc::tdx

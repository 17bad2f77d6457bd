// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/bytes.hpp"

namespace openpcc::snp {

// Collateral is what AMD's Key Distribution Service publishes beside certificates, as bytes that nobody has judged yet:
// the revocation lists (DER), one for each product and kind of signing key, issued by the ARK.
struct Collateral {
    std::vector<Bytes> crls;
    friend bool operator==(const Collateral&, const Collateral&) = default;
};

}  // namespace openpcc::snp

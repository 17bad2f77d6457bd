// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/bytes.hpp"
#include "crypto/x509/x509.hpp"

namespace openpcc::snp {

// endorses says whether these certificates, a leaf and its issuer in DER, are the report's: an ARK of `arks` has signed
// the issuer, the issuer the leaf and the leaf the report, and the leaf's kind, TCB and chip are those that the report
// states. It is for whoever has several to choose from. Dates, revocation and rules are a verdict's matter.
bool endorses(std::span<const Bytes> certificates, ByteView report, const std::vector<x509::Certificate>& arks);

}  // namespace openpcc::snp

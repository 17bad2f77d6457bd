// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "evidence/tdx/verify.hpp"

namespace openpcc::tdx {

// judge_collateral decides tdx.revocation, tdx.tcb and tdx.qe_identity. Intel's collateral is not evaluated yet, and so
// a quote under a genuine root leaves the three `not run`: its verdict is *incomplete* at best. Nobody publishes
// collateral for a simulated platform; there the three are notes, which a genuine root can never reach.
void judge_collateral(const SignedQuote& quote, Checklist& list);

}  // namespace openpcc::tdx

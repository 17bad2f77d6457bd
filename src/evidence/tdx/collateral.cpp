// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/collateral.hpp"

namespace openpcc::tdx {

void judge_collateral(const SignedQuote& quote, Checklist& list) {
    for (std::string_view id : {"tdx.revocation", "tdx.tcb", "tdx.qe_identity"}) {
        if (quote.root_kind == RootKind::kSimulated)
            list.note(id, "simulated platform: none published");
        else
            list.not_run(id, "this version does not evaluate Intel's collateral yet");
    }
}

}  // namespace openpcc::tdx

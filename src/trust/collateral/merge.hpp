// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trust/collateral/collection.hpp"

namespace openpcc::collateral {

// merge keeps, of what two collections say about the same thing, what is newer by the date in it; the order of the two
// and repetition change nothing. It asks no clock and checks no signature: an item that lies about its date displaces a
// good one and then fails where it is judged, so what comes from strangers is judged before it is merged.
//   TCB info        for each id and FMSPC: one goes when a newer one has at least its evaluation number
//   identity        for each id, likewise
//   revocation list an older one of the same issuer goes when a newer one revokes all that it revokes; otherwise both
//                   stay, so that merging never forgets a revocation
// Items that cannot be read stay as they are. `fetched` is the later of the two.
Collection merge(const Collection& a, const Collection& b);

}  // namespace openpcc::collateral

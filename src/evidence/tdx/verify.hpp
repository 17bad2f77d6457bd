// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

#include "core/checklist.hpp"
#include "core/trust.hpp"
#include "core/verdict.hpp"
#include "crypto/x509/x509.hpp"
#include "evidence/tdx/anchors.hpp"
#include "evidence/tdx/pck.hpp"
#include "evidence/tdx/quote.hpp"
#include "evidence/tdx/rules.hpp"
#include "evidence/tdx/signed_collateral.hpp"
#include "evidence/tdx/tcb.hpp"

namespace openpcc::tdx {

// PlatformName is one machine, whatever it runs: SHA-256 over a label and its PPID, which stays when Intel certifies
// the machine anew. For comparing and for lists of hardware; it does not give the PPID away.
using PlatformName = ByteArray<32, struct TdxPlatformNameTag>;
PlatformName platform_name(const PckPlatform& platform);

// SignedQuote is a quote whose signatures reach one of the anchors. That alone is no verdict: the checks about
// collateral, configuration and the like are in the Verdict that came with it.
struct SignedQuote {
    Quote quote;
    PckPlatform platform;
    PlatformName name;
    x509::Certificate root;
    RootKind root_kind;
    std::optional<Tcb> tcb;  // what current collateral says, when there is some
    struct Verifier;
};

// verify_quote judges one quote at time `now`. It adds every check of `checks()` to the verdict, in that order, marks
// the verdict simulated when the chain ends at a simulated root, and narrows its validity by everything that it rests
// on. The quote comes back when its signatures hold, whatever else was found. Collateral counts only under the root of
// the quote itself. Safe from many threads with one SignedCollateral.
std::optional<Verified<SignedQuote>> verify_quote(ByteView quote, const Anchors& anchors,
                                                  const SignedCollateral& collateral, const Rules& rules, TimePoint now,
                                                  Verdict& verdict);

// checks lists what verify_quote judges; docs/reference/verdict.md has the same list.
std::span<const CheckSpec> checks();

}  // namespace openpcc::tdx

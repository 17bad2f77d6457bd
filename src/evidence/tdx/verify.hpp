// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/trust.hpp"
#include "core/verdict.hpp"
#include "crypto/x509/x509.hpp"
#include "core/checklist.hpp"
#include "evidence/tdx/pck.hpp"
#include "evidence/tdx/quote.hpp"

namespace openpcc::tdx {

// intel_root is the Intel SGX Root CA, pinned as bytes; nothing that evidence brings along becomes a root.
const x509::Certificate& intel_root();

// Anchors are the roots that a PCK chain may end at. The simulated ones are a separate input of builds with simulated
// hardware; a release build has no place to put one.
struct Anchors {
    std::vector<x509::Certificate> genuine;
#if OPENPCC_SIMULATED_HARDWARE
    std::vector<x509::Certificate> simulated;
#endif
};
enum class RootKind { kGenuine, kSimulated };

// SignedQuote is a quote whose signatures reach one of the anchors. That alone is no verdict: the checks about
// collateral, configuration and the like are in the Verdict that came with it.
struct SignedQuote {
    Quote quote;
    PckPlatform platform;
    x509::Certificate root;
    RootKind root_kind;
    struct Verifier;
};

// verify_quote judges one quote at time `now`. It adds every check of `checks()` to the verdict, in that order, marks
// the verdict simulated when the chain ends at a simulated root, and narrows its validity by the chain's. The quote
// comes back when its signatures hold, whatever else was found.
std::optional<Verified<SignedQuote>> verify_quote(ByteView quote, const Anchors& anchors, TimePoint now,
                                                  Verdict& verdict);

// checks lists what verify_quote judges; docs/reference/verdict.md has the same list.
std::span<const CheckSpec> checks();

}  // namespace openpcc::tdx

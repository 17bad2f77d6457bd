// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>

#include "trust/verify/verify.hpp"

namespace openpcc::verify {

// VerdictCache judges bundles by one policy, under one set of roots and with the collateral of the day, and remembers
// what it accepted under the hash of every other input but time: unchanged evidence costs one hash and one lookup. What
// was refused is judged anew, because a later time may be kinder; so is what has left its window, was judged in the
// future of a clock that went back, or is older than kLongest. One loop owns it.
class VerdictCache {
  public:
    // No verdict is given out for longer, so that a note that begins in between (collateral that grows old) is seen.
    static constexpr Seconds kLongest{300};
    static constexpr std::size_t kMost = 128;  // bundles, a MiB each at most; the oldest goes first

    VerdictCache(policy::Policy policy, Roots roots, SignedCollateral collateral);

    const policy::Policy& policy() const { return policy_; }
    const Roots& roots() const { return roots_; }
    const SignedCollateral& collateral() const { return collateral_; }
    // renew forgets every verdict: collateral is one of their inputs.
    void renew(SignedCollateral collateral);

    // verify is verify_bundle; `at` of the verification says when it was judged.
    std::shared_ptr<const Verification> verify(ByteView bundle, const Expectation& expectation, TimePoint now);

    std::size_t size() const { return known_.size(); }

  private:
    policy::Policy policy_;
    Roots roots_;
    SignedCollateral collateral_;
    std::map<Digest256, std::shared_ptr<const Verification>> known_;
};

}  // namespace openpcc::verify

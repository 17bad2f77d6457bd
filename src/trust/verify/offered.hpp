// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "trust/verify/verify.hpp"

// Collateral that somebody offers who is not trusted, such as the service itself.
namespace openpcc::verify {

// Offered is such a collection, sorted. `vouched` is what carries its vendor's signature under the roots: it may be
// merged with what is held, and displace what is older. Of `strangers`, revocation lists of issuers that only evidence
// will name, nobody can tell yet; they may be judged beside what is held, and must not displace any of it. The rest is
// dropped.
struct Offered {
    collateral::Collection vouched;
    std::vector<Bytes> strangers;
    std::size_t dropped = 0;
};
inline constexpr std::size_t kMaxStrangers = 16;

Offered sort_offered(const collateral::Collection& offered, const Roots& roots);

}  // namespace openpcc::verify

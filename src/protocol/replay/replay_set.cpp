// SPDX-License-Identifier: Apache-2.0
#include "protocol/replay/replay_set.hpp"

#include "crypto/hash.hpp"

namespace openpcc::replay {

ReplaySet::Answer ReplaySet::admit(ByteView enc) {
    const Digest256 digest = crypto::sha256(enc);
    if (seen_.contains(digest)) return Answer::kRepeated;
    if (seen_.size() >= capacity_) return Answer::kFull;
    seen_.insert(digest);
    return Answer::kFresh;
}

}  // namespace openpcc::replay

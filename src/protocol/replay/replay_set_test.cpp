// SPDX-License-Identifier: Apache-2.0
#include "protocol/replay/replay_set.hpp"

#include <gtest/gtest.h>

namespace openpcc::replay {
namespace {

TEST(ReplaySet, RefusesRepeatsAndEverythingWhenFull) {
    ReplaySet set(2);
    EXPECT_EQ(set.admit(as_bytes("a")), ReplaySet::Answer::kFresh);
    EXPECT_EQ(set.admit(as_bytes("a")), ReplaySet::Answer::kRepeated);
    EXPECT_EQ(set.admit(as_bytes("b")), ReplaySet::Answer::kFresh);
    EXPECT_EQ(set.admit(as_bytes("c")), ReplaySet::Answer::kFull);
    EXPECT_EQ(set.admit(as_bytes("c")), ReplaySet::Answer::kFull);
    EXPECT_EQ(set.admit(as_bytes("b")), ReplaySet::Answer::kRepeated);
    EXPECT_EQ(set.size(), 2U);
}

}  // namespace
}  // namespace openpcc::replay

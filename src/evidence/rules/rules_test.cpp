// SPDX-License-Identifier: Apache-2.0
#include "evidence/rules/rules.hpp"

#include <gtest/gtest.h>

namespace openpcc::evidence {
namespace {

TEST(Rules, ABitIsWhatItMustBe) {
    EXPECT_TRUE(holds(Must::kZero, false));
    EXPECT_FALSE(holds(Must::kZero, true));
    EXPECT_TRUE(holds(Must::kOne, true));
    EXPECT_FALSE(holds(Must::kOne, false));
    EXPECT_TRUE(holds(Must::kAny, true) && holds(Must::kAny, false));
}

TEST(CollateralAge, IsGreenThenAmberThenRed) {
    const CollateralAge age{Seconds(100), Seconds(200)};
    const TimePoint issued{Seconds(1'700'000'000)};
    EXPECT_EQ(age.grade(issued, issued), Outcome::kPass);
    EXPECT_EQ(age.grade(issued, issued + Seconds(100)), Outcome::kPass);
    EXPECT_EQ(age.grade(issued, issued + Seconds(101)), Outcome::kNote);
    EXPECT_EQ(age.grade(issued, issued + Seconds(200)), Outcome::kNote);
    EXPECT_EQ(age.grade(issued, issued + Seconds(201)), Outcome::kFail);
}

TEST(CollateralAge, OfTheFutureFails) {
    const CollateralAge age{Seconds(100), Seconds(200)};
    const TimePoint now{Seconds(1'700'000'000)};
    EXPECT_EQ(age.grade(now + CollateralAge::kSkew, now), Outcome::kPass);
    EXPECT_EQ(age.grade(now + CollateralAge::kSkew + Seconds(1), now), Outcome::kFail);
}

TEST(CollateralAge, WithoutAValueAcceptsNothing) {
    const TimePoint now{Seconds(1'700'000'000)};
    EXPECT_EQ(CollateralAge{}.grade(now, now), Outcome::kFail);
}

}  // namespace
}  // namespace openpcc::evidence

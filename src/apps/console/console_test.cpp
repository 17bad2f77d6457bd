// SPDX-License-Identifier: Apache-2.0
#include "apps/console/console.hpp"

#include <gtest/gtest.h>

namespace openpcc::cli {
namespace {

TEST(Console, IndentsForPeople) {
    const auto value = json::parse(as_bytes(
        R"({"b":[1,"two",{}],"a":{},"c":["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"]})"));
    const std::string text = indented(*value);
    EXPECT_EQ(text, R"({
  "b": [1,"two",{}],
  "a": {},
  "c": [
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
  ]
}
)");
    EXPECT_EQ(json::parse(as_bytes(text))->to_text(), value->to_text());
}

// GW-1: a check was skipped, and the program ended with 0.
TEST(Console, GW_1_OnlyWhatIsVerifiedEndsWithZero) {
    for (const State state : {State::kNotVerified, State::kIncomplete, State::kSimulated})
        EXPECT_NE(exit_code(state), kOk) << to_string(state);
    Verdict verdict;
    verdict.add({"a", "1", Outcome::kPass, "", ""});
    EXPECT_EQ(exit_code(verdict.state()), kOk);
    verdict.add({"b", "1", Outcome::kNotRun, "", ""});
    EXPECT_EQ(exit_code(verdict.state()), kIncomplete);
    EXPECT_EQ(exit_code(Verdict().state()), kIncomplete);
}

TEST(Console, EveryStateAndCategoryHasItsCode) {
    EXPECT_EQ(exit_code(State::kVerified), kOk);
    EXPECT_EQ(exit_code(State::kVerifiedWithNotes), kOk);
    EXPECT_EQ(exit_code(State::kNotVerified), kNotVerified);
    EXPECT_EQ(exit_code(State::kIncomplete), kIncomplete);
    EXPECT_EQ(exit_code(State::kSimulated), kSimulated);
    EXPECT_EQ(exit_code(Category::kBadInput), kRefused);
    EXPECT_EQ(exit_code(Category::kUnauthenticated), kRefused);
    EXPECT_EQ(exit_code(Category::kUnverified), kNotVerified);
    EXPECT_EQ(exit_code(Category::kUnavailable), kUnreachable);
    EXPECT_EQ(exit_code(Category::kTimeout), kUnreachable);
    EXPECT_EQ(exit_code(Category::kInternal), kInternal);
}

}  // namespace
}  // namespace openpcc::cli

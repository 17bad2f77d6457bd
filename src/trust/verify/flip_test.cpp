// SPDX-License-Identifier: Apache-2.0
// Every bit of a bundle is judged: flip any one, and no key comes out.
#include <gtest/gtest.h>

#include "trust/verify/scene.hpp"

namespace openpcc::verify {
namespace {

class Flips : public testing::TestWithParam<unsigned> {};

TEST_P(Flips, NoSingleBitOfABundleIsFree) {
    const Scene scene;
    const auto mask = static_cast<std::uint8_t>(1U << GetParam());
    Bytes bytes = scene.bundle().encode();
    ASSERT_EQ(scene.verify(bytes).verdict.state(), State::kSimulated);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        bytes[at] ^= mask;
        const Verification result = scene.verify(bytes);
        ASSERT_EQ(result.verdict.state(), State::kNotVerified) << "byte " << at;
        ASSERT_TRUE(std::holds_alternative<std::monostate>(result.key)) << "byte " << at;
        ASSERT_EQ(result.verdict.checks().size(), checks(statement::TeeType::kTdx).size()) << "byte " << at;
        bytes[at] ^= mask;
    }
    EXPECT_EQ(scene.verify(bytes).verdict.state(), State::kSimulated);
    EXPECT_GT(bytes.size(), 4000U);
}

INSTANTIATE_TEST_SUITE_P(Bit, Flips, testing::Range(0U, 8U));

TEST(Truncations, NoTruncationPasses) {
    const Scene scene;
    const Bytes bytes = scene.bundle().encode();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        ASSERT_EQ(scene.verify(Bytes(bytes.view().first(size))).verdict.state(), State::kNotVerified) << size;
}

}  // namespace
}  // namespace openpcc::verify

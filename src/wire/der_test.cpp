// SPDX-License-Identifier: Apache-2.0
#include "wire/der.hpp"

#include <gtest/gtest.h>

namespace openpcc::wire {
namespace {

TEST(Der, ReadsNestedElements) {
    const Bytes bytes{0x30, 0x08, 0x02, 0x01, 0x05, 0x04, 0x03, 'a', 'b', 'c'};
    Der outer(bytes);
    auto inner = outer.enter(Der::kSequence);
    ASSERT_TRUE(inner);
    EXPECT_TRUE(outer.finish());
    EXPECT_EQ(inner->small_integer().value(), 5U);
    EXPECT_EQ(inner->peek_tag(), Der::kOctetString);
    EXPECT_FALSE(inner->finish());
    EXPECT_EQ(as_text(inner->take(Der::kOctetString).value()), "abc");
    EXPECT_TRUE(inner->done());
    EXPECT_EQ(inner->peek_tag(), std::nullopt);
    EXPECT_EQ(inner->take_any().error(), kBadDer);
}

TEST(Der, AFailedReadLeavesTheCursor) {
    const Bytes bytes{0x02, 0x01, 0x80};
    Der der(bytes);
    EXPECT_EQ(der.small_integer().error(), kBadDer);
    EXPECT_EQ(der.take(Der::kOctetString).error(), kBadDer);
    EXPECT_EQ(der.take_any().value().whole.size(), 3U);
}

TEST(Der, RefusesWhatIsNotDer) {
    const Bytes cases[] = {
        {},
        {0x30},
        {0x30, 0x80, 0x00, 0x00},        // indefinite length
        {0x04, 0x81, 0x01, 0x00},        // long form for a short length
        {0x04, 0x82, 0x00, 0x80, 0x00},  // leading zero
        {0x04, 0x02, 0x00},              // cut short
        {0x04, 0x84, 0x00, 0x00, 0x00, 0x01, 0x00},
        {0x1f, 0x01, 0x00},  // tag of several octets
        {0x04, 0xff},
    };
    for (const Bytes& bytes : cases) EXPECT_EQ(Der(bytes).take_any().error(), kBadDer);
}

TEST(Der, ReadsLongLengths) {
    Bytes bytes{0x04, 0x81, 0x80};
    bytes.resize(3 + 128);
    EXPECT_EQ(Der(bytes).take(Der::kOctetString).value().size(), 128U);
    Bytes longer{0x04, 0x82, 0x01, 0x00};
    longer.resize(4 + 256);
    EXPECT_EQ(Der(longer).take(Der::kOctetString).value().size(), 256U);
}

TEST(Der, SmallIntegersAreMinimalAndFit) {
    const auto read = [](const Bytes& bytes) { return Der(bytes).small_integer(); };
    EXPECT_EQ(read({0x02, 0x01, 0x00}).value(), 0U);
    EXPECT_EQ(read({0x02, 0x02, 0x00, 0x80}).value(), 128U);
    EXPECT_EQ(read({0x02, 0x09, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}).value(), UINT64_MAX);
    EXPECT_FALSE(read({0x02, 0x00}));
    EXPECT_FALSE(read({0x02, 0x01, 0xff}));
    EXPECT_FALSE(read({0x02, 0x02, 0x00, 0x7f}));
    EXPECT_FALSE(read({0x02, 0x09, 0x01, 0, 0, 0, 0, 0, 0, 0, 0}));
}

}  // namespace
}  // namespace openpcc::wire

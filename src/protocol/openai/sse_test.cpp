// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/sse.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/openai/errors.hpp"

namespace openpcc::openai {
namespace {

using Events = std::vector<std::string>;

Result<Events> read(const std::vector<std::string>& pieces) {
    SseReader reader;
    Events events;
    for (const std::string& piece : pieces)
        OPENPCC_CHECK(reader.update(as_bytes(piece), [&](ByteView data) -> Result<void> {
            events.push_back(to_string(data));
            return {};
        }));
    return events;
}

TEST(Sse, ReadsEveryLineEnd) {
    for (const std::string end : {"\n", "\r", "\r\n"})
        EXPECT_EQ(*read({"data: a" + end + end + "data:b" + end + "data: c" + end + end}), (Events{"a", "b\nc"}));
}

TEST(Sse, GivesTheSameForEverySplit) {
    const std::string text =
        "\xEF\xBB\xBF: hi\r\ndata: {\"a\":1}\r\n\r\nevent: x\rid: 3\rdata:  b\r\rdata\n\n\n\nretry: 1\n\ndata: "
        "\xC3\xA9\n\n";
    const Events whole{"{\"a\":1}", " b", "", "\xC3\xA9"};
    EXPECT_EQ(*read({text}), whole);
    for (std::size_t i = 0; i <= text.size(); ++i)
        for (std::size_t j = i; j <= text.size(); ++j)
            ASSERT_EQ(*read({text.substr(0, i), text.substr(i, j - i), text.substr(j)}), whole) << i << " " << j;
}

TEST(Sse, KeepsAnUnfinishedEventBack) {
    SseReader reader;
    int events = 0;
    const auto count = [&](ByteView) -> Result<void> { return ++events, Result<void>(); };
    ASSERT_TRUE(reader.update(as_bytes("data: a\n"), count));
    EXPECT_FALSE(reader.clean());
    EXPECT_EQ(events, 0);
    ASSERT_TRUE(reader.update(as_bytes("\n"), count));
    EXPECT_TRUE(reader.clean());
    EXPECT_EQ(events, 1);
}

TEST(Sse, IsBounded) {
    const std::string much(SseReader::kMostBytes / 2, 'x');
    EXPECT_EQ(read({"data: ", much, much}).error(), kBadAnswer);
    EXPECT_EQ(read({"data: " + much + "\n", "data: " + much + "\n"}).error(), kBadAnswer);
    EXPECT_TRUE(read({"data: " + much + "\n\n", "data: " + much + "\n\n"}));
}

TEST(Sse, TakesAnErrorFieldForAnError) { EXPECT_EQ(read({"error: {\"code\":500}\n\n"}).error(), kBadAnswer); }

}  // namespace
}  // namespace openpcc::openai

// SPDX-License-Identifier: Apache-2.0
#include "io/http/h1_chunked.hpp"

#include <gtest/gtest.h>

#include "io/http/errors.hpp"

namespace openpcc::http::h1 {
namespace {

// decode feeds in two pieces; the content, then what happened, then what was left over.
std::string decode(std::string_view text, std::size_t cut) {
    Chunked chunked;
    std::string content;
    std::size_t taken = 0;
    for (const std::size_t end : {cut, text.size()}) {
        while (taken < end && !chunked.done()) {
            const auto step = chunked.next(as_bytes(text.substr(taken, end - taken)));
            if (!step) return content + "|" + std::string(step.error().name());
            taken += step->taken;
            content.append(as_text(step->content));
        }
    }
    return content + (chunked.done() ? "|end " + std::to_string(text.size() - taken) : "|more");
}

std::string outcome(std::string_view text) {
    const std::string expected = decode(text, text.size());
    for (std::size_t cut = 0; cut <= text.size(); ++cut)
        EXPECT_EQ(decode(text, cut), expected) << text << " cut at " << cut;
    return expected;
}

TEST(Chunked, IsReadToItsEnd) {
    EXPECT_EQ(outcome("0\r\n\r\n"), "|end 0");
    EXPECT_EQ(outcome("3\r\nabc\r\n0\r\n\r\n"), "abc|end 0");
    EXPECT_EQ(outcome("3\r\nabc\r\n0a\r\n0123456789\r\n000\r\n\r\nGET"), "abc0123456789|end 3");
    EXPECT_EQ(outcome("B\r\nhello\r\nfold\r\n0\r\n\r\n"), "hello\r\nfold|end 0");
}

TEST(Chunked, WaitsForItsEnd) {
    constexpr std::string_view kText = "3\r\nabc\r\n0\r\n\r\n";
    for (std::size_t size = 0; size < kText.size(); ++size)
        EXPECT_TRUE(outcome(kText.substr(0, size)).ends_with("|more"));
}

struct Case {
    const char* meaning;
    std::string_view text;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.meaning; }

constexpr Case kRefused[] = {
    {"extension", "3;a=b\r\nabc\r\n0\r\n\r\n"},
    {"extension_without_value", "3;\r\nabc\r\n0\r\n\r\n"},
    {"space_after_size", "3 \r\nabc\r\n0\r\n\r\n"},
    {"space_before_size", " 3\r\nabc\r\n0\r\n\r\n"},
    {"empty_size", "\r\nabc\r\n0\r\n\r\n"},
    {"plus", "+3\r\nabc\r\n0\r\n\r\n"},
    {"minus", "-3\r\nabc\r\n0\r\n\r\n"},
    {"hex_prefix", "0x3\r\nabc\r\n0\r\n\r\n"},
    {"not_hex", "g\r\nabc\r\n0\r\n\r\n"},
    {"overflow", "10000000000000003\r\nabc\r\n0\r\n\r\n"},
    {"sixteen_digits", "0000000000000003\r\nabc\r\n0\r\n\r\n"},
    {"bare_lf_after_size", "3\nabc\r\n0\r\n\r\n"},
    {"bare_cr_after_size", "3\rabc\r\n0\r\n\r\n"},
    {"no_crlf_after_content", "3\r\nabc0\r\n\r\n"},
    {"bare_lf_after_content", "3\r\nabc\n0\r\n\r\n"},
    {"content_longer_than_size", "3\r\nabcd\r\n0\r\n\r\n"},
    {"trailer", "3\r\nabc\r\n0\r\nX: y\r\n\r\n"},
    {"bare_lf_at_end", "3\r\nabc\r\n0\r\n\n"},
    {"nul_in_size", std::string_view("3\0\r\nabc\r\n0\r\n\r\n", 16)},
};

class RefusedChunks : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Chunked, RefusedChunks, ::testing::ValuesIn(kRefused),
                         [](const auto& test) { return test.param.meaning; });
TEST_P(RefusedChunks, AreMalformed) { EXPECT_TRUE(outcome(GetParam().text).ends_with("|http.malformed")); }

}  // namespace
}  // namespace openpcc::http::h1

// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "wire/chunk_cutter.hpp"
#include "wire/http.hpp"
#include "wire/json.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace openpcc {
namespace {

TEST(Reader, VarintsOfRfc9000) {  // RFC 9000 appendix A.1
    const std::pair<const char*, std::uint64_t> cases[] = {{"c2197c5eff14e88c", 151288809941952652U},
                                                           {"9d7f3e7d", 494878333},
                                                           {"7bbd", 15293},
                                                           {"25", 37},
                                                           {"4025", 37}};
    for (const auto& [hex, value] : cases) {
        const Bytes bytes = *from_hex(hex);
        wire::Reader in(bytes);
        EXPECT_EQ(*in.varint(), value);
        EXPECT_TRUE(in.done());
        for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
            wire::Reader less(bytes.view().first(cut));
            EXPECT_FALSE(less.varint());
            EXPECT_EQ(less.at(), 0U);
        }
    }
}

TEST(Writer, VarintsAreShortest) {
    for (std::uint64_t value : {0ULL, 63ULL, 64ULL, 16383ULL, 16384ULL, 1073741823ULL, 1073741824ULL, 4611686018427387903ULL}) {
        const Bytes bytes = std::move(wire::Writer().varint(value)).take();
        wire::Reader in(bytes);
        EXPECT_EQ(*in.varint(), value);
        EXPECT_EQ(bytes.size(), value < 64 ? 1U : value < 16384 ? 2U : value < 1073741824 ? 4U : 8U);
    }
}

TEST(Reader, NumbersAndVectors) {
    const Bytes bytes = *from_hex("01020304050607080900020a0b");
    wire::Reader in(bytes);
    EXPECT_EQ(*in.u8(), 1);
    EXPECT_EQ(*in.u16(), 0x0203);
    EXPECT_EQ(*in.number_le<std::uint32_t>(), 0x07060504U);
    EXPECT_EQ(in.vec8().error(), wire::kTruncated);  // a vector longer than what is left takes nothing
    EXPECT_EQ(in.left(), 6U);
    EXPECT_TRUE(in.take(2));
    EXPECT_EQ(to_hex(*in.vec16()), "0a0b");
    EXPECT_TRUE(in.finish());
    wire::Reader again(bytes);
    EXPECT_EQ(again.finish().error(), wire::kTrailing);
    EXPECT_EQ(again.vec16(16).error(), wire::kTooLong);
}

// Every split gives the same chunks.
TEST(ChunkCutter, AnySplit) {
    const Bytes stream = *from_hex("03616263" "400178" "80000002" "6869" "0066696e");
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        for (std::size_t second = cut; second <= stream.size(); ++second) {
            wire::ChunkCutter cutter(16);
            std::string seen;
            for (ByteView part : {stream.view().first(cut), stream.view().subspan(cut, second - cut), stream.view().subspan(second)}) {
                while (true) {
                    const auto chunk = cutter.next(part);
                    ASSERT_TRUE(chunk);
                    if (!*chunk) break;
                    seen += to_string(**chunk) + "|";
                }
                EXPECT_TRUE(part.empty());
            }
            seen += to_string(*cutter.final());
            EXPECT_EQ(seen, "abc|x|hi|fin");
        }
    }
}

TEST(ChunkCutter, RefusesBeforeItCollects) {
    wire::ChunkCutter cutter(16);
    const Bytes huge = *from_hex("ffffffffffffffff");
    ByteView in = huge;
    EXPECT_EQ(cutter.next(in).error(), wire::kTooLong);
    EXPECT_EQ(cutter.final().error(), wire::kTooLong);

    wire::ChunkCutter no_end(16);
    const Bytes one = *from_hex("0161");
    in = one;
    EXPECT_TRUE(no_end.next(in));
    EXPECT_EQ(no_end.final().error(), wire::kTruncated);

    wire::ChunkCutter long_end(2);
    const Bytes end = *from_hex("00616263");
    in = end;
    EXPECT_EQ(long_end.next(in).error(), wire::kTooLong);
}

TEST(Json, ReadsAndWritesTheSame) {
    for (const char* text : {R"({"a":[1,-2.50,1e3,true,false,null,"x"],"b":{"c":""}})", R"("é\u0001\"\\")", "[]", "{}",
                             "12345678901234567890123", R"({"a":{},"b":[{}]})"}) {
        const auto value = json::parse(as_bytes(text));
        ASSERT_TRUE(value) << text;
        EXPECT_EQ(value->to_text(), text);
    }
    EXPECT_EQ(json::parse(as_bytes(" { \"a\" : \"\\u00e9\\n\" } "))->to_text(), R"({"a":"é\u000a"})");
}

TEST(Json, Refuses) {
    for (const char* text : {"", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":1}}", "nul", "01", "+1",
                             "1 2", "\"\\ud800\"", "\"\xff\"", "\"\x01\"", "{a:1}", "// c\n1", "[1]x", "NaN", "'a'", "\"a"})
        EXPECT_FALSE(json::parse(as_bytes(text))) << text;
    std::string deep(40, '[');
    EXPECT_FALSE(json::parse(as_bytes(deep + std::string(40, ']'))));
    EXPECT_TRUE(json::parse(as_bytes(std::string(32, '[') + std::string(32, ']'))));
}

TEST(Json, ReadersByKind) {
    const auto value = json::parse(as_bytes(R"({"i":-7,"d":0.5,"b":true,"s":"t","big":99999999999999999999})"));
    ASSERT_TRUE(value);
    EXPECT_EQ(value->get("i")->as_int(), -7);
    EXPECT_EQ(value->get("d")->as_double(), 0.5);
    EXPECT_FALSE(value->get("d")->as_int());
    EXPECT_FALSE(value->get("big")->as_int());
    EXPECT_EQ(value->get("b")->as_bool(), true);
    EXPECT_EQ(value->get("s")->as_string(), "t");
    EXPECT_FALSE(value->get("s")->as_int());
    EXPECT_EQ(value->get("missing"), nullptr);
}

TEST(Http, FieldRules) {
    EXPECT_TRUE(http::is_field_name("content-type"));
    for (const char* bad : {"", "Content-Type", "a b", "a:", ":path", "a\n"}) EXPECT_FALSE(http::is_field_name(bad)) << bad;
    EXPECT_TRUE(http::is_field_value("a\tb c"));
    EXPECT_TRUE(http::is_field_value(""));
    for (const char* bad : {" a", "a ", "a\r", "a\n", "\x7f", "\x01"}) EXPECT_FALSE(http::is_field_value(bad)) << bad;
    EXPECT_FALSE(http::is_field_value(std::string_view("a\0b", 3)));
    EXPECT_TRUE(http::media_type_is("Text/Event-Stream ; charset=utf-8", "text/event-stream"));
    EXPECT_FALSE(http::media_type_is(std::nullopt, "text/event-stream"));
}

TEST(Http, GetWantsExactlyOne) {
    http::Fields fields{{"a", "1"}, {"b", "2"}, {"a", "3"}};
    EXPECT_FALSE(fields.get("a"));
    EXPECT_EQ(fields.get("b"), "2");
    fields.set("a", "4");
    EXPECT_EQ(fields.get("a"), "4");
}

}  // namespace
}  // namespace openpcc

// SPDX-License-Identifier: Apache-2.0
#include "io/device/certificate_table.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"

namespace openpcc::device {
namespace {

using Kind = TableEntry::Kind;

struct Written {
    std::string guid;  // 32 digits
    std::uint32_t offset;
    std::uint32_t length;
};

const std::string kVcek = "63da758de6644564adc5f4b93be8accd";
const std::string kVlek = "a8074bc2a25a483eaae639c045a0b8a1";
const std::string kAsk = "4ab7b379bbac4fe4a02f05aef327c782";
const std::string kArk = "c0b406a4a803495297433fb6014cd0ae";
const std::string kVcekInMemoryOrder = "8d75da6364e66445adc5f4b93be8accd";

void put_le(Bytes& out, std::uint32_t value) {
    for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(value >> 8 * i));
}

Bytes table(const std::vector<Written>& entries, std::size_t content) {
    Bytes out;
    for (const Written& entry : entries) {
        out.append(from_hex(entry.guid).value());
        put_le(out, entry.offset);
        put_le(out, entry.length);
    }
    out.append(Bytes(24));
    for (std::size_t i = 0; i < content; ++i) out.push_back(static_cast<std::uint8_t>(i));
    return out;
}

void expect_refused(const Bytes& bytes, std::string_view why) {
    const auto read = parse_certificate_table(bytes);
    ASSERT_FALSE(read) << why;
    EXPECT_EQ(read.error(), kBadTable);
    EXPECT_EQ(read.error().text(), why);
}

TEST(CertificateTable, ReadsWhatHostsWrite) {
    const auto read = parse_certificate_table(table({{kVcek, 96, 3}, {kAsk, 101, 4}, {kArk, 99, 2}}, 64)).value();
    ASSERT_EQ(read.size(), 3U);
    EXPECT_EQ(read[0].kind, Kind::kVcek);
    EXPECT_EQ(read[0].content, (Bytes{0, 1, 2}));
    EXPECT_EQ(read[1].kind, Kind::kAsk);
    EXPECT_EQ(read[1].content, (Bytes{5, 6, 7, 8}));
    EXPECT_EQ(read[2].kind, Kind::kArk);
    EXPECT_EQ(parse_certificate_table(table({{kVcekInMemoryOrder, 48, 1}}, 1)).value()[0].kind, Kind::kVcek);
    EXPECT_EQ(parse_certificate_table(table({{std::string(32, '7'), 48, 1}}, 1)).value()[0].kind, Kind::kOther);
    EXPECT_TRUE(parse_certificate_table(Bytes()).value().empty());
    EXPECT_TRUE(parse_certificate_table(Bytes(16384)).value().empty());
}

TEST(CertificateTable, ContentLiesWithinAndApart) {
    const std::string_view outside = "a certificate outside its place";
    expect_refused(table({{kVcek, 48, 5}}, 4), outside);
    expect_refused(table({{kVcek, 47, 2}}, 4), outside);  // in the list
    expect_refused(table({{kVcek, 0, 24}}, 4), outside);
    expect_refused(table({{kVcek, 52, 1}}, 4), outside);
    expect_refused(table({{kVcek, 48, 0xffffffff}}, 4), outside);
    expect_refused(table({{kVcek, 0xffffffff, 0xffffffff}}, 4), outside);
    expect_refused(table({{kVcek, 0xffffffff, 2}}, 4), outside);
    expect_refused(table({{kVcek, 72, 4}, {kAsk, 75, 1}}, 4), outside);
    expect_refused(table({{kVcek, 48, 0}}, 4), "an empty certificate");
}

TEST(CertificateTable, EachKindStandsOnce) {
    expect_refused(table({{kVcek, 72, 1}, {kVcek, 73, 1}}, 4), "a certificate twice");
    expect_refused(table({{kVcek, 72, 1}, {kVcekInMemoryOrder, 73, 1}}, 4), "a certificate twice");
    expect_refused(table({{std::string(32, '7'), 72, 1}, {std::string(32, '7'), 73, 1}}, 4), "a certificate twice");
}

TEST(CertificateTable, TheListEndsAndIsShort) {
    const Bytes whole = table({{kVcek, 96, 3}, {kAsk, 99, 4}, {kArk, 103, 2}}, 9);
    for (std::size_t size = 1; size < whole.size(); ++size)
        EXPECT_FALSE(parse_certificate_table(whole.view().first(size))) << size;
    Bytes last = table({{kVcek, 48, 1}}, 4);
    last[24 + 16] = 1;
    expect_refused(last, "the last entry is not all zeros");
    std::vector<Written> many;
    for (std::uint32_t i = 0; i < 17; ++i) many.push_back({std::string(30, '7') + std::to_string(10 + i), 432 + i, 1});
    expect_refused(table(many, 64), "more than 16 certificates");
}

TEST(CertificateTable, GivesAVerifierItsTwo) {
    const auto chain = [](const std::vector<Written>& entries) {
        return chain_of(parse_certificate_table(table(entries, 64)).value());
    };
    EXPECT_EQ(chain({{kAsk, 72, 1}, {kVcek, 73, 1}}), (std::vector<Bytes>{Bytes{1}, Bytes{0}}));
    EXPECT_EQ(chain({{kVlek, 72, 1}, {kAsk, 73, 1}}), (std::vector<Bytes>{Bytes{0}, Bytes{1}}));
    EXPECT_TRUE(chain({{kVcek, 72, 1}, {kArk, 73, 1}}).empty());
    EXPECT_TRUE(chain({{kAsk, 72, 1}, {kArk, 73, 1}}).empty());
    EXPECT_TRUE(chain({{kVcek, 96, 1}, {kVlek, 97, 1}, {kAsk, 98, 1}}).empty());
}

}  // namespace
}  // namespace openpcc::device

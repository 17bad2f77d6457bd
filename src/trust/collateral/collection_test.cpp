// SPDX-License-Identifier: Apache-2.0
#include "trust/collateral/collection.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "wire/json.hpp"

namespace openpcc::collateral {
namespace {

Collection sample() {
    Collection out;
    out.fetched = parse_rfc3339("2026-11-25T07:00:00Z").value();
    out.tdx.tcb_infos = {{to_bytes("{\r\n\t\"b\" : 1}\n"), to_bytes("chain")},
                         {to_bytes(R"({"tcbInfo":{"a":"\\"},"signature":"00"})"), to_bytes("-----BEGIN-----\nAA==\n")}};
    out.tdx.qe_identities = {{to_bytes("{}"), to_bytes("")}};
    out.tdx.crls = {Bytes{1, 2, 3}, Bytes{2}};
    out.snp.crls = {Bytes{0x30}};
    return out;
}

std::string written(const Collection& collection) {
    const auto text = collection.to_json();
    EXPECT_TRUE(text) << text.error().describe();
    return text.value_or("");
}

std::string refusal(std::string_view text) {
    const auto read = Collection::parse(as_bytes(text));
    return read ? "read" : read.error().describe();
}

TEST(Collection, ReadsWhatItWrites) {
    const std::string text = written(sample());
    EXPECT_TRUE(json::parse(as_bytes(text)));
    const auto read = Collection::parse(as_bytes(text));
    ASSERT_TRUE(read) << read.error().describe();
    EXPECT_EQ(read->claimed(), sample());
    EXPECT_EQ(written(read->claimed()), text);
}

TEST(Collection, HasOneFormWhateverTheOrder) {
    Collection other = sample();
    std::swap(other.tdx.tcb_infos[0], other.tdx.tcb_infos[1]);
    std::swap(other.tdx.crls[0], other.tdx.crls[1]);
    other.snp.crls.push_back(other.snp.crls[0]);
    EXPECT_EQ(written(other), written(sample()));
    EXPECT_EQ(to_hex(name_of(as_bytes(written(sample())))), to_hex(name_of(as_bytes(written(other)))));
}

TEST(Collection, LeavesOutEmptySections) {
    Collection none;
    EXPECT_EQ(written(none), R"({"version":1,"fetched":"1970-01-01T00:00:00Z","sections":{}})");
    Collection amd;
    amd.snp = sample().snp;
    EXPECT_EQ(written(amd), R"({"version":1,"fetched":"1970-01-01T00:00:00Z","sections":{"snp":{"crls":["MA=="]}}})");
    for (const Collection& one : {none, amd})
        EXPECT_EQ(Collection::parse(as_bytes(written(one))).value().claimed(), one);
}

TEST(Collection, EveryChangedByteIsRefusedOrIsAnotherCollection) {
    const std::string good = written(sample());
    for (std::size_t i = 0; i < good.size(); ++i) {
        EXPECT_NE(refusal(good.substr(0, i)), "read") << i;
        for (const int mask : {1, 0x20, 0x80}) {
            std::string bad = good;
            bad[i] = static_cast<char>(bad[i] ^ mask);
            const auto read = Collection::parse(as_bytes(bad));
            if (!read) continue;
            EXPECT_NE(read->claimed(), sample()) << i;
            EXPECT_EQ(written(read->claimed()), bad) << i;
        }
    }
    EXPECT_EQ(refusal(good + "\n"),
              "collateral.malformed: at byte " + std::to_string(good.size()) + ": expected the end");
}

TEST(Collection, RefusesUnknownMissingAndMisplacedMembers) {
    const std::string good = written(sample());
    const auto with = [&](std::string_view from, std::string_view to) {
        std::string text = good;
        const auto at = text.find(from);
        EXPECT_NE(at, std::string::npos) << from;
        return refusal(text.replace(at, from.size(), to));
    };
    for (const auto& [from, to] :
         std::vector<std::pair<std::string, std::string>>{{"\"version\":1", "\"version\":2"},
                                                          {"{\"version\":1,", "{"},
                                                          {"\"fetched\":", "\"note\":1,\"fetched\":"},
                                                          {"\"sections\":{", "\"sections\":{\"gpu\":{},"},
                                                          {"\"snp\":{\"crls\":[\"MA==\"]},", "\"snp\":{\"crls\":[]},"},
                                                          {"\"snp\":{\"crls\":[\"MA==\"]},", ","},
                                                          {"\"qe_identities\":", "\"qe_identity\":"},
                                                          {",\"issuer_chain\":\"\"", ""},
                                                          {"\"body\":", "\"body\" :"},
                                                          {"\"MA==\"", "\"MA\""},
                                                          {"\"MA==\"", "\"MB==\""},
                                                          {"\"MA==\"", "\"MA==\",\"MA==\""},
                                                          {"\"MA==\"", "null"},
                                                          {"\\n", "\\u000a"},
                                                          {"\\n", "\n"},
                                                          {"2026-11-25T07:00:00Z", "2026-11-25T07:00:00.5Z"},
                                                          {"2026-11-25T07:00:00Z", "2026-13-25T07:00:00Z"}})
        EXPECT_TRUE(with(from, to).starts_with("collateral.malformed: "))
            << from << " -> " << to << ": " << with(from, to);
}

TEST(Collection, IsBounded) {
    EXPECT_EQ(refusal(std::string(kMaxFile + 1, ' ')), "collateral.too_large: longer than 4 MiB");
    Collection many = sample();
    for (std::size_t i = 0; i <= kMaxItems; ++i)
        many.tdx.crls.push_back(Bytes{static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)});
    EXPECT_EQ(many.to_json().error(), kTooLarge);
    std::string list;
    for (std::size_t i = 0; i <= kMaxItems; ++i)
        list += (i == 0 ? "\"" : ",\"") +
                to_base64(Bytes{static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}) + "\"";
    const std::string head = R"({"version":1,"fetched":"1970-01-01T00:00:00Z","sections":{"snp":{"crls":[)";
    EXPECT_TRUE(refusal(head + list + "]}}}").starts_with("collateral.too_large: ")) << refusal(head + list + "]}}}");

    Collection body = sample();
    body.tdx.qe_identities = {{Bytes(kMaxText), {}}};
    std::ranges::fill(body.tdx.qe_identities[0].json.span(), std::uint8_t{'a'});
    const std::string longest = written(body);
    EXPECT_EQ(refusal(longest), "read");
    std::string longer = longest;
    longer.insert(longer.find("aaaa"), "a");
    EXPECT_TRUE(refusal(longer).starts_with("collateral.too_large: "));
    longer = longest;
    longer.replace(longer.find("aaaa"), 1, "\\n\\n");
    EXPECT_TRUE(refusal(longer).starts_with("collateral.too_large: "));
    body.tdx.qe_identities[0].json.push_back('a');
    EXPECT_EQ(body.to_json().error(), kTooLarge);

    Collection huge;
    for (std::size_t i = 0; i < 4; ++i) huge.snp.crls.emplace_back(kMaxCrl - i);
    EXPECT_EQ(huge.to_json().error(), kTooLarge);
}

TEST(Collection, HoldsPrintableTextOnly) {
    for (const Bytes& text : {Bytes{0}, Bytes{0x1b}, Bytes{0x7f}, Bytes{0xc3, 0xa9}}) {
        Collection odd;
        odd.tdx.tcb_infos = {{text, {}}};
        EXPECT_EQ(odd.to_json().error(), kMalformed);
        odd.tdx.tcb_infos = {{{}, text}};
        EXPECT_EQ(odd.to_json().error(), kMalformed);
    }
}

}  // namespace
}  // namespace openpcc::collateral

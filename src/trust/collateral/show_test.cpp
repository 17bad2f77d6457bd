// SPDX-License-Identifier: Apache-2.0
#include "trust/collateral/show.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trust/collateral/testing.hpp"
#include "wire/json.hpp"

namespace openpcc::collateral {
namespace {

using testing::day;
using testing::Vendor;

struct Show : ::testing::Test {
    Vendor vendor{"Test SGX PCK CA"};
    Vendor root{"Test SGX Root CA"};
    Vendor amd{"ARK-Genoa"};

    // Everything issued on day 0, with 90 days to its end.
    Bytes list(const Vendor& of, TimePoint issued = day(0)) const {
        return x509::make_crl(of.root, of.root_key, issued, issued + std::chrono::days(90), {Bytes{1}})->der();
    }
    static constexpr evidence::CollateralAge kAge{.amber = std::chrono::days(30), .red = std::chrono::days(60)};
    static Overview at(const Collection& collection, TimePoint now, const Ages& ages = {.snp = kAge, .tdx = kAge}) {
        return look_at(collection, name_of(as_bytes(collection.to_json().value())), ages, now);
    }
    static std::string first_line(const Overview& overview) {
        const std::string text = overview.render();
        return text.substr(0, text.find('\n'));
    }
};

// TOB-21: nothing lasts for ever; what is old is amber, then red, and never silent.
TEST_F(Show, TOB_21_TurnsAmberAndThenRed) {
    const Collection collection{day(0), {{}, {}, {list(vendor)}}, {{list(amd)}}};
    struct Row {
        int seconds_after;
        int days;
        Light light;
    };
    for (const auto& [seconds, days, light] :
         {Row{0, 0, Light::kGreen}, Row{0, 30, Light::kGreen}, Row{1, 30, Light::kAmber}, Row{0, 60, Light::kAmber},
          Row{1, 60, Light::kRed}, Row{0, 400, Light::kRed}}) {
        const Overview overview = at(collection, day(days) + Seconds(seconds));
        EXPECT_EQ(overview.light, light) << days;
        for (const Shown& shown : overview.items) EXPECT_EQ(shown.light, light) << days;
    }
    EXPECT_EQ(first_line(at(collection, day(1))), "green: 2 items, none of them old before 2026-12-01T00:00:01Z");
    EXPECT_EQ(first_line(at(collection, day(31))),
              "amber: 2 of 2 items are old; the next change is at 2026-12-31T00:00:01Z");
    EXPECT_EQ(first_line(at(collection, day(61))), "red: 2 of 2 items cannot be used");
    EXPECT_EQ(first_line(at({}, day(1))), "red: there is nothing inside");
}

// GW-22: no grace after the end that the vendor has set.
TEST_F(Show, GW_22_TheVendorsOwnEndHasNoGrace) {
    const Collection info{day(0), {{vendor.signed_json(vendor.tcb_info("00806f050000", day(0)))}, {}, {}}, {}};
    EXPECT_EQ(at(info, day(29)).light, Light::kGreen);
    EXPECT_EQ(at(info, day(29)).items[0].changes, day(30));
    EXPECT_EQ(at(info, day(30)).light, Light::kRed);
    EXPECT_EQ(at(info, day(30)).items[0].why, "its time is over since 2026-12-01T00:00:00Z");
    EXPECT_EQ(at(info, day(-1)).items[0].why, "issued in the future");
    EXPECT_EQ(at(info, day(0) - Seconds(300)).light, Light::kGreen);
}

TEST_F(Show, UsualAgesFollowTheVendors) {
    const Collection collection{day(0), {{}, {}, {list(vendor)}}, {{list(amd)}}};
    const Overview overview = at(collection, day(40), Ages::usual());
    EXPECT_EQ(overview.items[0].light, Light::kGreen);
    EXPECT_EQ(overview.items[1].light, Light::kAmber);
    EXPECT_EQ(at(collection, day(61), Ages::usual()).items[1].light, Light::kRed);
}

TEST_F(Show, TheListOfIntelsRootHasNoAge) {
    const Collection collection{day(0), {{}, {}, {list(root)}}, {}};
    EXPECT_EQ(at(collection, day(89)).light, Light::kGreen);
    EXPECT_EQ(at(collection, day(90)).light, Light::kRed);
}

TEST_F(Show, TheWorstItemDecides) {
    const Collection collection{day(0), {{}, {}, {list(vendor), list(root, day(40))}}, {}};
    EXPECT_EQ(at(collection, day(45)).light, Light::kAmber);
    Collection broken = collection;
    broken.snp.crls = {Bytes{0x30}};
    EXPECT_EQ(at(broken, day(45)).light, Light::kRed);
    EXPECT_THAT(at(broken, day(45)).render(), ::testing::HasSubstr("not a revocation list"));
}

TEST_F(Show, UsesTheAgesOfAPolicy) {
    const Collection collection{day(0), {{}, {}, {list(vendor)}}, {{list(amd)}}};
    const evidence::CollateralAge short_age{.amber = std::chrono::days(1), .red = std::chrono::days(2)};
    const Overview overview = at(collection, day(2), {.snp = std::nullopt, .tdx = short_age});
    EXPECT_EQ(overview.items[0].why, "the policy refuses this vendor");
    EXPECT_EQ(overview.items[1].light, Light::kAmber);
    EXPECT_EQ(at(collection, day(3), {.snp = short_age, .tdx = short_age}).light, Light::kRed);
    // Ages that nobody set accept nothing.
    EXPECT_EQ(at(collection, day(0), {.snp = evidence::CollateralAge{}, .tdx = evidence::CollateralAge{}}).light,
              Light::kRed);
}

TEST_F(Show, IsOneJsonObject) {
    const Collection collection{
        day(3), {{vendor.signed_json(vendor.tcb_info("00806F050000", day(1)))}, {}, {list(vendor)}}, {{Bytes{0x30}}}};
    const auto json = json::parse(as_bytes(at(collection, day(10)).to_json())).value();
    EXPECT_EQ(json.get("schema")->as_string(), "openpcc-collateral-1");
    EXPECT_EQ(json.get("state")->as_string(), "red");
    EXPECT_EQ(json.get("fetched")->as_string(), "2026-11-04T00:00:00Z");
    const auto& items = json.get("items")->elements();
    ASSERT_EQ(items.size(), 3U);
    EXPECT_EQ(items[0].get("issued")->kind(), json::Value::Kind::kNull);
    EXPECT_EQ(items[0].get("why")->as_string(), "not a revocation list");
    EXPECT_EQ(items[1].get("revoked")->as_int(), 1);
    EXPECT_EQ(items[2].get("subject")->as_string(), "00806f050000");
    EXPECT_EQ(items[2].get("evaluation")->as_int(), 17);
    EXPECT_EQ(items[2].get("age_seconds")->as_int(), 9 * 86400);
    EXPECT_EQ(items[2].get("signer")->as_string(), "Test TCB Signing");
}

TEST_F(Show, NamesOfStrangersStayOnTheirLine) {
    const Vendor odd("SGX \x1b[31m\nname");
    const Collection collection{day(0), {{}, {}, {list(odd)}}, {}};
    const std::string text = at(collection, day(1)).render();
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(std::ranges::count(text, '\n'), 3);
}

}  // namespace
}  // namespace openpcc::collateral

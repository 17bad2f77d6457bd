// SPDX-License-Identifier: Apache-2.0
#include "trust/collateral/merge.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "trust/collateral/items.hpp"
#include "trust/collateral/testing.hpp"

namespace openpcc::collateral {
namespace {

using testing::day;
using testing::Vendor;

struct Merge : ::testing::Test {
    Vendor vendor;

    Collection tcb(const std::string& fmspc, TimePoint issued, int evaluation = 17) {
        return {issued, {{vendor.signed_json(vendor.tcb_info(fmspc, issued, evaluation))}, {}, {}}, {}};
    }
    Collection identity(TimePoint issued) {
        return {issued, {{}, {vendor.signed_json(vendor.identity(issued))}, {}}, {}};
    }
    Collection crl(TimePoint issued, const std::vector<Bytes>& revoked) {
        return {issued, {{}, {}, {vendor.crl(issued, revoked)}}, {}};
    }
};

Collection merged(const std::vector<Collection>& parts) {
    Collection out;
    for (const Collection& part : parts) out = merge(out, part);
    return out;
}

TEST_F(Merge, KeepsTheNewestByTheDateInside) {
    EXPECT_EQ(merge(tcb("00806f050000", day(1)), tcb("00806F050000", day(2))).tdx.tcb_infos.size(), 1U);
    EXPECT_EQ(merge(tcb("00806F050000", day(2), 17), tcb("00806f050000", day(1), 17)).fetched, day(2));
    const Collection numbers = merge(tcb("00806f050000", day(1), 18), tcb("00806f050000", day(1), 17));
    ASSERT_EQ(numbers.tdx.tcb_infos.size(), 1U);
    EXPECT_EQ(read_tcb_info(numbers.tdx.tcb_infos[0].json)->evaluation, 18);
    EXPECT_EQ(merge(tcb("00806f050000", day(1)), tcb("90c06f000000", day(2))).tdx.tcb_infos.size(), 2U);
    const Collection later = identity(day(2));
    EXPECT_EQ(merge(identity(day(1)), later), later);
}

// Intel serves several evaluation numbers at once and dates each anew: who offers yesterday's number with today's date
// displaces nothing.
TEST_F(Merge, ALowerEvaluationDisplacesNoHigherOne) {
    const Collection both = merge(tcb("00806F050000", day(2), 17), tcb("00806f050000", day(1), 18));
    EXPECT_EQ(both.tdx.tcb_infos.size(), 2U);
    // A third one that is newer than both, and no lower, takes the place of both.
    EXPECT_EQ(merge(both, tcb("00806f050000", day(3), 18)).tdx.tcb_infos.size(), 1U);
    EXPECT_EQ(merge(both, tcb("00806f050000", day(3), 17)).tdx.tcb_infos.size(), 2U);
}

// ZK-11: revocation is not optional, and no older file takes one back.
TEST_F(Merge, ZK_11_NeverForgetsARevocation) {
    const Bytes one{0x11};
    const Bytes two{0x22};
    EXPECT_EQ(merge(crl(day(1), {one}), crl(day(2), {one, two})).tdx.crls.size(), 1U);
    EXPECT_EQ(merge(crl(day(1), {}), crl(day(2), {})).tdx.crls.size(), 1U);
    // The newer list does not have what the older one revokes: both stay.
    EXPECT_EQ(merge(crl(day(1), {one, two}), crl(day(2), {one})).tdx.crls.size(), 2U);
    // A third one that has everything takes the place of both.
    EXPECT_EQ(merged({crl(day(1), {one, two}), crl(day(2), {one}), crl(day(3), {one, two})}).tdx.crls.size(), 1U);
    // An older list never displaces a newer one, however much it revokes.
    EXPECT_EQ(merge(crl(day(2), {}), crl(day(1), {one})).tdx.crls.size(), 2U);
    const Vendor other("Other SGX Root CA");
    const Collection theirs{day(1), {{}, {}, {other.crl(day(9))}}, {}};
    EXPECT_EQ(merge(crl(day(1), {}), theirs).tdx.crls.size(), 2U);
}

TEST_F(Merge, DependsOnNoOrderAndRepetition) {
    std::vector<Collection> parts = {tcb("00806f050000", day(1)),       tcb("00806f050000", day(3)),
                                     tcb("00806f050000", day(3), 18),   identity(day(2)),
                                     crl(day(1), {Bytes{1}, Bytes{2}}), crl(day(2), {Bytes{1}}),
                                     crl(day(3), {Bytes{1}, Bytes{3}}), {day(9), {}, {{Bytes{0x30}}}}};
    const Collection all = merged(parts);
    EXPECT_EQ(merge(all, all), all);
    EXPECT_EQ(merge(all, {}), all);
    std::vector<std::size_t> order(parts.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    for (int round = 0; round < 200; ++round) {
        std::ranges::next_permutation(order);
        std::ranges::rotate(order, order.begin() + round % static_cast<int>(order.size()));
        Collection left;
        Collection right;
        for (std::size_t i = 0; i < order.size(); ++i) {
            Collection& half = i % 2 == 0 ? left : right;
            half = merge(half, parts[order[i]]);
        }
        EXPECT_EQ(merge(left, right), all);
        EXPECT_EQ(merge(right, left), all);
    }
    EXPECT_EQ(all.to_json().value(), Collection::parse(as_bytes(all.to_json().value()))->claimed().to_json().value());
}

TEST_F(Merge, KeepsWhatCannotBeRead) {
    Collection odd;
    odd.tdx.tcb_infos = {{to_bytes("{}"), {}}};
    odd.tdx.crls = {Bytes{1}};
    const Collection both = merge(odd, tcb("00806f050000", day(1)));
    EXPECT_EQ(both.tdx.tcb_infos.size(), 2U);
    EXPECT_EQ(both.tdx.crls.size(), 1U);
}

TEST_F(Merge, ItemsSayWhatIsInside) {
    Collection all = merged({tcb("00806F050000", day(1)), identity(day(2)), crl(day(3), {Bytes{1}})});
    all.snp.crls = {Bytes{0x30}};
    const auto items = items_of(all);
    ASSERT_EQ(items.size(), 4U);
    EXPECT_EQ(items[0].problem, "not a revocation list");
    EXPECT_EQ(items[0].section, "snp");
    EXPECT_EQ(items[1].subject, "Test SGX Root CA");
    EXPECT_EQ(items[1].revoked, 1U);
    EXPECT_EQ(items[1].issued, day(3));
    EXPECT_EQ(items[1].next_update, day(33));
    EXPECT_EQ(items[2].subject, "TD_QE");
    EXPECT_EQ(items[2].signer, "Test TCB Signing");
    EXPECT_EQ(items[3].subject, "00806f050000");
    EXPECT_EQ(items[3].evaluation, 17);
    EXPECT_EQ(items[3].issued, day(1));
    EXPECT_EQ(items[3].next_update, day(31));
}

TEST_F(Merge, AnswersThatAreNoneAreNotRead) {
    const std::string good = vendor.tcb_info("00806f050000", day(1));
    EXPECT_TRUE(read_tcb_info(as_bytes(good)));
    EXPECT_FALSE(read_identity(as_bytes(good)));
    for (const auto& [from, to] :
         std::vector<std::pair<std::string, std::string>>{{"issueDate", "issuedate"},
                                                          {"nextUpdate", "next"},
                                                          {"00806f050000", "00806f05000"},
                                                          {"\"fmspc\"", "\"fms\""},
                                                          {":17", ":-1"},
                                                          {":17", ":1.5"},
                                                          {"\"signature\":\"", "\"signature\":\"0"},
                                                          {"\"signature\"", "\"x\":1,\"signature\""},
                                                          {"tcbInfo", "TcbInfo"},
                                                          {"TDX", "T D"}}) {
        std::string bad = good;
        bad.replace(bad.find(from), from.size(), to);
        EXPECT_FALSE(read_tcb_info(as_bytes(bad))) << bad;
    }
    EXPECT_EQ(read_tcb_info(Bytes(kMaxText + 1)).error(), kTooLarge);
}

}  // namespace
}  // namespace openpcc::collateral

// SPDX-License-Identifier: Apache-2.0
// Revocation lists: which, how old, and whom they name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/simulated/snp_world.hpp"

namespace openpcc::simulated {
namespace {

using crypto::Scheme;
using snp::KeyKind;
using snp::Product;
using std::chrono::days;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

const Bytes kAskSerial = {0x05, 0x00, 0x01};
const Bytes kAsvkSerial = {0x05, 0x01, 0x01};
const Bytes kArkSerial = {0x05, 0x00, 0x00};

Bytes list(const SnpWorld& world, Seconds age, Seconds left, const std::vector<Bytes>& serials = {}) {
    return world.authority.crl(kSnpNow - age, kSnpNow + left, serials).value();
}

// "Not run" is never passed: nothing is good without a list.
TEST(SnpRevocation, WithoutAListTheVerdictIsIncomplete) {
    SnpWorld world;
    world.crls.clear();
    const auto judged = world.judge();
    EXPECT_THAT(judged.failing(), IsEmpty());
    EXPECT_THAT(judged.with(Outcome::kNotRun), ElementsAre("snp.crl", "snp.revocation"));
    EXPECT_EQ(judged.verdict.state(), State::kIncomplete);
    EXPECT_TRUE(judged.report);
}

TEST(SnpRevocation, ListsOfOthersDoNotCount) {
    SnpWorld world;
    const SnpWorld turin(Product::kTurin);
    const auto impostor =
        SnpAuthority::create(SnpAuthoritySpec::good(Product::kGenoa, kSnpNow), SnpCaKeys::generate(2048)).value();
    const Bytes forged = impostor.crl(kSnpNow - hours(1), kSnpNow + days(1), {}).value();
    Bytes altered = world.crls[0];
    altered[altered.size() - 1] ^= 1;
    const Bytes weak = world.authority.crl(kSnpNow - hours(1), kSnpNow + days(1), {}, Scheme::kRsaPkcs1Sha256).value();
    for (const Bytes& crl : {turin.crls[0], forged, altered, weak, world.authority.ark().der(), Bytes{}}) {
        world.crls = {crl};
        EXPECT_EQ(world.signed_collateral().lists().size(), 0U);
        EXPECT_EQ(world.signed_collateral().refused().size(), 1U);
        EXPECT_EQ(world.judge().verdict.state(), State::kIncomplete);
    }
    // Bad ones beside a good one do no harm: whoever serves collateral could leave everything out as well.
    world.crls = {forged, turin.crls[0], list(world, hours(1), days(1))};
    EXPECT_THAT(world.judge().failing(), IsEmpty());
    EXPECT_EQ(world.judge().verdict.state(), State::kSimulated);
}

TEST(SnpRevocation, ListsAreInDateAndNotTooOld) {
    SnpWorld world;
    const auto judged = [&](Seconds age, Seconds left) {
        world.crls = {list(world, age, left)};
        return world.judge();
    };
    EXPECT_THAT(judged(hours(1), Seconds(1)).failing(), IsEmpty());
    for (const Seconds left : {Seconds(0), Seconds(-1)}) {
        const auto ended = judged(hours(1), left);
        EXPECT_THAT(ended.failing(), ElementsAre("snp.crl"));
        EXPECT_THAT(ended.with(Outcome::kNotRun), ElementsAre("snp.revocation"));
    }
    EXPECT_THAT(judged(days(10), days(1)).with(Outcome::kNote), IsEmpty());
    EXPECT_THAT(judged(days(10) + Seconds(1), days(1)).with(Outcome::kNote), ElementsAre("snp.crl"));
    EXPECT_THAT(judged(days(30), days(1)).with(Outcome::kNote), ElementsAre("snp.crl"));
    EXPECT_THAT(judged(days(30) + Seconds(1), days(1)).failing(), ElementsAre("snp.crl"));
    EXPECT_THAT(judged(-Seconds(300), days(1)).failing(), IsEmpty());
    EXPECT_THAT(judged(-Seconds(301), days(1)).failing(), ElementsAre("snp.crl"));
    // No age is accepted where the policy says none.
    world.rules.collateral_age = {};
    EXPECT_THAT(judged(Seconds(0), days(1)).failing(), ElementsAre("snp.crl"));
}

TEST(SnpRevocation, TheVerdictEndsWithTheList) {
    SnpWorld world;
    world.crls = {list(world, hours(1), hours(2))};
    EXPECT_EQ(world.judge().verdict.valid_until(), kSnpNow + hours(2));
    // Or when the policy calls it too old.
    world.crls = {list(world, days(30) - hours(1), days(1))};
    EXPECT_EQ(world.judge().verdict.valid_until(), kSnpNow + hours(1) + Seconds(1));
    const Check& check = world.judge().check("snp.crl");
    EXPECT_EQ(check.basis.signer, "ARK-Genoa");
    EXPECT_EQ(check.basis.issued, kSnpNow - days(30) + hours(1));
    EXPECT_EQ(check.basis.until, kSnpNow + days(1));
}

TEST(SnpRevocation, NamesAsksAsvksArksAndLeaves) {
    for (const KeyKind kind : kSnpKinds) {
        SnpWorld world(Product::kGenoa, kind);
        const auto failing = [&](const std::vector<Bytes>& serials) {
            world.crls = {list(world, hours(1), days(1), serials)};
            return world.judge().failing();
        };
        const bool vcek = kind == KeyKind::kVcek;
        EXPECT_THAT(failing({vcek ? kAskSerial : kAsvkSerial}), ElementsAre("snp.revocation"));
        EXPECT_THAT(failing({vcek ? kAsvkSerial : kAskSerial}), IsEmpty());
        EXPECT_THAT(failing({kArkSerial}), ElementsAre("snp.revocation"));
        // AMD's leaves have the number 0: a list with it refuses all of them.
        EXPECT_THAT(failing({Bytes{0x00}}), ElementsAre("snp.revocation"));
        EXPECT_THAT(failing({Bytes{0x01}, Bytes{0x02, 0x00, 0x01}}), IsEmpty());
    }
}

// Being on a list is for ever; any list will do.
TEST(SnpRevocation, AnOldListCanStillRefuse) {
    SnpWorld world;
    world.crls = {list(world, days(300), -days(270), {kAskSerial}), list(world, hours(1), days(1))};
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.revocation"));
    world.crls = {list(world, days(300), -days(270), {kAskSerial})};
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.crl", "snp.revocation"));
    // And the newest decides what is known of the rest.
    world.crls = {list(world, days(300), days(270)), list(world, hours(1), days(1))};
    EXPECT_THAT(world.judge().failing(), IsEmpty());
    std::ranges::reverse(world.crls);
    EXPECT_THAT(world.judge().failing(), IsEmpty());
}

// Two lists of one number: make_crl gives all of them the same, and here they are of one moment too.
TEST(SnpRevocation, ListsOfOneNumberCountBoth) {
    SnpWorld world;
    const Bytes clean = list(world, hours(1), days(1));
    const Bytes revoking = list(world, hours(1), days(1), {kAskSerial});
    for (const auto& crls : {std::vector{clean, revoking}, {revoking, clean}}) {
        world.crls = crls;
        EXPECT_THAT(world.judge().failing(), ElementsAre("snp.revocation"));
    }
    world.crls = {list(world, hours(2), days(1), {kAskSerial}), list(world, hours(1), days(1))};
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.revocation"));
}

// However many lists stand before it, the one that revokes is read, or none is.
TEST(SnpRevocation, ManyListsHideNone) {
    SnpWorld world;
    const auto in_front = [&](std::size_t others) {
        world.crls.assign(others, list(world, hours(1), days(1)));
        world.crls.push_back(list(world, hours(2), days(1), {kAskSerial}));
        return world.judge();
    };
    EXPECT_THAT(in_front(snp::SignedCollateral::kMostLists - 1).failing(), ElementsAre("snp.revocation"));
    EXPECT_THAT(in_front(snp::SignedCollateral::kMostLists).with(Outcome::kNotRun),
                ElementsAre("snp.crl", "snp.revocation"));
}

}  // namespace
}  // namespace openpcc::simulated

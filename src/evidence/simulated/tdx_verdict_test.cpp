// SPDX-License-Identifier: Apache-2.0
// What a good machine gets, how a status is graded, whose collateral counts, and what is remembered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/text.hpp"
#include "evidence/simulated/tdx_world.hpp"

namespace openpcc::simulated {
namespace {

using tdx::TcbStatus;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Seconds kDay = std::chrono::days(1);
constexpr Seconds kEnd = std::chrono::hours(5);

TEST(TdxVerdict, AGoodMachinePassesEveryCheck) {
    TdxWorld world;
    const TdxJudged judged = world.judge();
    EXPECT_EQ(judged.verdict.state(), State::kSimulated)
        << (judged.verdict.first_problem() ? judged.verdict.first_problem()->id : "");
    EXPECT_THAT(judged.with(Outcome::kNote), IsEmpty());
    EXPECT_EQ(judged.with(Outcome::kPass).size(), tdx::checks().size());
    ASSERT_TRUE(judged.quote && (*judged.quote)->tcb);
    EXPECT_EQ((*judged.quote)->tcb->status, TcbStatus::kUpToDate);
    EXPECT_EQ(judged.check("tdx.tcb_info").basis.signer, "Intel SGX TCB Signing");
    EXPECT_EQ(judged.check("tdx.tcb_info").basis.until, world.collateral.tcb_info.until);
    EXPECT_EQ(judged.check("tdx.pck_crl").basis.signer, "Intel SGX PCK Platform CA");
    EXPECT_EQ(judged.check("tdx.pck_crl").basis.issued, world.collateral.pck_crl.this_update);
}

// Every attribute that a policy decides about has a check of its own, in the table and in the verdict.
TEST(TdxVerdict, EveryAttributeBitHasItsCheck) {
    for (std::size_t i = 0; i < tdx::kAttributeBits.size(); ++i) {
        const std::string id = "tdx.attributes." + std::string(tdx::kAttributeBits[i].name);
        const std::uint64_t bit = 1ULL << tdx::kAttributeBits[i].bit;
        for (const bool set : {false, true}) {
            TdxWorld world;
            world.change_draft = [&](Draft& d) {
                d.report.td_attributes = set ? d.report.td_attributes | bit : d.report.td_attributes & ~bit;
            };
            world.rules.attributes[i] = set ? evidence::Must::kZero : evidence::Must::kOne;
            EXPECT_THAT(world.judge().failing(), ElementsAre(id));
            world.rules.attributes[i] = evidence::Must::kAny;
            EXPECT_THAT(world.judge().failing(), IsEmpty()) << id;
        }
    }
}

TEST(TdxVerdict, EveryBitOfXfamDecides) {
    for (unsigned bit = 0; bit < 64; ++bit) {
        TdxWorld world;
        world.change_draft = [bit](Draft& d) { d.report.xfam ^= 1ULL << bit; };
        const auto known = std::ranges::find(tdx::kXfamBits, bit, &tdx::XfamBit::bit);
        const auto failing = world.judge().failing();
        if (bit < 2)
            EXPECT_THAT(failing, ElementsAre("tdx.xfam.required")) << bit;
        else if (known == tdx::kXfamBits.end())
            EXPECT_THAT(failing, ElementsAre("tdx.xfam.reserved")) << bit;
        else
            EXPECT_THAT(failing, IsEmpty()) << bit;
    }
}

TEST(TdxVerdict, HoldsUntilTheFirstEnd) {
    const auto until = [](std::function<void(TdxWorld&)> change) {
        TdxWorld world;
        change(world);
        return world.judge().verdict.valid_until().value() - world.now;
    };
    EXPECT_EQ(until([](TdxWorld& w) { w.collateral.tcb_info.until = w.now + kEnd; }), kEnd);
    EXPECT_EQ(until([](TdxWorld& w) { w.collateral.qe_identity.until = w.now + kEnd; }), kEnd);
    EXPECT_EQ(until([](TdxWorld& w) { w.collateral.root_crl.next_update = w.now + kEnd; }), kEnd);
    EXPECT_EQ(until([](TdxWorld& w) { w.collateral.pck_crl.next_update = w.now + kEnd; }), kEnd);
    EXPECT_EQ(until([](TdxWorld& w) { w.collateral.signer.not_after = w.now + kEnd; }), kEnd);
    EXPECT_EQ(until([](TdxWorld& w) { w.platform.not_after = w.now + kEnd; }), kEnd);
    EXPECT_EQ(until([](TdxWorld& w) { w.collateral.tcb_info.issued = w.now - 31 * kDay + kEnd; }), kEnd);
}

TEST(TdxVerdict, OldCollateralIsANoteBeforeItFails) {
    TdxWorld world;
    world.collateral.tcb_info.issued = world.now - 14 * kDay - Seconds(1);
    const TdxJudged judged = world.judge();
    EXPECT_THAT(judged.failing(), IsEmpty());
    EXPECT_THAT(judged.with(Outcome::kNote), ElementsAre("tdx.collateral_age"));
}

TEST(TdxVerdict, RevocationNamesTheCertificate) {
    TdxWorld world;
    const Platform machine = world.machine();
    const auto chain = tdx::parse_pck_chain(as_bytes(machine.draft({}).pck_chain)).value();
    for (const bool leaf : {true, false}) {
        auto collateral = world.collateral;
        (leaf ? collateral.pck_crl : collateral.root_crl).revoked = {chain[leaf ? 0 : 1].serial()};
        const tdx::SignedCollateral with(publish(world.root, collateral).value(), world.anchors());
        const TdxJudged judged = world.judge(world.quote(machine), with);
        EXPECT_THAT(judged.failing(), ElementsAre("tdx.revocation"));
        EXPECT_THAT(judged.check("tdx.revocation").found,
                    HasSubstr(leaf ? "PCK certificate revoked" : "PCK CA revoked"));
    }
}

// Whoever adds a list, older, newer or of the same moment and number, hides no revocation: any list of the issuer
// refuses, in or out of date, and the newest says how fresh what we know is.
TEST(TdxVerdict, ARevocationIsHiddenByNoOtherList) {
    TdxWorld world;
    const Platform machine = world.machine();
    const auto chain = tdx::parse_pck_chain(as_bytes(machine.draft({}).pck_chain)).value();
    const Bytes quote = world.quote(machine);
    const auto list = [&](const x509::Certificate& issuer, Seconds age, Seconds left, std::vector<Bytes> revoked) {
        return x509::make_crl(issuer, world.root.key(), world.now - age, world.now + left, revoked).value().der();
    };
    // Beside the good lists of an hour ago: age and end of the one that revokes.
    const std::pair<Seconds, Seconds> times[] = {{60 * kDay, kEnd},
                                                 {60 * kDay, -30 * kDay},
                                                 {std::chrono::hours(1), 30 * kDay},
                                                 {Seconds(0), kEnd},
                                                 {-kDay, kEnd}};
    for (const auto& [age, left] : times)
        for (const bool leaf : {true, false})
            for (const bool first : {true, false}) {
                tdx::Collateral all = publish(world.root, world.collateral).value();
                const Bytes revoking = list(chain[leaf ? 1 : 2], age, left, {chain[leaf ? 0 : 1].serial()});
                all.crls.insert(first ? all.crls.begin() : all.crls.end(), revoking);
                const TdxJudged judged = world.judge(quote, tdx::SignedCollateral(all, world.anchors()));
                EXPECT_THAT(judged.failing(), ElementsAre("tdx.revocation")) << age.count() << leaf << first;
                EXPECT_THAT(judged.with(Outcome::kNotRun), IsEmpty());
            }
    // Out of date alone it still refuses, beside what it cannot say.
    auto old = world.collateral;
    old.pck_crl = {world.now - 60 * kDay, world.now - 30 * kDay, {chain[0].serial()}};
    const TdxJudged judged =
        world.judge(quote, tdx::SignedCollateral(publish(world.root, old).value(), world.anchors()));
    EXPECT_THAT(judged.failing(), ElementsAre("tdx.pck_crl", "tdx.revocation"));
    // More lists than are read: none is.
    tdx::Collateral many = publish(world.root, world.collateral).value();
    many.crls.resize(1024, many.crls[1]);
    EXPECT_EQ(world.judge(quote, tdx::SignedCollateral(many, world.anchors())).verdict.state(), State::kSimulated);
    many.crls.push_back(list(chain[1], Seconds(0), kEnd, {chain[0].serial()}));
    EXPECT_THAT(world.judge(quote, tdx::SignedCollateral(many, world.anchors())).failing(),
                ElementsAre("tdx.root_crl", "tdx.pck_crl"));
}

// Missing is not failed, and never passed: the verdict is incomplete, not good.
TEST(TdxVerdict, WhatIsMissingIsNotRun) {
    const auto judged = [](std::function<void(tdx::Collateral&)> change) {
        TdxWorld world;
        world.change_collateral = change;
        const TdxJudged out = world.judge();
        EXPECT_EQ(out.verdict.state(), State::kIncomplete);
        EXPECT_THAT(out.failing(), IsEmpty());
        return out.with(Outcome::kNotRun);
    };
    EXPECT_THAT(
        judged([](auto& c) { c.tcb_infos.clear(); }),
        ElementsAre("tdx.tcb_info", "tdx.tcb_evaluation", "tdx.collateral_age", "tdx.module_identity", "tdx.tcb"));
    EXPECT_THAT(judged([](auto& c) { c.qe_identities.clear(); }),
                ElementsAre("tdx.tcb_evaluation", "tdx.collateral_age", "tdx.qe_identity", "tdx.tcb"));
    EXPECT_THAT(judged([](auto& c) { c.crls.erase(c.crls.begin()); }), ElementsAre("tdx.root_crl", "tdx.revocation"));
    EXPECT_THAT(judged([](auto& c) { c.crls.pop_back(); }),
                ElementsAre("tdx.pck_crl", "tdx.revocation", "tdx.collateral_age"));
}

TEST(TdxVerdict, TcbInfoOfAnotherFamilyIsNone) {
    TdxWorld world;
    world.collateral.tcb_info.fmspc.bytes[0] ^= 1;
    const TdxJudged judged = world.judge();
    EXPECT_EQ(judged.verdict.state(), State::kIncomplete);
    EXPECT_EQ(judged.check("tdx.tcb_info").found, "no TCB info for FMSPC 00514d554c00");
}

// Missing stays missing, whatever else was refused; what was refused of this family, or does not say of which, fails.
TEST(TdxVerdict, RefusedTcbInfoOfOthersLeavesItMissing) {
    const auto judged = [](bool of_this_family, std::string_view from, std::string_view to) {
        TdxWorld world;
        if (!of_this_family) world.collateral.tcb_info.fmspc.bytes[0] ^= 1;
        world.change_collateral = [=](tdx::Collateral& c) {
            std::string json = to_string(c.tcb_infos[0].json);
            c.tcb_infos[0].json = to_bytes(json.replace(json.find(from), from.size(), to));
        };
        return world.judge();
    };
    constexpr std::string_view kName = "\"tcbInfo\"";
    for (const auto& [from, to] : {std::pair("\"pcesvn\":13", "\"pcesvn\":12"), {"\"version\":3", "\"version\":2"}}) {
        const TdxJudged other = judged(false, from, to);
        EXPECT_EQ(other.verdict.state(), State::kIncomplete);
        EXPECT_EQ(other.check("tdx.tcb_info").found, "no TCB info for FMSPC 00514d554c00");
        const TdxJudged ours = judged(true, from, to);
        EXPECT_THAT(ours.failing(), ElementsAre("tdx.tcb_info"));
        EXPECT_EQ(ours.check("tdx.tcb_info").found, "no TCB info for FMSPC 00514d554c00; one was refused: signature");
    }
    for (const bool of_this_family : {true, false}) {
        EXPECT_THAT(judged(of_this_family, kName, "\"tcbinfo\"").failing(), ElementsAre("tdx.tcb_info"));
        EXPECT_THAT(judged(of_this_family, "\"fmspc\"", "\"fmspC\"").failing(), ElementsAre("tdx.tcb_info"));
    }
}

// Two roots are trusted, and each only for its own: collateral of one says nothing of the other's platforms.
TEST(TdxVerdict, CollateralOfAnotherRootDoesNotCount) {
    TdxWorld world;
    const auto other = RootAuthority::create(world.now).value();
    tdx::Anchors anchors = world.anchors();
    anchors.genuine.push_back(other.certificate());
    const tdx::SignedCollateral with(publish(other, world.collateral).value(), anchors);
    ASSERT_EQ(with.tcb_infos().items.size(), 1U);
    TdxJudged judged;
    judged.quote =
        tdx::verify_quote(world.quote(world.machine()), anchors, with, world.rules, world.now, judged.verdict);
    EXPECT_EQ(judged.verdict.state(), State::kNotVerified);
    EXPECT_THAT(judged.with(Outcome::kPass), testing::Not(testing::Contains("tdx.tcb_info")));
    EXPECT_THAT(judged.with(Outcome::kPass), testing::Not(testing::Contains("tdx.root_crl")));
}

// Of several answers the one in date counts, then the highest evaluation, then the newest.
TEST(TdxVerdict, PrefersTheAnswerInDate) {
    TdxWorld world;
    CollateralDraft draft = world.collateral;
    tdx::Collateral all;
    const auto add = [&](std::uint32_t evaluation, Seconds issued, Seconds until) {
        draft.tcb_info.evaluation = evaluation;
        draft.tcb_info.issued = world.now + issued;
        draft.tcb_info.until = world.now + until;
        const auto one = publish(world.root, draft).value();
        all.tcb_infos.push_back(one.tcb_infos[0]);
        if (all.crls.empty()) all.crls = one.crls, all.qe_identities = one.qe_identities;
    };
    const Bytes quote = world.quote(world.machine());
    const auto chosen = [&] {
        return world.judge(quote, tdx::SignedCollateral(all, world.anchors())).check("tdx.tcb_evaluation").found;
    };
    add(30, -3 * kDay, -kDay);
    add(20, -5 * kDay, 5 * kDay);
    EXPECT_THAT(chosen(), HasSubstr("TCB info 20"));
    add(21, -9 * kDay, 5 * kDay);
    EXPECT_THAT(chosen(), HasSubstr("TCB info 21"));
    add(21, -2 * kDay, 5 * kDay);
    const auto judged = world.judge(quote, tdx::SignedCollateral(all, world.anchors()));
    EXPECT_EQ(judged.check("tdx.tcb_info").basis.issued, world.now - 2 * kDay);
}

// What is remembered changes nothing: a second verification, another platform, another time, another set of roots.
TEST(TdxVerdict, WhatIsRememberedChangesNoVerdict) {
    TdxWorld world;
    const tdx::SignedCollateral with(world.published(), world.anchors());
    const Bytes one = world.quote(world.machine());
    const Bytes two = world.quote(world.machine());
    EXPECT_EQ(world.judge(one, with).verdict.state(), State::kSimulated);
    EXPECT_EQ(world.judge(one, with).verdict.state(), State::kSimulated);
    EXPECT_EQ(world.judge(two, with).verdict.state(), State::kSimulated);
    Verdict verdict;
    tdx::Anchors genuine;
    genuine.genuine = {tdx::intel_root()};
    EXPECT_FALSE(tdx::verify_quote(one, genuine, with, world.rules, world.now, verdict));
    EXPECT_EQ(verdict.first_problem()->id, "tdx.pck_chain");
    world.now += 40 * kDay;
    EXPECT_THAT(world.judge(one, with).failing(), ElementsAre("tdx.pck_chain"));
}

// A leaf that ends before its issuers do, and its signature one bit off: neither is covered by what was remembered.
TEST(TdxVerdict, ARememberedLeafStillEnds) {
    TdxWorld world;
    const tdx::SignedCollateral with(world.published(), world.anchors());
    world.platform.not_after = world.now + kDay;
    const Platform machine = world.machine();
    const Bytes quote = world.quote(machine);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(world.judge(quote, with).verdict.state(), State::kSimulated);
    std::string chain = machine.draft({}).pck_chain;
    const std::size_t end = chain.find("\n-----END CERTIFICATE-----");
    chain[end - 8] = chain[end - 8] == 'A' ? 'B' : 'A';
    world.change_draft = [&](Draft& draft) { draft.pck_chain = chain; };
    EXPECT_THAT(world.judge(world.quote(machine), with).failing(), ElementsAre("tdx.pck_chain"));
    world.now += 2 * kDay;
    EXPECT_THAT(world.judge(quote, with).failing(), ElementsAre("tdx.pck_chain"));
}

TEST(TdxVerdict, ManyThreadsShareCollateral) {
    TdxWorld world;
    const tdx::SignedCollateral with(world.published(), world.anchors());
    std::vector<Bytes> quotes;
    for (int i = 0; i < 4; ++i) quotes.push_back(world.quote(world.machine()));
    std::vector<std::thread> threads;
    std::atomic<int> good = 0;
    for (const Bytes& quote : quotes)
        threads.emplace_back([&] {
            for (int i = 0; i < 20; ++i)
                if (world.judge(quote, with).verdict.state() == State::kSimulated) ++good;
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(good, 80);
}

TEST(TdxVerdict, OneMachineHasOneName) {
    TdxWorld world;
    const auto name = [](TdxWorld& w) { return (*w.judge().quote)->name; };
    const auto first = name(world);
    world.platform.platform.platform_instance_id = ByteArray<16>{{7}};
    world.platform.platform.cpu_svn.bytes[0] = 9;
    EXPECT_EQ(name(world), first) << "certified anew, it is the same machine";
    world.platform.platform.ppid.bytes[0] ^= 1;
    EXPECT_NE(name(world), first);
}

}  // namespace
}  // namespace openpcc::simulated

// SPDX-License-Identifier: Apache-2.0
// TCBs against the certificate, against each other and against the policy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evidence/simulated/snp_world.hpp"

namespace openpcc::simulated {
namespace {

using snp::Product;
using snp::Report;
using snp::Tcb;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint8_t Tcb::* kParts[] = {&Tcb::fmc, &Tcb::boot_loader, &Tcb::tee, &Tcb::snp, &Tcb::microcode};

snp::RawTcb moved(Product product, std::uint8_t Tcb::* part, int by) {
    Tcb tcb = good_tcb(product);
    tcb.*part = static_cast<std::uint8_t>(tcb.*part + by);
    return write_tcb(tcb, product);
}

bool has(Product product, std::uint8_t Tcb::* part) { return product == Product::kTurin || part != &Tcb::fmc; }

// Part by part, below and above: the certificate's TCB is what AMD vouches for.
TEST(SnpTcb, ReportedIsTheCertificates) {
    for (const Product product : kSnpProducts) {
        SnpWorld world(product);
        world.kept = world.signed_collateral();
        world.rule().green = {};
        for (auto part : kParts) {
            if (!has(product, part)) continue;
            for (int by : {-1, 1}) {
                if (good_tcb(product).*part + by < 0) continue;
                const auto judged = world.judge_with([&](Report& r) {
                    r.reported_tcb = r.current_tcb = r.committed_tcb = r.launch_tcb = moved(product, part, by);
                });
                EXPECT_THAT(judged.failing(), ElementsAre("snp.tcb_certificate"));
            }
        }
    }
}

TEST(SnpTcb, EachOfTheThreeIsGradedPartByPart) {
    const std::pair<std::string_view, snp::RawTcb Report::*> three[] = {{"snp.tcb.committed", &Report::committed_tcb},
                                                                        {"snp.tcb.launch", &Report::launch_tcb}};
    for (const Product product : kSnpProducts) {
        SnpWorld world(product);
        world.kept = world.signed_collateral();
        for (auto part : kParts) {
            if (good_tcb(product).*part == 0) continue;
            for (const auto& [id, field] : three) {
                const auto judged = world.judge_with([&](Report& r) { r.*field = moved(product, part, -1); });
                EXPECT_THAT(judged.failing(), ElementsAre(std::string(id)));
                EXPECT_EQ((*judged.report)->tcb.outcome, Outcome::kFail);
                EXPECT_THAT(world.judge_with([&](Report& r) { r.*field = moved(product, part, 1); }).failing(),
                            IsEmpty());
            }
            // The policy asks for more than the machine has.
            world.rule().green.*part += 1;
            EXPECT_THAT(world.judge().failing(),
                        ElementsAre("snp.tcb.reported", "snp.tcb.committed", "snp.tcb.launch"));
            world.rule().green.*part -= 1;
        }
    }
}

struct Amber : SnpWorld {
    const TimePoint until = kSnpNow + std::chrono::days(2);
    Amber() {
        rule().amber = snp::ProductRule::Amber{good_tcb(product), {"AMD-SB-3019", "AMD-SB-7033"}, until};
        rule().green.microcode += 1;
    }
};

TEST(SnpTcb, AmberIsANoteWithItsAdvisoriesAndItsDay) {
    Amber world;
    const auto judged = world.judge();
    EXPECT_THAT(judged.failing(), IsEmpty());
    EXPECT_THAT(judged.with(Outcome::kNote), ElementsAre("snp.tcb.reported", "snp.tcb.committed", "snp.tcb.launch"));
    EXPECT_THAT(judged.check("snp.tcb.reported").found, testing::StartsWith("amber until 2026-11-27T07:00:00Z"));
    EXPECT_THAT(judged.check("snp.tcb.reported").found, testing::HasSubstr("AMD-SB-3019, AMD-SB-7033"));
    EXPECT_EQ(judged.verdict.valid_until(), world.until);
    const snp::TcbGrade& tcb = (*judged.report)->tcb;
    EXPECT_EQ(tcb.outcome, Outcome::kNote);
    EXPECT_THAT(tcb.advisories, ElementsAre("AMD-SB-3019", "AMD-SB-7033"));
    EXPECT_EQ(tcb.until, world.until);
}

TEST(SnpTcb, AmberEndsOnItsDay) {
    Amber world;
    world.now = world.until - Seconds(1);
    EXPECT_THAT(world.judge().failing(), IsEmpty());
    world.now = world.until;
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.tcb.reported", "snp.tcb.committed", "snp.tcb.launch"));
}

TEST(SnpTcb, BelowAmberIsRedAndAmberWithoutAdvisoriesIsNone) {
    Amber world;
    const auto below = world.judge_with([&](Report& r) { r.launch_tcb = moved(world.product, &Tcb::snp, -1); });
    EXPECT_THAT(below.failing(), ElementsAre("snp.tcb.launch"));
    EXPECT_EQ((*below.report)->tcb.outcome, Outcome::kFail);
    // Green needs no amber: a note is only what is not green.
    world.rule().green.microcode -= 1;
    EXPECT_THAT(world.judge().with(Outcome::kNote), IsEmpty());
    world.rule().green.microcode += 1;
    world.rule().amber->advisories.clear();
    EXPECT_THAT(world.judge().failing(), ElementsAre("snp.tcb.reported", "snp.tcb.committed", "snp.tcb.launch"));
}

TEST(SnpTcb, ReportedBelowCurrentIsForThePolicy) {
    for (const Product product : kSnpProducts) {
        SnpWorld world(product);
        for (auto part : kParts) {
            if (!has(product, part)) continue;
            const auto current_is = [&](int by) {
                return world.judge_with([&](Report& r) { r.current_tcb = moved(product, part, by); });
            };
            world.rules.provisional_tcb = false;
            EXPECT_THAT(current_is(1).failing(), ElementsAre("snp.tcb.current"));
            world.rules.provisional_tcb = true;
            EXPECT_THAT(current_is(1).failing(), IsEmpty());
            EXPECT_THAT(current_is(1).with(Outcome::kNote), ElementsAre("snp.tcb.current"));
            EXPECT_THAT(current_is(0).with(Outcome::kNote), IsEmpty());
            // Below the reported one is never right, whatever its other parts are.
            if (good_tcb(product).*part == 0) continue;
            EXPECT_THAT(current_is(-1).failing(), ElementsAre("snp.tcb.current"));
        }
        world.rules.provisional_tcb = true;
        EXPECT_THAT(world
                        .judge_with([&](Report& r) {
                            Tcb tcb = good_tcb(product);
                            tcb.microcode += 1;
                            tcb.snp -= 1;
                            r.current_tcb = write_tcb(tcb, product);
                        })
                        .failing(),
                    ElementsAre("snp.tcb.current"));
    }
}

}  // namespace
}  // namespace openpcc::simulated

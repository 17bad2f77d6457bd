// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/verdict_cache.hpp"

#include <gtest/gtest.h>

#include "trust/verify/render.hpp"
#include "trust/verify/scene.hpp"

namespace openpcc::verify {
namespace {

// Cached is a good scene, its bundle, and a cache for it.
struct Cached : Scene {
    Bytes good = bundle().encode();
    VerdictCache cache{policy, roots, sign_checked(collection(), roots)};

    std::shared_ptr<const Verification> ask(ByteView bytes, const Expectation& expectation, Seconds later = {}) {
        return cache.verify(bytes, expectation, now + later);
    }
    std::shared_ptr<const Verification> ask(Seconds later = {}) { return ask(good, expectation, later); }
};

bool accepted(const Verification& verification) { return !std::holds_alternative<std::monostate>(verification.key); }

TEST(VerdictCache, UnchangedEvidenceIsJudgedOnce) {
    Cached scene;
    const auto first = scene.ask();
    ASSERT_TRUE(accepted(*first));
    EXPECT_EQ(verdict_to_json(*first), verdict_to_json(scene.verify(scene.good)));
    EXPECT_EQ(scene.ask(Seconds(1)), first);
    EXPECT_EQ(scene.cache.size(), 1U);
}

// Each input but time decides which verdict it is.
TEST(VerdictCache, AnotherInputIsAnotherVerdict) {
    Cached scene;
    const auto first = scene.ask();
    const std::vector<std::function<void(Expectation&)>> changes = {
        [](Expectation& asked) { asked.role = statement::Role::kGateway; },
        [](Expectation& asked) { asked.challenge->challenge.bytes[0] ^= 1; },
        [](Expectation& asked) { asked.challenge->sent -= Seconds(1); },
        [](Expectation& asked) { asked.challenge.reset(); },
        [&](Expectation& asked) { asked.other_platforms = {*first->platform}; },
        [](Expectation& asked) { asked.other_platforms = {Digest256{}}; },
        [](Expectation& asked) { asked.event_log = Bytes(); },
        [](Expectation& asked) { asked.event_log = Bytes{1}; },
    };
    for (const auto& change : changes) {
        Expectation asked = scene.expectation;
        change(asked);
        const auto other = scene.ask(scene.good, asked);
        EXPECT_NE(other, first);
        EXPECT_EQ(verdict_to_json(*other), verdict_to_json(verify_bundle(scene.good, scene.cache.collateral(),
                                                                         scene.policy, scene.roots, asked, scene.now)));
    }
    Bytes flipped = scene.good;
    flipped[flipped.size() - 1] ^= 1;
    EXPECT_FALSE(accepted(*scene.ask(flipped, scene.expectation)));
    EXPECT_EQ(scene.ask(), first);
}

TEST(VerdictCache, NothingOutlivesItsWindow) {
    Cached scene;
    scene.cache = VerdictCache(scene.policy, scene.roots, scene.cache.collateral());
    const auto first = scene.ask();
    const Seconds left = *first->verdict.valid_until() - scene.now;
    ASSERT_LT(left, VerdictCache::kLongest);
    EXPECT_EQ(scene.ask(left - Seconds(1)), first);
    const auto late = scene.ask(left + Seconds(1));
    EXPECT_NE(late, first);
    EXPECT_FALSE(accepted(*late));
    EXPECT_EQ(scene.cache.size(), 0U);
}

TEST(VerdictCache, NothingIsGivenOutForLongerThanItMayHideANote) {
    Scene wide;
    wide.policy.max_evidence_age = Seconds(3600);
    VerdictCache cache(wide.policy, wide.roots, sign_checked(wide.collection(), wide.roots));
    const Bytes bytes = wide.bundle().encode();
    const auto first = cache.verify(bytes, wide.expectation, wide.now);
    EXPECT_EQ(cache.verify(bytes, wide.expectation, wide.now + VerdictCache::kLongest - Seconds(1)), first);
    const auto next = cache.verify(bytes, wide.expectation, wide.now + VerdictCache::kLongest);
    EXPECT_NE(next, first);
    EXPECT_TRUE(accepted(*next));
}

TEST(VerdictCache, AClockThatGoesBackJudgesAnew) {
    Cached scene;
    const auto first = scene.ask(Seconds(10));
    EXPECT_NE(scene.ask(), first);
}

// A refusal may be one of a moment: it is never given out again.
TEST(VerdictCache, RefusalsAreNotRemembered) {
    Cached scene;
    scene.expectation.challenge->challenge.bytes[0] ^= 1;
    EXPECT_FALSE(accepted(*scene.ask()));
    EXPECT_EQ(scene.cache.size(), 0U);
}

TEST(VerdictCache, NewCollateralForgetsEverything) {
    Cached scene;
    ASSERT_TRUE(accepted(*scene.ask()));
    scene.published.root_crl.revoked = {Bytes{0x07, 0xcb}};  // who signed the TCB info
    scene.cache.renew(sign_checked(scene.collection(), scene.roots));
    EXPECT_FALSE(accepted(*scene.ask()));
}

TEST(VerdictCache, IsBounded) {
    Cached scene;
    for (std::uint8_t i = 0; i < VerdictCache::kMost + 10; ++i) {
        Expectation asked = scene.expectation;
        asked.other_platforms = {Digest256{{i}}};
        ASSERT_TRUE(accepted(*scene.ask(scene.good, asked, Seconds(i / 10))));
    }
    EXPECT_EQ(scene.cache.size(), VerdictCache::kMost);
}

}  // namespace
}  // namespace openpcc::verify

// SPDX-License-Identifier: Apache-2.0
#include "hops/node/keeper.hpp"

#include <gtest/gtest.h>

#include "crypto/random.hpp"
#include "hops/node/errors.hpp"
#include "io/net/loop.hpp"
#include "protocol/seal/errors.hpp"
#include "protocol/seal/sealing/sealing.hpp"

namespace openpcc::node {
namespace {

constexpr TimePoint kNow{Seconds(1'800'000'000)};
crypto::SystemRandom g_random;

// Evidence that is its own report data: what the keeper binds is what is tested.
class EchoAttester final : public Attester {
  public:
    statement::TeeType tee() const override { return statement::TeeType::kTdx; }
    net::Task<Result<Evidence>> evidence(statement::ReportData report_data) override {
        Evidence out;
        out.report = Bytes(report_data);
        co_return out;
    }
    bool simulated() const override { return true; }
};

std::unique_ptr<LocalKeeper> make_keeper(std::size_t replay_capacity = 100) {
    return *LocalKeeper::make({"test-1", {}, {}}, {hpke::Kem::kX25519}, {}, replay_capacity, std::make_unique<EchoAttester>(),
                              g_random, kNow);
}

Result<Bytes> attest(LocalKeeper& keeper, const seal::StatementName& name, const statement::Challenge& challenge) {
    net::Loop loop;
    return loop.run_until_done(keeper.attest(name, challenge));
}

statement::Bundle bundle_of(LocalKeeper& keeper, const statement::Challenge& challenge = {}) {
    const Bytes bytes = *attest(keeper, keeper.status().statement, challenge);
    return statement::Bundle::parse(bytes)->claimed();
}

seal::ReducedHeader request_for(LocalKeeper& keeper, const seal::Options& options = {}) {
    const auto core = bundle_of(keeper).statement.core;
    const auto sealer = seal::RequestSealer::make({{core.keys[0], core.name()}}, options, g_random);
    wire::Reader full(sealer->header());
    const Bytes reduced = seal::FullHeader::read(full)->reduce(0);
    wire::Reader in(reduced);
    return *seal::ReducedHeader::read(in);
}

TEST(Keeper, NeedsAReportDevice) {
    EXPECT_EQ(LocalKeeper::make({"test-1", {}, {}}, {hpke::Kem::kX25519}, {}, 100, nullptr, g_random, kNow).error(), kNoHardware);
}

TEST(Keeper, EvidenceCoversKeysAndChallenge) {
    const auto keeper = make_keeper();
    const auto challenge = g_random.array<statement::Challenge>();
    const auto bundle = bundle_of(*keeper, challenge);
    EXPECT_EQ(bundle.statement.core.freshness.challenge, challenge);
    EXPECT_TRUE(equal(bundle.cpu_evidence, bundle.statement.report_data(statement::TeeType::kTdx)));
    EXPECT_EQ(bundle.statement.core.keys[0].id(), keeper->status().current[0]);
    EXPECT_EQ(bundle.statement.core.name(), keeper->status().statement);  // whatever the challenge
    EXPECT_EQ(attest(*keeper, seal::StatementName{}, challenge).error(), kUnknownStatement);
}

TEST(Keeper, UnwrapsOnceAndOnlyForItsOwnKeys) {
    const auto keeper = make_keeper();
    const auto request = request_for(*keeper);
    EXPECT_TRUE(keeper->unwrap(request));
    EXPECT_EQ(keeper->unwrap(request).error(), seal::kReplayed);
    const auto other = make_keeper();
    EXPECT_EQ(other->unwrap(request_for(*keeper)).error(), seal::kUnknownKey);
    auto altered = request_for(*keeper);
    altered.entry.wrapped[0] ^= 1;
    EXPECT_EQ(keeper->unwrap(altered).error(), seal::kOpenFailed);
}

TEST(Keeper, ASuiteThatItDoesNotOfferIsRefused) {
    const auto keeper = make_keeper();
    auto core = bundle_of(*keeper).statement.core;
    core.keys[0].suites = {{hpke::Kdf::kHkdfSha256, hpke::Aead::kAes128Gcm}};  // a client that makes up its mind
    seal::Options options;
    options.suite.aead = hpke::Aead::kAes128Gcm;
    const auto sealer = seal::RequestSealer::make({{core.keys[0], keeper->status().statement}}, options, g_random);
    wire::Reader full(sealer->header());
    const Bytes reduced = seal::FullHeader::read(full)->reduce(0);
    wire::Reader in(reduced);
    EXPECT_EQ(keeper->unwrap(*seal::ReducedHeader::read(in)).error(), seal::kBadSuite);
}

TEST(Keeper, ASnapshotThatItHasNotSeenIsRefused) {
    const auto keeper = make_keeper();
    seal::Options options;
    options.snapshot.bytes[0] = 1;
    EXPECT_EQ(keeper->unwrap(request_for(*keeper, options)).error(), seal::kUnknownSnapshot);
}

TEST(Keeper, AFullReplaySetRefusesEverything) {
    const auto keeper = make_keeper(2);
    EXPECT_TRUE(keeper->unwrap(request_for(*keeper)));
    EXPECT_TRUE(keeper->unwrap(request_for(*keeper)));
    EXPECT_EQ(keeper->unwrap(request_for(*keeper)).error(), seal::kReplaySetFull);
    ASSERT_TRUE(keeper->rotate(kNow + Seconds(1)));  // it had filled: a new key is there
    EXPECT_TRUE(keeper->unwrap(request_for(*keeper)));
}

TEST(Keeper, OldKeysOpenForTheOverlapAndAreErasedThen) {
    const auto keeper = make_keeper();
    const auto old_statement = keeper->status().statement;
    const auto late = request_for(*keeper);
    const auto too_late = request_for(*keeper);
    ASSERT_TRUE(keeper->rotate(kNow + Seconds(3000)));
    EXPECT_NE(keeper->status().statement, old_statement);
    EXPECT_EQ(keeper->status().live.size(), 2U);
    EXPECT_TRUE(keeper->unwrap(late));
    ASSERT_TRUE(keeper->rotate(kNow + Seconds(3600)));
    EXPECT_EQ(keeper->status().live.size(), 1U);
    EXPECT_EQ(keeper->unwrap(too_late).error(), seal::kUnknownKey);
    EXPECT_EQ(attest(*keeper, old_statement, {}).error(), kUnknownStatement);
}

TEST(Keeper, AMachineThatSleptWakesWithANewKey) {
    const auto keeper = make_keeper();
    const auto before = keeper->status().statement;
    ASSERT_TRUE(keeper->rotate(kNow + Seconds(100000)));
    EXPECT_NE(keeper->status().statement, before);
}

// The host sets a guest's clock: one that stands still, or goes back, must not keep a key alive.
TEST(Keeper, KeysAreErasedAlsoWhenTheHostStopsTheClock) {
    const auto keeper = make_keeper();
    const auto start = std::chrono::steady_clock::now();
    const auto recorded = request_for(*keeper);
    const auto old_statement = keeper->status().statement;
    ASSERT_TRUE(keeper->rotate(kNow - Seconds(50000), start + Seconds(3001)));
    EXPECT_NE(keeper->status().statement, old_statement);
    ASSERT_TRUE(keeper->rotate(kNow - Seconds(50000), start + Seconds(3602)));
    EXPECT_EQ(keeper->status().live.size(), 1U);
    EXPECT_EQ(keeper->unwrap(recorded).error(), seal::kUnknownKey);
}

}  // namespace
}  // namespace openpcc::node

// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/hpke/hpke.hpp"
#include "trust/policy/sample.hpp"

namespace openpcc::policy {
namespace {

using evidence::Must;

template <class Table, class Bits>
Must bit(const Table& table, const Bits& bits, std::string_view name) {
    const auto found = std::ranges::find(table, name, &Table::value_type::name);
    EXPECT_NE(found, table.end()) << name;
    return bits[static_cast<std::size_t>(found - table.begin())];
}

TEST(Preset, IsCompleteButForWhatAnOperatorKnows) {
    for (Preset preset : kPresets) {
        const Policy value = Policy::of(preset, sample_time());
        EXPECT_TRUE(value.tdx_measurements.empty() && value.snp_measurements.empty() && value.models.empty() &&
                    value.engine_profiles.empty() && value.exceptions.empty());
        EXPECT_EQ(value.issued, sample_time());
        EXPECT_EQ(value.expires, sample_time() + std::chrono::days(90));
        EXPECT_EQ(value.candidates, 2U);
        EXPECT_EQ(value.max_evidence_age, Seconds(300));
        EXPECT_EQ(value.require_pq, preset != Preset::kDevelopment && hpke::have_ml_kem());
        EXPECT_EQ(value.roots.required, preset == Preset::kTwoRoots ? 2U : 1U);
        EXPECT_TRUE(value.tdx && value.snp);
    }
}

TEST(Preset, GW_5_EveryOneHasATcbRule) {
    for (Preset preset : kPresets) {
        const Policy value = Policy::of(preset, sample_time());
        EXPECT_GE(value.tdx->least_tcb_evaluation, 18U);
        EXPECT_LE(value.tdx->least_tcb_evaluation, 20U);  // what simulated collateral has
        EXPECT_GE(value.tdx->least_qe_evaluation, 18U);
        EXPECT_LE(value.tdx->least_qe_evaluation, 19U);
        for (const tdx::ModuleFloor& floor : value.tdx->modules) EXPECT_GT(floor.least, 0U);
        EXPECT_FALSE(value.tdx->modules.empty());
        for (const snp::ProductRule& rule : value.snp->products) EXPECT_NE(rule.green, snp::Tcb{});
        EXPECT_LE(value.tdx->grace, std::chrono::days(90));
    }
    const Policy strict = Policy::of(Preset::kStrict, sample_time());
    EXPECT_TRUE(strict.tdx->amber.empty());
    for (const snp::ProductRule& rule : strict.snp->products) EXPECT_FALSE(rule.amber);
}

// attestation.md section 10: the root seed of Milan's chips can be read by software.
TEST(Preset, NoneAcceptsMilan) {
    for (Preset preset : kPresets)
        for (const snp::ProductRule& rule : Policy::of(preset, sample_time()).snp->products)
            EXPECT_NE(rule.product, snp::Product::kMilan);
}

// systems.md TOB-9: every bit is decided by name, in every preset.
TEST(Preset, TOB_9_BitsThatOpenAGuest) {
    for (Preset preset : kPresets) {
        const Policy value = Policy::of(preset, sample_time());
        EXPECT_EQ(bit(tdx::kAttributeBits, value.tdx->attributes, "sept_ve_disable"), Must::kOne);
        EXPECT_EQ(bit(tdx::kAttributeBits, value.tdx->attributes, "migratable"), Must::kZero);
        EXPECT_EQ(bit(tdx::kAttributeBits, value.tdx->attributes, "perfmon"), Must::kZero);
        EXPECT_EQ(bit(tdx::kXfamBits, value.tdx->xfam, "x87"), Must::kOne);
        EXPECT_EQ(bit(tdx::kXfamBits, value.tdx->xfam, "sse"), Must::kOne);
        EXPECT_TRUE(value.tdx->service_tds.empty());
        for (const snp::ProductRule& rule : value.snp->products) {
            EXPECT_EQ(bit(snp::kPolicyBits, rule.policy, "debug"), Must::kZero);
            EXPECT_EQ(bit(snp::kPolicyBits, rule.policy, "migrate_ma"), Must::kZero);
            EXPECT_EQ(bit(snp::kPolicyBits, rule.policy, "cxl"), Must::kZero);
            EXPECT_EQ(bit(snp::kPlatformBits, rule.platform, "alias_check"), Must::kOne);
            const bool hides = rule.product == snp::Product::kTurin && rule.amber == std::nullopt &&
                               (preset == Preset::kStrict || preset == Preset::kTwoRoots);
            EXPECT_EQ(bit(snp::kPolicyBits, rule.policy, "ciphertext_hiding"), hides ? Must::kOne : Must::kAny);
            EXPECT_EQ(bit(snp::kPlatformBits, rule.platform, "ciphertext_hiding"), hides ? Must::kOne : Must::kAny);
            EXPECT_EQ(bit(snp::kPolicyBits, rule.policy, "rapl_dis"), hides ? Must::kOne : Must::kAny);
        }
        EXPECT_EQ(value.snp->vmpl, 0U);
    }
}

// systems.md TOB-10: a VLEK says "some machine of this provider" and no more.
TEST(Preset, TOB_10_NoneAcceptsProviderKeys) {
    for (Preset preset : kPresets) EXPECT_TRUE(Policy::of(preset, sample_time()).snp->vlek_providers.empty());
}

}  // namespace
}  // namespace openpcc::policy

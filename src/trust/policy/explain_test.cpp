// SPDX-License-Identifier: Apache-2.0
#include "trust/policy/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "trust/policy/sample.hpp"

namespace openpcc::policy {
namespace {

using ::testing::HasSubstr;

std::string text(const Policy& policy, TimePoint now = sample_time()) {
    std::string out;
    for (const Sentence& sentence : explain(policy, now)) out += sentence.member + ": " + sentence.text + "\n";
    return out;
}

// OPENPCC_WRITE_GOLDEN=1 writes the files anew, for a reviewer to read the difference.
void expect_golden(const std::string& name, const std::string& found) {
    const std::string path = std::string(OPENPCC_SOURCE_DIR) + "/src/trust/policy/golden/" + name;
    if (std::getenv("OPENPCC_WRITE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << found;
    std::ifstream file(path, std::ios::binary);
    EXPECT_EQ(found, std::string(std::istreambuf_iterator<char>(file), {})) << path;
}

TEST(Explain, Golden) {
    Policy strict = Policy::of(Preset::kStrict, sample_time());
    strict.require_pq = true;  // whatever this build has
    expect_golden("strict.txt", text(strict));
    expect_golden("sample.txt", text(sample_policy()));
}

// Every member of the file has its sentence.
TEST(Explain, CoversEveryMember) {
    for (Preset preset : kPresets) {
        const auto sentences = explain(sample_policy(preset), sample_time());
        const auto said = [&](const std::string& member) {
            return std::ranges::any_of(sentences, [&](const Sentence& sentence) {
                return sentence.member == member || sentence.member.starts_with(member + "[");
            });
        };
        const auto value = sample_json(sample_policy(preset));
        for (const auto& member : value.members())
            if (member.first != "version") EXPECT_TRUE(said(member.first)) << member.first;
        for (std::string tee : {"tdx", "snp"})
            for (const auto& member : value.get(tee)->members())
                EXPECT_TRUE(said(tee + "." + member.first)) << member.first;
        for (const auto& member : value.get("snp")->get("products")->elements()[0].members())
            if (member.first != "product") EXPECT_TRUE(said("snp.products[0]." + member.first)) << member.first;
    }
}

TEST(Explain, SaysWhatAcceptsNothingAndWhatHasEnded) {
    Policy policy = sample_policy();
    EXPECT_THAT(text(policy, policy.expires), HasSubstr("accepts nothing any more"));
    EXPECT_THAT(text(policy, policy.exceptions[0].until), HasSubstr("and does nothing"));
    EXPECT_THAT(text(policy, policy.snp->products[0].amber->until), HasSubstr("Nothing lower passes any more"));
    policy.tdx.reset();
    policy.snp.reset();
    EXPECT_THAT(text(policy), HasSubstr("tdx: Nodes on Intel TDX are refused."));
    EXPECT_THAT(text(policy), HasSubstr("snp: Nodes on AMD SEV-SNP are refused."));
    EXPECT_THAT(text(Policy{}), HasSubstr("hardware: No machine is named"));
    EXPECT_THAT(text(Policy{}), HasSubstr("roots: No vendor is trusted"));
}

}  // namespace
}  // namespace openpcc::policy

// SPDX-License-Identifier: Apache-2.0
#include "apps/policies/policy_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace openpcc::policies {
namespace {

class PolicyFile : public ::testing::Test {
  protected:
    PolicyFile() {
        std::string folder = (std::filesystem::temp_directory_path() / "openpcc-policies-XXXXXX").string();
        folder_ = ::mkdtemp(folder.data());
    }
    ~PolicyFile() override { std::filesystem::remove_all(folder_); }
    std::string write(const std::string& text) {
        const std::string path = folder_ + "/policy.json";
        EXPECT_TRUE(config::write_file(path, text, 0600));
        return path;
    }
    std::string bare() { return write(policy_.to_json()); }
    std::string enveloped(std::initializer_list<const crypto::SigningKey*> keys,
                          std::string_view type = policy::kPayloadType) {
        envelope::Envelope envelope{std::string(type), to_bytes(policy_.to_json()), {}};
        for (const auto* key : keys) EXPECT_TRUE(envelope.sign(*key));
        return write(envelope.to_json());
    }
    static std::string text_of(const crypto::SigningKey& key) {
        return envelope::Signer::of(key.verifying_key())->to_text();
    }
    std::optional<envelope::SignerSet> both(std::int64_t threshold) const {
        return signer_set({text_of(ann_), text_of(bob_)}, threshold).value();
    }

    policy::Policy policy_ = policy::Policy::of(policy::Preset::kStrict, TimePoint(Seconds(1'764'000'000)));
    crypto::SigningKey ann_ = crypto::SigningKey::generate_ed25519();
    crypto::SigningKey bob_ = crypto::SigningKey::generate_p256();
    std::string folder_;
};

TEST_F(PolicyFile, BareOnlyWithoutSigners) {
    EXPECT_EQ(load(bare(), std::nullopt).value(), policy_);
    EXPECT_EQ(load(bare(), both(1)).error(), envelope::kUnderSigned);
}

TEST_F(PolicyFile, SignedOnlyByEnoughOfTheSigners) {
    EXPECT_EQ(load(enveloped({&ann_, &bob_}), both(2)).value(), policy_);
    EXPECT_EQ(load(enveloped({&bob_}), both(1)).value(), policy_);
    EXPECT_EQ(load(enveloped({&bob_}), both(2)).error(), envelope::kUnderSigned);
    const auto eve = crypto::SigningKey::generate_ed25519();
    EXPECT_EQ(load(enveloped({&eve}), both(1)).error(), envelope::kUnderSigned);
    EXPECT_EQ(load(enveloped({&ann_}, "application/json"), both(1)).error(), envelope::kMalformed);
    // Nobody was named to judge it by: its word alone is no reason.
    EXPECT_EQ(load(enveloped({&ann_, &bob_}), std::nullopt).error(), policy::kBadPolicy);
}

TEST_F(PolicyFile, WhatIsSignedIsStillParsedStrictly) {
    policy_.roots.required = 0;
    EXPECT_EQ(load(enveloped({&ann_, &bob_}), both(2)).error(), policy::kBadPolicy);
}

TEST_F(PolicyFile, CanBeLookedAtInEitherForm) {
    const auto bare_file = read_claimed(bare());
    ASSERT_TRUE(bare_file) << bare_file.error().describe();
    EXPECT_EQ(bare_file->claimed().policy, policy_);
    EXPECT_TRUE(bare_file->claimed().envelope.signatures.empty());
    const auto signed_file = read_claimed(enveloped({&ann_, &bob_}));
    ASSERT_TRUE(signed_file) << signed_file.error().describe();
    EXPECT_EQ(signed_file->claimed().policy, policy_);
    EXPECT_EQ(signed_file->claimed().envelope.signatures.size(), 2U);
    EXPECT_EQ(read_claimed(enveloped({&ann_}, "application/json")).error(), envelope::kMalformed);
    EXPECT_EQ(read_claimed(folder_ + "/none").error(), config::kBadFile);
}

TEST_F(PolicyFile, SignersAndThresholdGoTogether) {
    EXPECT_FALSE(signer_set({}, std::nullopt).value());
    EXPECT_EQ(signer_set({}, 1).error(), envelope::kBadSigner);
    EXPECT_EQ(signer_set({"x"}, 1).error(), envelope::kBadSigner);
    EXPECT_EQ(signer_set({text_of(ann_)}, 0).error(), envelope::kBadSigner);
    EXPECT_EQ(signer_set({text_of(ann_)}, -1).error(), envelope::kBadSigner);
    // All of them, when no number is given.
    EXPECT_EQ(signer_set({text_of(ann_), text_of(bob_)}, std::nullopt).value()->threshold(), 2U);
}

}  // namespace
}  // namespace openpcc::policies

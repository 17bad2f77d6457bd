// SPDX-License-Identifier: Apache-2.0
#include "trust/profile/profile.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "trust/policy/sample.hpp"
#include "trust/profile/service_key.hpp"

namespace openpcc::profile {
namespace {

const TimePoint kIssued = policy::sample_time();

struct Signing {
    crypto::SigningKey ann = crypto::SigningKey::generate_ed25519();
    crypto::SigningKey bob = crypto::SigningKey::generate_p256();
    crypto::SigningKey eve = crypto::SigningKey::generate_ed25519();
    crypto::SigningKey service = crypto::SigningKey::generate_ed25519();

    envelope::SignerSet set(std::vector<const crypto::SigningKey*> keys, std::size_t threshold) const {
        std::vector<envelope::Signer> signers;
        for (const auto* key : keys) signers.push_back(envelope::Signer::of(key->verifying_key()).value());
        return envelope::SignerSet::make(std::move(signers), threshold).value();
    }
    Profile profile(std::int64_t version = 1) const {
        return {"example",
                version,
                kIssued,
                kIssued + std::chrono::days(30),
                "https://relay.example",
                std::nullopt,
                service.verifying_key(),
                policy::sample_policy(),
                set({&ann, &bob}, 1),
                std::nullopt};
    }
    static std::string wrap(const std::string& payload, std::vector<const crypto::SigningKey*> keys,
                            std::string_view type = kPayloadType) {
        envelope::Envelope envelope{std::string(type), to_bytes(payload), {}};
        for (const auto* key : keys) EXPECT_TRUE(envelope.sign(*key));
        return envelope.to_json();
    }
    std::string signed_by(const Profile& profile, std::vector<const crypto::SigningKey*> keys) const {
        return wrap(profile.to_json(), std::move(keys));
    }
};

std::string error_of(const auto& result) { return result ? "none" : std::string(result.error().name()); }

TEST(ServiceProfile, IsReadAsItWasWritten) {
    const Signing keys;
    Profile profile = keys.profile();
    profile.relay_roots = "-----BEGIN CERTIFICATE-----\n";
    profile.simulated_roots = "-----BEGIN CERTIFICATE-----\nx";
    const std::string text = keys.signed_by(profile, {&keys.bob});
    const auto read = Profile::open(as_bytes(text));
    ASSERT_TRUE(read) << read.error().describe();
    EXPECT_EQ(read->to_json(), profile.to_json());
    EXPECT_EQ(read->policy, profile.policy);
    EXPECT_EQ(read->fingerprint(), profile.fingerprint());
    EXPECT_EQ(service_key_text(read->service_key), service_key_text(keys.service.verifying_key()));
}

TEST(ServiceProfile, NeedsEnoughSignaturesOfItsOwnSigners) {
    const Signing keys;
    Profile both = keys.profile();
    both.signers = keys.set({&keys.ann, &keys.bob}, 2);
    const auto opened = [&](std::vector<const crypto::SigningKey*> who) {
        const std::string text = keys.signed_by(both, std::move(who));
        return error_of(Profile::open(as_bytes(text)));
    };
    EXPECT_EQ(opened({&keys.ann, &keys.bob}), "none");
    EXPECT_EQ(opened({&keys.ann}), "envelope.under_signed");
    EXPECT_EQ(opened({&keys.ann, &keys.eve}), "envelope.under_signed");
    const std::string other = Signing::wrap(both.to_json(), {&keys.ann, &keys.bob}, policy::kPayloadType);
    EXPECT_EQ(error_of(Profile::open(as_bytes(other))), "envelope.malformed");
    EXPECT_EQ(error_of(Profile::open(as_bytes(both.to_json()))), "envelope.malformed");
}

TEST(ServiceProfile, WithAnyOctetChangedIsRefused) {
    const Signing keys;
    const std::string good = keys.signed_by(keys.profile(), {&keys.ann});
    for (std::size_t i = 0; i < good.size(); i += 7) {
        std::string bad = good;
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        const auto read = Profile::open(as_bytes(bad));
        // A hint of who signed may be anything; what is signed may not.
        if (read) EXPECT_EQ(read->to_json(), keys.profile().to_json());
    }
}

TEST(ServiceProfile, RefusesEveryMemberThatIsMissingOrIllFormed) {
    const Signing keys;
    const std::string good = keys.profile().to_json();
    const auto parsed = [&](const json::Value& value) {
        const std::string text = value.to_text();
        const auto read = Profile::parse(as_bytes(text));
        return read ? "none" : read.error().describe();
    };
    for (const char* member :
         {"format", "name", "version", "issued", "expires", "relay", "service_key", "policy", "signers", "threshold"}) {
        auto value = json::parse(as_bytes(good)).value();
        value.remove(member);
        EXPECT_NE(parsed(value).find("profile.bad_profile"), std::string::npos) << member;
        value.set(member, json::Value());
        EXPECT_NE(parsed(value).find("profile.bad_profile"), std::string::npos) << member;
        value.set(member, json::Value::string(""));
        EXPECT_NE(parsed(value).find("profile.bad_profile"), std::string::npos) << member;
    }
    const std::pair<const char*, std::string> ill_formed[] = {{"format", "openpcc-profile-2"},
                                                              {"name", "../x"},
                                                              {"name", "Example"},
                                                              {"name", std::string(64, 'a')},
                                                              {"name", "-a"},
                                                              {"relay", "a b"},
                                                              {"relay_roots", "x"},
                                                              {"simulated_roots", "x"},
                                                              {"expires", to_rfc3339(kIssued)},
                                                              {"service_key", "openpcc-service:00"}};
    for (const auto& [member, text] : ill_formed) {
        auto value = json::parse(as_bytes(good)).value();
        value.set(member, json::Value::string(text));
        EXPECT_NE(parsed(value).find("profile.bad_profile"), std::string::npos) << member << text;
    }
    auto more = json::parse(as_bytes(good)).value();
    more.set("verify", json::Value::boolean(false));
    EXPECT_NE(parsed(more).find("does not know"), std::string::npos);
    auto nobody = json::parse(as_bytes(good)).value();
    nobody.set("signers", json::Value::array());
    EXPECT_NE(parsed(nobody).find("`signers`"), std::string::npos);
    auto never = json::parse(as_bytes(good)).value();
    never.set("threshold", json::Value::integer(3));
    EXPECT_NE(parsed(never).find("`signers`"), std::string::npos);
}

TEST(ServiceProfile, IsFollowedOnlyByANewerOneOfTheSameSigners) {
    const Signing keys;
    const Profile here = keys.profile(3);
    const auto follows = [&](const Profile& next, std::vector<const crypto::SigningKey*> who) {
        const std::string text = keys.signed_by(next, std::move(who));
        return error_of(here.successor(as_bytes(text)));
    };
    EXPECT_EQ(follows(keys.profile(4), {&keys.bob}), "none");
    EXPECT_EQ(follows(keys.profile(3), {&keys.ann}), "profile.not_successor");
    EXPECT_EQ(follows(keys.profile(2), {&keys.ann}), "profile.not_successor");
    Profile renamed = keys.profile(4);
    renamed.name = "other";
    EXPECT_EQ(follows(renamed, {&keys.ann}), "profile.not_successor");
    // New signers come in by the old ones, and by themselves.
    Profile handed_on = keys.profile(4);
    handed_on.signers = keys.set({&keys.eve}, 1);
    EXPECT_EQ(follows(handed_on, {&keys.eve}), "profile.not_successor");
    EXPECT_EQ(follows(handed_on, {&keys.ann}), "envelope.under_signed");
    EXPECT_EQ(follows(handed_on, {&keys.ann, &keys.eve}), "none");
}

TEST(ServiceProfile, IsInForceFromIssueToExpiryAndNoLongerThanItsPolicy) {
    const Signing keys;
    Profile profile = keys.profile();
    EXPECT_TRUE(profile.in_force(kIssued));
    EXPECT_FALSE(profile.in_force(kIssued - Seconds(1)));
    EXPECT_TRUE(profile.in_force(profile.expires - Seconds(1)));
    EXPECT_EQ(error_of(profile.in_force(profile.expires)), "profile.not_in_force");
    profile.policy.expires = kIssued + Seconds(10);
    EXPECT_EQ(error_of(profile.in_force(kIssued + Seconds(10))), "profile.not_in_force");
}

TEST(ServiceProfile, FingerprintNamesSignersAndThresholdInAnyOrder) {
    const Signing keys;
    Profile one = keys.profile();
    Profile other = keys.profile(9);
    other.signers = keys.set({&keys.bob, &keys.ann}, 1);
    other.relay = "https://elsewhere.example";
    EXPECT_EQ(one.fingerprint(), other.fingerprint());
    other.signers = keys.set({&keys.bob, &keys.ann}, 2);
    EXPECT_NE(one.fingerprint(), other.fingerprint());
    other.signers = keys.set({&keys.ann, &keys.bob, &keys.eve}, 1);
    EXPECT_NE(one.fingerprint(), other.fingerprint());
    EXPECT_EQ(one.fingerprint().size(), 39U);

    const std::string right = "0123 4567 89ab cdef 0123 4567 89ab cdef";
    EXPECT_TRUE(is_fingerprint("0123456789ABCDEF0123456789abcdef", right));
    EXPECT_TRUE(is_fingerprint("0123:4567:89ab:cdef:0123:4567:89ab:cdef", right));
    EXPECT_FALSE(is_fingerprint("0123 4567 89ab cdef 0123 4567 89ab cdee", right));
    EXPECT_FALSE(is_fingerprint("0123", right));
    EXPECT_FALSE(is_fingerprint("", ""));
    EXPECT_FALSE(is_fingerprint("", right));
}

}  // namespace
}  // namespace openpcc::profile

// SPDX-License-Identifier: Apache-2.0
#include "apps/profiles/added.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "apps/config/config.hpp"
#include "apps/profiles/client_config.hpp"
#include "core/text.hpp"
#include "trust/policy/sample.hpp"

namespace openpcc::profiles {
namespace {

namespace fs = std::filesystem;
const TimePoint kIssued = policy::sample_time();

// Desk is a user's folder, and one who signs.
struct Desk : testing::Test {
    std::string folder = [] {
        std::string pattern = (fs::temp_directory_path() / "openpcc-services-XXXXXX").string();
        return std::string(::mkdtemp(pattern.data()));
    }();
    ~Desk() override { fs::remove_all(folder); }

    crypto::SigningKey ann = crypto::SigningKey::generate_ed25519();
    crypto::SigningKey eve = crypto::SigningKey::generate_ed25519();
    Added added{folder};

    profile::Profile profile(std::string name, std::int64_t version, const crypto::SigningKey& signer) const {
        return {std::move(name),
                version,
                kIssued,
                kIssued + std::chrono::days(30),
                "http://127.0.0.1:8080",
                std::nullopt,
                ann.verifying_key(),
                policy::sample_policy(),
                envelope::SignerSet::make({envelope::Signer::of(signer.verifying_key()).value()}, 1).value(),
                std::nullopt};
    }
    std::string signed_by(const profile::Profile& profile, const crypto::SigningKey& key) const {
        envelope::Envelope envelope{std::string(profile::kPayloadType), to_bytes(profile.to_json()), {}};
        EXPECT_TRUE(envelope.sign(key));
        return envelope.to_json();
    }
    std::string by_ann(const std::string& name, std::int64_t version = 1) const {
        return signed_by(profile(name, version, ann), ann);
    }
    void add(const std::string& text) const {
        const auto offer = added.judge(as_bytes(text));
        ASSERT_TRUE(offer) << offer.error().describe();
        ASSERT_TRUE(added.store(*offer, as_bytes(text)));
    }
    std::string change(const std::string& text) const {
        const auto offer = added.judge(as_bytes(text));
        if (!offer) return std::string(offer.error().name());
        return offer->change == Added::Change::kNew ? "new" : offer->change == Added::Change::kNewer ? "newer" : "none";
    }
    void write(const std::string& path, const std::string& text) const {
        ASSERT_TRUE(config::write_file(folder + "/" + path, text, 0600));
    }
};

std::string error_of(const auto& result) { return result ? "none" : std::string(result.error().name()); }

using AddedServices = Desk;

TEST_F(AddedServices, AreKeptForTheUserAlone) {
    EXPECT_EQ(change(by_ann("example")), "new");
    add(by_ann("example"));
    EXPECT_EQ(change(by_ann("example")), "none");
    EXPECT_EQ(added.names().value(), std::vector<std::string>{"example"});
    const auto loaded = added.load("example");
    ASSERT_TRUE(loaded) << loaded.error().describe();
    EXPECT_EQ(loaded->version, 1);
    struct stat status{};
    ASSERT_EQ(::stat((folder + "/services/example").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST_F(AddedServices, AreRenewedByTheirSignersOnly) {
    add(by_ann("example", 2));
    EXPECT_EQ(change(by_ann("example", 3)), "newer");
    EXPECT_EQ(change(by_ann("example", 1)), "profile.not_successor");
    const std::string stolen = signed_by(profile("example", 3, eve), eve);
    EXPECT_EQ(change(stolen), "profile.not_successor");
    add(by_ann("example", 3));
    EXPECT_EQ(added.load("example")->version, 3);
}

TEST_F(AddedServices, ThatWereAlteredAreRefusedWithTheReason) {
    add(by_ann("example"));
    const std::string good = by_ann("example");
    std::string bad = good;
    bad[bad.find("\"payload\":\"") + 20] ^= 1;
    write("services/example/profile.json", bad);
    EXPECT_EQ(error_of(added.load("example")), "profiles.altered");
    // A whole profile of somebody else's in its place.
    write("services/example/profile.json", signed_by(profile("example", 1, eve), eve));
    EXPECT_EQ(error_of(added.load("example")), "profiles.altered");
    write("services/example/profile.json", by_ann("other"));
    EXPECT_EQ(error_of(added.load("example")), "profiles.altered");
    write("services/example/profile.json", good);
    EXPECT_TRUE(added.load("example"));
    fs::remove(folder + "/services/example/fingerprint");
    EXPECT_FALSE(added.load("example"));
    // What is altered is not silently replaced either.
    EXPECT_FALSE(added.judge(as_bytes(good)));
}

TEST_F(AddedServices, TheOneInUseIsTheChosenOneOrTheOnlyOne) {
    EXPECT_EQ(error_of(added.in_use()), "profiles.unknown");
    add(by_ann("one"));
    EXPECT_EQ(added.in_use().value(), "one");
    add(by_ann("two"));
    EXPECT_EQ(error_of(added.in_use()), "profiles.unknown");
    EXPECT_NE(added.in_use().error().text().find("one, two"), std::string::npos);
    EXPECT_TRUE(added.use("two"));
    EXPECT_EQ(added.in_use().value(), "two");
    EXPECT_EQ(error_of(added.use("three")), "profiles.unknown");
    EXPECT_EQ(added.in_use().value(), "two");
    EXPECT_TRUE(added.remove("two"));
    EXPECT_EQ(added.in_use().value(), "one");
    EXPECT_EQ(error_of(added.remove("two")), "profiles.unknown");
}

TEST_F(AddedServices, ANameIsNeverAPath) {
    add(by_ann("one"));
    for (const char* name : {"../services/one", "..", ".", "", "one/", "One"}) {
        EXPECT_EQ(error_of(added.load(name)), "profiles.unknown") << name;
        EXPECT_EQ(error_of(added.remove(name)), "profiles.unknown") << name;
        EXPECT_EQ(error_of(added.use(name)), "profiles.unknown") << name;
    }
}

TEST_F(AddedServices, BecomeWhatAClientMustKnow) {
    profile::Profile mine = profile("example", 1, ann);
    auto client = client_profile(mine);
    ASSERT_TRUE(client) << client.error().describe();
    EXPECT_EQ(client->relay.to_text(), "http://127.0.0.1:8080");
    EXPECT_EQ(client->policy, mine.policy);
    EXPECT_EQ(client->tls, nullptr);
    EXPECT_TRUE(client->roots.simulated.tdx.empty());
    mine.relay = "https://relay.example";
    EXPECT_NE(client_profile(mine)->tls, nullptr);
    mine.relay_roots = "-----BEGIN CERTIFICATE-----\nbad\n";
    EXPECT_FALSE(client_profile(mine));
    mine.relay = "relay.example/path";
    EXPECT_EQ(error_of(client_profile(mine)), "config.bad_config");
    mine = profile("example", 1, ann);
    mine.simulated_roots = "-----BEGIN CERTIFICATE-----\nbad\n";
    EXPECT_EQ(error_of(client_profile(mine)), "config.bad_config");
}

TEST(UserFolder, FollowsTheEnvironmentOnlyWhereItIsAbsolute) {
    ::setenv("HOME", "/home/ann", 1);
    ::unsetenv("XDG_CONFIG_HOME");
    EXPECT_EQ(user_folder(), "/home/ann/.config/openpcc");
    ::setenv("XDG_CONFIG_HOME", "/etc/ann", 1);
    EXPECT_EQ(user_folder(), "/etc/ann/openpcc");
    ::setenv("XDG_CONFIG_HOME", "ann", 1);
    EXPECT_EQ(user_folder(), "/home/ann/.config/openpcc");
    ::unsetenv("HOME");
    EXPECT_EQ(user_folder(), "/nonexistent/.config/openpcc");
}

}  // namespace
}  // namespace openpcc::profiles

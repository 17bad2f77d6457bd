// SPDX-License-Identifier: Apache-2.0
#include "apps/proxy/door.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "apps/config/config.hpp"
#include "apps/proxy/errors.hpp"
#include "crypto/random.hpp"

namespace openpcc::proxy {
namespace {

namespace fs = std::filesystem;

struct Place {
    std::string folder = [] {
        std::string pattern = (fs::temp_directory_path() / "openpcc-door-XXXXXX").string();
        return std::string(::mkdtemp(pattern.data()));
    }();
    std::string file = folder + "/user/proxy.key";
    crypto::SystemRandom random;
    ~Place() {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
    Key key() { return Key::load_or_make(file, random).value(); }
    void write(std::string_view text, fs::perms mode) const {
        fs::create_directories(fs::path(file).parent_path());
        std::ofstream(file, std::ios::binary) << text;
        fs::permissions(file, mode);
    }
};

const net::Endpoint kHere = net::Endpoint::parse("http://127.0.0.1:8484").value();

http::RequestHead asked(std::string host, http::Fields fields) {
    return {"POST", "", std::move(host), "/v1/chat/completions", std::move(fields)};
}

std::string text_of(const Key& key) {
    return key.with([](std::string_view text) { return std::string(text); });
}

TEST(ProxyKey, IsMadeOnceAndForItsOwnerAlone) {
    Place place;
    const Key made = place.key();
    EXPECT_TRUE(made.made());
    struct stat status{};
    ASSERT_EQ(::stat(place.file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    ASSERT_EQ(::stat(fs::path(place.file).parent_path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700U);
    const Key again = place.key();
    EXPECT_FALSE(again.made());
    EXPECT_EQ(text_of(again), text_of(made));
    EXPECT_EQ(text_of(made).size(), 51U);
    Place other;
    EXPECT_NE(text_of(other.key()), text_of(made));
}

TEST(ProxyKey, AFileThatOthersMayReadIsRefused) {
    Place place;
    (void)place.key();
    fs::permissions(place.file, fs::perms(0640));
    EXPECT_EQ(Key::load_or_make(place.file, place.random).error(), config::kBadFile);
}

TEST(ProxyKey, AnotherFileIsLeftAlone) {
    for (const std::string text : {"", "\n", "sk-123", "openpcc-", "a text of somebody's"}) {
        Place place;
        place.write(text, fs::perms(0600));
        EXPECT_EQ(Key::load_or_make(place.file, place.random).error(), kBadKeyFile) << text;
        std::ifstream file(place.file);
        EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
    }
}

TEST(ProxyDoor, TheKeyOpensInEitherHeader) {
    Place place;
    const std::string key = text_of(place.key());
    const Door door(kHere, place.key());
    EXPECT_TRUE(door.admit(asked("127.0.0.1:8484", {{"authorization", "Bearer " + key}})));
    EXPECT_TRUE(door.admit(asked("localhost:8484", {{"authorization", "bearer " + key}})));
    EXPECT_TRUE(door.admit(asked("[::1]:8484", {{"x-api-key", key}})));
}

TEST(ProxyDoor, MissingOrWrongKeys) {
    Place place;
    const std::string key = text_of(place.key());
    const Door door(kHere, place.key());
    std::string wrong = key;
    wrong.back() = wrong.back() == 'A' ? 'E' : 'A';
    const std::vector<http::Fields> bad = {
        {},
        {{"authorization", ""}},
        {{"authorization", key}},
        {{"authorization", "Basic " + key}},
        {{"authorization", "Bearer"}},
        {{"authorization", "Bearer " + wrong}},
        {{"authorization", "Bearer " + key + " "}},
        {{"authorization", "Bearer " + key.substr(0, 50)}},
        {{"x-api-key", wrong}},
        {{"x-api-key", key}, {"authorization", "Bearer " + key}},
        {{"x-api-key", key}, {"x-api-key", key}},
        {{"api-key", key}},
    };
    for (const auto& fields : bad) EXPECT_EQ(door.admit(asked("127.0.0.1:8484", fields)).error(), kNoKey);
}

// DNS rebinding: a page's own name resolves to 127.0.0.1, and the browser sends that name.
TEST(ProxyDoor, OtherHosts) {
    Place place;
    const std::string key = text_of(place.key());
    const Door door(kHere, place.key());
    for (const char* host :
         {"evil.example:8484", "evil.example", "127.0.0.1", "127.0.0.1:80", "localhost", "0.0.0.0:8484",
          "localhost.evil.example:8484", "127.0.0.1.evil.example:8484", "127.1:8484", ""})
        EXPECT_EQ(door.admit(asked(host, {{"authorization", "Bearer " + key}})).error(), kForeignHost) << host;
    EXPECT_TRUE(door.admit(asked("LOCALHOST:8484", {{"authorization", "Bearer " + key}})));
}

TEST(ProxyDoor, OtherOrigins) {
    Place place;
    const std::string key = text_of(place.key());
    const Door door(kHere, place.key());
    const auto from = [&](http::Fields fields) {
        fields.add("authorization", "Bearer " + key);
        return door.admit(asked("127.0.0.1:8484", std::move(fields)));
    };
    for (const char* origin : {"https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:8485", "file://",
                               "https://127.0.0.1:8484", "http://127.0.0.1:8484.evil.example", ""})
        EXPECT_EQ(from({{"origin", origin}}).error(), kForeignOrigin) << origin;
    EXPECT_EQ(from({{"origin", "http://127.0.0.1:8484"}, {"origin", "https://evil.example"}}).error(), kForeignOrigin);
    EXPECT_EQ(from({{"sec-fetch-site", "cross-site"}}).error(), kForeignOrigin);
    EXPECT_TRUE(from({{"origin", "http://127.0.0.1:8484"}, {"sec-fetch-site", "same-origin"}}));
}

// The page's files are the same for everybody; a name that leads here from elsewhere, or another page, still gets none.
TEST(ProxyDoor, ThePageNeedsOurNameAndNoKey) {
    Place place;
    const Door door(kHere, place.key());
    EXPECT_TRUE(door.admit_to_page(asked("127.0.0.1:8484", {})));
    EXPECT_TRUE(door.admit_to_page(asked("localhost:8484", {{"sec-fetch-site", "none"}})));
    EXPECT_EQ(door.admit_to_page(asked("evil.example:8484", {})).error(), kForeignHost);
    EXPECT_EQ(door.admit_to_page(asked("127.0.0.1:8484", {{"origin", "https://evil.example"}})).error(),
              kForeignOrigin);
    EXPECT_EQ(door.admit_to_page(asked("127.0.0.1:8484", {{"sec-fetch-site", "cross-site"}})).error(), kForeignOrigin);
}

TEST(ProxyDoor, APortHasAKey) { EXPECT_DEATH(Door(kHere, std::nullopt), ""); }

// On a UNIX socket the folder's permissions are the key; pages cannot reach it, and so no page is meant to.
TEST(ProxyDoor, ASocketNeedsNoKeyAndServesNoPage) {
    const Door door(net::Endpoint::parse("unix:/tmp/a").value(), std::nullopt);
    EXPECT_TRUE(door.admit(asked("localhost", {})));
    EXPECT_TRUE(door.admit(asked("anything", {})));
    EXPECT_EQ(door.admit(asked("localhost", {{"origin", "http://localhost"}})).error(), kForeignOrigin);
}

}  // namespace
}  // namespace openpcc::proxy

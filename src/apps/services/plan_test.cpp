// SPDX-License-Identifier: Apache-2.0
#include "apps/services/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "apps/config/config.hpp"

namespace openpcc::services {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

net::Endpoint at(const char* text) { return net::Endpoint::parse(text).value(); }

Plan one_machine() {
    Plan plan;
    plan.name = "demo";
    plan.release = "demo-1";
    plan.relay = at("http://127.0.0.1:8440");
    plan.gateway = at("http://127.0.0.1:8441");
    plan.nodes = {at("http://127.0.0.1:8442")};
    plan.engine_root = "/engine";
    plan.model = "/model.gguf";
    plan.model_name = "demo";
    plan.run_folder = "/run/x/engine";
    plan.state_folder = "/var/lib/x";
    return plan;
}

Plan split() {
    Plan plan = one_machine();
    plan.place = Place::kSplit;
    plan.relay = at("https://relay.example:443");
    plan.gateway = at("https://gateway.example:8443");
    plan.nodes = {at("https://node-1.example:9443"), at("https://node-2.example:9443")};
    return plan;
}

std::string content(const Plan& plan, std::string_view path) {
    for (const File& file : files(plan, "openpcc-service:00"))
        if (file.path == path) return file.content;
    return "no such file";
}

TEST(Plan, OneMachineTalksOverLoopback) {
    ASSERT_TRUE(check(one_machine()));
    EXPECT_THAT(content(one_machine(), "relay/relay.toml"), HasSubstr("listen = \"http://127.0.0.1:8440\"\n"));
    EXPECT_THAT(content(one_machine(), "relay/relay.toml"), HasSubstr("gateway = \"http://127.0.0.1:8441\"\n"));
    EXPECT_THAT(content(one_machine(), "gateway/gateway.toml"), HasSubstr("nodes = [\"http://127.0.0.1:8442\"]\n"));
    EXPECT_THAT(content(one_machine(), "node/node.toml"), Not(HasSubstr("simulated")));
    EXPECT_EQ(content(one_machine(), "relay/README.txt"), "no such file");
}

TEST(Plan, SplitListensOnEveryAddressWithACertificate) {
    ASSERT_TRUE(check(split()));
    for (const char* path : {"relay/relay.toml", "gateway/gateway.toml", "node/node.toml"}) {
        EXPECT_THAT(content(split(), path), HasSubstr("listen = \"https://0.0.0.0:")) << path;
        EXPECT_THAT(content(split(), path), HasSubstr("[tls]\ncertificate = \"tls.pem\"\n")) << path;
    }
    EXPECT_THAT(content(split(), "gateway/gateway.toml"),
                HasSubstr("nodes = [\"https://node-1.example:9443\", \"https://node-2.example:9443\"]\n"));
    EXPECT_THAT(content(split(), "relay/README.txt"), HasSubstr("openpcc-relay@demo"));
}

// The relay's party learns where the gateway is, and nothing else of the service.
TEST(Plan, NothingOfGatewayOrNodeGoesToTheRelay) {
    for (const File& file : files(split(), "openpcc-service:00")) {
        if (!file.path.starts_with("relay/")) continue;
        for (const char* foreign : {"openpcc-service:", "service.key", "node-1", "node-2", "/model.gguf"})
            EXPECT_THAT(file.content, Not(HasSubstr(foreign))) << file.path;
    }
}

TEST(Plan, RefusesWhatCannotWork) {
    const auto refused = [](auto change) {
        Plan plan = one_machine();
        change(plan);
        const auto checked = check(plan);
        return !checked && checked.error() == kBadPlan;
    };
    EXPECT_TRUE(refused([](Plan& plan) { plan.name = "../demo"; }));
    EXPECT_TRUE(refused([](Plan& plan) { plan.name = ""; }));
    EXPECT_TRUE(refused([](Plan& plan) { plan.model_name = "a\nb"; }));
    EXPECT_TRUE(refused([](Plan& plan) { plan.nodes.clear(); }));
    EXPECT_TRUE(refused([](Plan& plan) { plan.nodes.push_back(at("http://127.0.0.1:1")); }));
    EXPECT_TRUE(refused([](Plan& plan) { plan.place = Place::kSplit; }));
    EXPECT_TRUE(refused([](Plan& plan) {
        plan.hardware = Hardware::kSimulated;
        plan.nodes = {at("http://node.example:80")};
    }));
    EXPECT_TRUE(refused([](Plan& plan) {
        plan.hardware = Hardware::kSimulated;
        plan.relay = at("https://relay.example:443");
    }));
}

TEST(Plan, TextsAreQuoted) {
    Plan plan = one_machine();
    plan.model = "/a\"b\\c";
    auto file = config::File::parse(content(plan, "node/node.toml"), "node.toml").value();
    EXPECT_EQ(file.text("engine.model"), plan.model);
}

class TreeTest : public testing::Test {
  protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "openpcc-tree-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        top_ = name;
    }
    void TearDown() override { fs::remove_all(top_); }
    std::size_t entries() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(top_), {})); }
    static unsigned mode(const fs::path& path) {
        struct stat status{};
        return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
    }
    fs::path top_;
};

TEST_F(TreeTest, AppearsWholeWithItsModes) {
    ::umask(0);
    auto tree = Tree::begin(top_ / "x").value();
    ASSERT_TRUE(tree.make_folder("gateway", 0700));
    ASSERT_TRUE(tree.write({"gateway/service.key", "secret", kSecret}));
    EXPECT_FALSE(fs::exists(top_ / "x"));
    ASSERT_TRUE(tree.finish());
    EXPECT_EQ(mode(top_ / "x/gateway"), 0700U);
    EXPECT_EQ(mode(top_ / "x/gateway/service.key"), 0600U);
    EXPECT_EQ(entries(), 1U);
}

TEST_F(TreeTest, LeavesNothingWithoutFinish) {
    {
        auto tree = Tree::begin(top_ / "x").value();
        ASSERT_TRUE(tree.make_folder("gateway", 0700));
    }
    EXPECT_EQ(entries(), 0U);
}

TEST_F(TreeTest, NeverWritesOver) {
    fs::create_directory(top_ / "x");
    EXPECT_TRUE(Tree::begin(top_ / "x"));  // empty
    std::ofstream(top_ / "x/mine") << "mine";
    EXPECT_EQ(Tree::begin(top_ / "x").error(), config::kBadFile);
    std::ofstream(top_ / "file") << "mine";
    EXPECT_EQ(Tree::begin(top_ / "file").error(), config::kBadFile);
    fs::create_directory_symlink(top_ / "x", top_ / "link");
    EXPECT_EQ(Tree::begin(top_ / "link").error(), config::kBadFile);
    EXPECT_EQ(entries(), 3U);
}

// Somebody fills the folder between the look and the end: theirs stays.
TEST_F(TreeTest, DoesNotReplaceWhatCameMeanwhile) {
    auto tree = Tree::begin(top_ / "x").value();
    fs::create_directory(top_ / "x");
    std::ofstream(top_ / "x/mine") << "mine";
    EXPECT_EQ(tree.finish().error(), config::kBadFile);
    EXPECT_TRUE(fs::exists(top_ / "x/mine"));
}

}  // namespace
}  // namespace openpcc::services

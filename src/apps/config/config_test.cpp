// SPDX-License-Identifier: Apache-2.0
#include "apps/config/config.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace openpcc::config {
namespace {

// What finish says when `name` and engine.kind are all that is asked for.
std::string problems(std::string_view text) {
    auto file = File::parse(text, "x.toml").value();
    (void)file.text("name");
    (void)file.optional_text("engine.kind");
    const auto good = file.finish();
    return good ? "" : good.error().text();
}

TEST(Config, AsksForWhatIsThere) {
    EXPECT_EQ(problems("name = \"a\"\n"), "");
    EXPECT_EQ(problems("name = \"a\"\n[engine]\nkind = \"b\"\n"), "");
    EXPECT_EQ(problems("name = \"a\"\nengine.kind = \"b\"\n"), "");
    EXPECT_EQ(problems("name = \"a\"\n[engine]\n"), "");
    EXPECT_EQ(problems(""), "x.toml: name: is required: a text");
}

TEST(Config, NothingIsPassedOver) {
    EXPECT_EQ(problems("nam = \"a\"\nname = \"a\"\n"), "x.toml:1: nam: is not a key of this file; did you mean name?");
    EXPECT_NE(problems("name = \"a\"\n[engine]\nkind = \"b\"\nsize = 1\n"), "");
    EXPECT_NE(problems("name = \"a\"\n[engin]\n"), "");
    EXPECT_NE(problems("name = \"a\"\n[engine.kind]\n"), "");
    EXPECT_NE(problems("name = \"a\"\n[[engine]]\nkind = \"b\"\n"), "");
    EXPECT_NE(problems("\"engine.kind\" = \"b\"\nname = \"a\"\n"), "");  // a name with a dot in it
}

TEST(Config, KeysThatOthersMayOpenAreRefused) {
    const std::string path = testing::TempDir() + "openpcc-key-" + std::to_string(::getpid());
    ASSERT_TRUE(write_file(path, "secret", 0600));
    EXPECT_EQ(*read_private_file(path, 16), "secret");
    for (const unsigned mode : {0640U, 0604U, 0610U}) {
        ASSERT_TRUE(write_file(path, "secret", 0600));
        ASSERT_EQ(::chmod(path.c_str(), mode), 0);
        EXPECT_EQ(read_private_file(path, 16).error(), kBadFile) << mode;
    }
    ::unlink(path.c_str());
}

TEST(Config, SaysWhatKindOfTroubleItIs) {
    EXPECT_EQ(File::parse("name = ", "x.toml").error(), kBadConfig);
    EXPECT_EQ(File::load("/no/such/file.toml").error(), kBadFile);
    EXPECT_EQ(read_file("/proc/self/exe", 16).error(), kBadFile);  // longer than asked for
    EXPECT_EQ(read_file("/", 16).error(), kBadFile);
    EXPECT_EQ(write_file("/proc/no/such/folder", "x", 0600).error(), kBadFile);
}

}  // namespace
}  // namespace openpcc::config

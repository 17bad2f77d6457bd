// SPDX-License-Identifier: Apache-2.0
#include "io/net/endpoint.hpp"

#include <gtest/gtest.h>

#include "io/net/errors.hpp"

namespace openpcc::net {
namespace {

TEST(Endpoint, IsReadAndWrittenBack) {
    const auto same = [](const char* text) {
        const auto got = Endpoint::parse(text);
        ASSERT_TRUE(got) << text;
        EXPECT_EQ(got->to_text(), text);
        EXPECT_EQ(Endpoint::parse(got->to_text()).value(), *got);
    };
    same("http://127.0.0.1:8080");
    same("https://relay.example:443");
    same("http://[::1]:9000");
    same("unix:/run/openpcc/node.sock");
    same("http://localhost:0");
    EXPECT_EQ(Endpoint::parse("https://Relay.Example")->to_text(), "https://relay.example:443");
    EXPECT_EQ(Endpoint::parse("http://[2001:DB8::1]")->to_text(), "http://[2001:db8::1]:80");
}

TEST(Endpoint, NamesItsAuthority) {
    EXPECT_EQ(Endpoint::parse("https://a.example")->authority(), "a.example");
    EXPECT_EQ(Endpoint::parse("https://a.example:80")->authority(), "a.example:80");
    EXPECT_EQ(Endpoint::parse("http://[::1]:9000")->authority(), "[::1]:9000");
    EXPECT_EQ(Endpoint::parse("unix:/a")->authority(), "localhost");
}

TEST(Endpoint, IsLocalOnlyByLiteral) {
    for (const char* text : {"unix:/a", "http://127.0.0.1:1", "http://127.9.9.9:1", "http://[::1]:1"}) {
        EXPECT_TRUE(Endpoint::parse(text)->is_local()) << text;
    }
    for (const char* text :
         {"http://localhost:1", "http://10.0.0.1:1", "http://[::2]:1", "http://0.0.0.0:1", "http://[::]:1"}) {
        EXPECT_FALSE(Endpoint::parse(text)->is_local()) << text;
    }
}

TEST(Endpoint, RefusesEverythingElse) {
    for (const std::string text : {"",
                                   "a.example:80",
                                   "ftp://a",
                                   "HTTP://a",
                                   "http://",
                                   "http://:80",
                                   "http://a:",
                                   "http://a:x",
                                   "http://a:65536",
                                   "http://a:-1",
                                   "http://a:+1",
                                   "http://a:080",
                                   "http://a:80/",
                                   "http://a/",
                                   "http://a?b",
                                   "http://a#b",
                                   "http://u@a",
                                   "http://u:p@a:1",
                                   "http://a b",
                                   " http://a",
                                   "http://a ",
                                   "http://a..b",
                                   "http://.a",
                                   "http://a.",
                                   "http://-a",
                                   "http://a-",
                                   "http://127.1:80",
                                   "http://0x7f.1",
                                   "http://2130706433:1",
                                   "http://1.2.3.4.5",
                                   "http://256.0.0.1",
                                   "http://::1",
                                   "http://[::1",
                                   "http://[::1]x",
                                   "http://[::1]80",
                                   "http://[::1%lo]:80",
                                   "http://[127.0.0.1]",
                                   "http://[]:1",
                                   "http://\xc3\xa9",
                                   "unix:",
                                   "unix:a",
                                   "unix:/a/",
                                   "unix://\n",
                                   "unix:/a\tb"}) {
        const auto got = Endpoint::parse(text);
        ASSERT_FALSE(got) << text;
        EXPECT_EQ(got.error(), kBadEndpoint);
    }
    EXPECT_TRUE(Endpoint::parse("unix:/" + std::string(106, 'a')));
    EXPECT_FALSE(Endpoint::parse("unix:/" + std::string(107, 'a')));
    EXPECT_FALSE(Endpoint::parse("http://" + std::string(64, 'a')));
}

}  // namespace
}  // namespace openpcc::net

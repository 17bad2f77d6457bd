// SPDX-License-Identifier: Apache-2.0
#include "io/http/h1_text.hpp"

#include <gtest/gtest.h>

#include "io/http/errors.hpp"

namespace openpcc::http::h1 {
namespace {

TEST(HeadText, IsWhatTheReaderReads) {
    const RequestHead head{.method = "POST", .path = "/a?b", .fields = {{"content-length", "3"}, {"x", ""}}};
    const auto text = request_text(head, "host:1", {});
    ASSERT_TRUE(text);
    ReceivedRequest received({.bytes = 1000, .fields = 10});
    ASSERT_TRUE(received.feed(as_bytes(*text)));
    ASSERT_TRUE(received.done());
    RequestHead expected = head;
    expected.authority = "host:1";
    EXPECT_EQ(received.take(), expected);
}

TEST(HeadText, CannotBeEndedFromInside) {
    const auto refused = [](const char* name, const char* value) {
        const ResponseHead head{.status = 200, .fields = {{name, value}}};
        const auto text = response_text(head, {});
        return !text && text.error() == kMisuse;
    };
    EXPECT_TRUE(refused("x", "a\r\nset-cookie: b"));
    EXPECT_TRUE(refused("x", "a\nb"));
    EXPECT_TRUE(refused("x", " a"));
    EXPECT_TRUE(refused("X", "a"));
    EXPECT_TRUE(refused("x y", "a"));
    EXPECT_TRUE(refused("", "a"));
    for (const char* name :
         {"connection", "transfer-encoding", "upgrade", "keep-alive", "te", "trailer", "host", "expect"}) {
        EXPECT_TRUE(refused(name, "a")) << name;
    }
    for (const char* path : {"", "a", "/a b", "/a\r\n", "/\x7f", "/\xc3\xa9"}) {
        const RequestHead head{.method = "GET", .path = path};
        EXPECT_FALSE(request_text(head, "a", {})) << path;
    }
    const RequestHead bad_method{.method = "GET /", .path = "/"};
    EXPECT_FALSE(request_text(bad_method, "a", {}));
    for (const std::uint16_t status : std::initializer_list<std::uint16_t>{0, 99, 100, 199, 600}) {
        const ResponseHead head{.status = status};
        EXPECT_FALSE(response_text(head, {})) << status;
    }
}

}  // namespace
}  // namespace openpcc::http::h1

// SPDX-License-Identifier: Apache-2.0
#include "io/http/h1_head.hpp"

#include <gtest/gtest.h>

#include "io/http/errors.hpp"

namespace openpcc::http::h1 {
namespace {

constexpr HeadLimits kLimits{.bytes = 400, .fields = 8};

// read feeds in two pieces; "ok" or the error's name, and what was left over.
template <class Received>
std::string outcome(Received& head, std::string_view text, std::size_t cut) {
    std::size_t taken = 0;
    for (const std::size_t end : {cut, text.size()}) {
        const auto step = head.feed(as_bytes(text.substr(taken, end - taken)));
        if (!step) return std::string(step.error().name());
        taken += *step;
    }
    if (!head.done()) return "more";
    return "ok " + std::to_string(text.size() - taken);
}

std::string request_outcome(std::string_view text) {
    ReceivedRequest whole(kLimits);
    const std::string expected = outcome(whole, text, text.size());
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        ReceivedRequest head(kLimits);
        EXPECT_EQ(outcome(head, text, cut), expected) << "cut at " << cut << " of " << text;
    }
    return expected;
}

std::string response_outcome(std::string_view text, std::string_view method = "GET") {
    ReceivedResponse whole(kLimits, method);
    const std::string expected = outcome(whole, text, text.size());
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        ReceivedResponse head(kLimits, method);
        EXPECT_EQ(outcome(head, text, cut), expected) << "cut at " << cut << " of " << text;
    }
    return expected;
}

struct Case {
    const char* meaning;
    std::string_view text;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.meaning; }

using namespace std::string_view_literals;

constexpr Case kRefusedRequests[] = {
    {"content_length_and_transfer_encoding",
     "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"transfer_encoding_and_content_length",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n"},
    {"content_length_twice_different", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n"},
    {"content_length_twice_equal", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\n"},
    {"content_length_list", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4, 4\r\n\r\n"},
    {"content_length_plus", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\n"},
    {"content_length_minus", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -4\r\n\r\n"},
    {"content_length_hex", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x4\r\n\r\n"},
    {"content_length_inner_space", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4 4\r\n\r\n"},
    {"content_length_empty", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n"},
    {"content_length_fraction", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4.0\r\n\r\n"},
    {"content_length_leading_zero", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 04\r\n\r\n"},
    {"content_length_overflow", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551617\r\n\r\n"},
    {"content_length_sign_bit", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n"},
    {"transfer_encoding_gzip", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"},
    {"transfer_encoding_gzip_chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
    {"transfer_encoding_identity", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n"},
    {"transfer_encoding_twice",
     "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"transfer_encoding_other_case", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunKed\r\n\r\n"},
    {"transfer_encoding_quoted", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n"},
    {"transfer_encoding_vertical_tab", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \vchunked\r\n\r\n"},
    {"transfer_encoding_with_parameter", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;q=1\r\n\r\n"},
    {"transfer_encoding_in_http_1_0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"folded_line_space", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"},
    {"folded_line_tab", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc\r\n\r\n"},
    {"folded_first_field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n"},
    {"space_before_colon", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 4\r\n\r\n"},
    {"tab_before_colon", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding\t: chunked\r\n\r\n"},
    {"bare_lf_after_request_line", "GET / HTTP/1.1\nHost: a\r\n\r\n"},
    {"bare_lf_after_field", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n"},
    {"bare_lf_as_blank_line", "GET / HTTP/1.1\r\nHost: a\r\n\n"},
    {"bare_cr_in_value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n"},
    {"bare_cr_in_target", "GET /\rb HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"cr_cr_lf", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n"},
    {"nul_in_value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n"sv},
    {"nul_in_name", "GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n"sv},
    {"nul_in_target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"sv},
    {"delete_byte_in_value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\x7f\r\n\r\n"},
    {"empty_name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n"},
    {"name_with_slash", "GET / HTTP/1.1\r\nHost: a\r\nX/Y: b\r\n\r\n"},
    {"name_with_high_byte", "GET / HTTP/1.1\r\nHost: a\r\nX\xe9: b\r\n\r\n"},
    {"no_colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"},
    {"absolute_form", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"authority_form", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"asterisk_form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"relative_target", "GET x HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"empty_target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"fragment_in_target", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"space_in_target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"tab_in_request_line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"control_byte_in_target", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"high_byte_in_target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"backslash_in_target", "GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"percent_without_digits", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"percent_at_end", "GET /%a HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"host_missing", "GET / HTTP/1.1\r\nX: a\r\n\r\n"},
    {"host_twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
    {"host_twice_in_http_1_0", "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"},
    {"host_list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"},
    {"host_with_user", "GET / HTTP/1.1\r\nHost: b@a\r\n\r\n"},
    {"host_with_path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"},
    {"http_0_9", "GET /\r\n"},
    {"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
    {"http_1_2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n"},
    {"http_lower_case", "GET / http/1.1\r\nHost: a\r\n\r\n"},
    {"version_with_text", "GET / HTTP/1.1x\r\nHost: a\r\n\r\n"},
    {"space_after_version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"},
    {"space_before_method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"method_not_token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"method_too_long", "GETGETGETGETGETGETGETGETGETGETGETGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"empty_line_first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"},
    {"tls_client_hello", "\x16\x03\x01\x02"},
    {"connection_names_content_length",
     "POST / HTTP/1.1\r\nHost: a\r\nConnection: content-length\r\nContent-Length: 4\r\n\r\n"},
    {"connection_names_host", "GET / HTTP/1.1\r\nHost: a\r\nConnection: Host\r\n\r\n"},
    {"connection_empty_option", "GET / HTTP/1.1\r\nHost: a\r\nConnection: close,,x\r\n\r\n"},
};

class RefusedRequest : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Head, RefusedRequest, ::testing::ValuesIn(kRefusedRequests),
                         [](const auto& test) { return test.param.meaning; });
TEST_P(RefusedRequest, IsMalformed) { EXPECT_EQ(request_outcome(GetParam().text), "http.malformed"); }

constexpr Case kRefusedResponses[] = {
    {"content_length_and_transfer_encoding",
     "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"content_length_twice", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\n"},
    {"content_length_list", "HTTP/1.1 200 OK\r\nContent-Length: 4,4\r\n\r\n"},
    {"transfer_encoding_gzip", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"},
    {"transfer_encoding_in_http_1_0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"no_content_with_length", "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n"},
    {"no_content_with_chunks", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {"interim_with_length", "HTTP/1.1 100 Continue\r\nContent-Length: 4\r\n\r\n"},
    {"status_two_digits", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"},
    {"status_four_digits", "HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"},
    {"status_six_hundred", "HTTP/1.1 600 OK\r\nContent-Length: 0\r\n\r\n"},
    {"status_zero", "HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n"},
    {"status_sign", "HTTP/1.1 +20 OK\r\nContent-Length: 0\r\n\r\n"},
    {"status_without_space", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"},
    {"two_spaces", "HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n"},
    {"http_2", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {"icy", "ICY 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {"bare_lf", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"},
    {"folded_line", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n X: a\r\n\r\n"},
    {"nul_in_reason", "HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n"sv},
    {"space_before_colon", "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n"},
};

class RefusedResponse : public ::testing::TestWithParam<Case> {};
INSTANTIATE_TEST_SUITE_P(Head, RefusedResponse, ::testing::ValuesIn(kRefusedResponses),
                         [](const auto& test) { return test.param.meaning; });
TEST_P(RefusedResponse, IsMalformed) { EXPECT_EQ(response_outcome(GetParam().text), "http.malformed"); }

TEST(RequestHead, IsReadWithItsFieldsInOrder) {
    constexpr std::string_view kText =
        "POST /v1/chat?x=%20 HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: 4\r\nX-B: \t b c \r\nx-a:\r\n\r\nbody";
    EXPECT_EQ(request_outcome(kText), "ok 4");
    ReceivedRequest received(kLimits);
    ASSERT_TRUE(received.feed(as_bytes(kText)));
    EXPECT_EQ(received.framing(), (Framing{.kind = Framing::Kind::kLength, .length = 4}));
    EXPECT_TRUE(received.persistent());
    const RequestHead head = received.take();
    EXPECT_EQ(head.method, "POST");
    EXPECT_EQ(head.path, "/v1/chat?x=%20");
    EXPECT_EQ(head.authority, "[::1]:80");
    EXPECT_EQ(head.fields, (Fields{{"content-length", "4"}, {"x-b", "b c"}, {"x-a", ""}}));
}

TEST(RequestHead, LosesTheFieldsOfTheConnection) {
    ReceivedRequest received(kLimits);
    ASSERT_TRUE(
        received.feed(as_bytes("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, X-Hop\r\nUpgrade: h2c\r\n"
                               "X-Hop: 1\r\nTE: trailers\r\nKeep-Alive: 5\r\nAccept: b\r\n\r\n")));
    EXPECT_EQ(received.take().fields, (Fields{{"accept", "b"}}));
}

TEST(RequestHead, SaysWhetherTheConnectionGoesOn) {
    const auto persistent = [](std::string_view text) {
        ReceivedRequest received(kLimits);
        EXPECT_TRUE(received.feed(as_bytes(text)));
        EXPECT_TRUE(received.done());
        return received.persistent();
    };
    EXPECT_TRUE(persistent("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    EXPECT_FALSE(persistent("GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n"));
    EXPECT_FALSE(persistent("GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: keep-alive, close\r\n\r\n"));
    EXPECT_FALSE(persistent("GET / HTTP/1.0\r\n\r\n"));
    EXPECT_FALSE(persistent("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

TEST(RequestHead, KnowsOneExpectation) {
    EXPECT_EQ(request_outcome("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n"),
              "ok 0");
    EXPECT_EQ(request_outcome("POST / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\nContent-Length: 1\r\n\r\n"),
              "http.expectation");
    EXPECT_EQ(request_outcome("POST / HTTP/1.1\r\nHost: a\r\nExpect: a\r\nExpect: b\r\n\r\n"), "http.expectation");
    EXPECT_EQ(request_outcome("POST / HTTP/1.0\r\nExpect: 200-ok\r\n\r\n"), "ok 0");
}

TEST(RequestHead, IsBounded) {
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
    const std::string exact = start + "X: " + std::string(kLimits.bytes - start.size() - 7, 'a') + "\r\n\r\n";
    EXPECT_EQ(exact.size(), kLimits.bytes);
    EXPECT_EQ(request_outcome(exact), "ok 0");
    EXPECT_EQ(request_outcome(start + "X: a" + exact.substr(start.size() + 3)), "http.too_large");
    EXPECT_EQ(request_outcome("GET /" + std::string(500, 'a')), "http.too_large");
    std::string fields = start;
    for (std::size_t i = 1; i < kLimits.fields; ++i) fields += "a: b\r\n";
    EXPECT_EQ(request_outcome(fields + "\r\n"), "ok 0");
    EXPECT_EQ(request_outcome(fields + "a: b\r\n\r\n"), "http.too_large");
}

TEST(RequestHead, WaitsForItsEnd) {
    constexpr std::string_view kText = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (std::size_t size = 0; size < kText.size(); ++size) EXPECT_EQ(request_outcome(kText.substr(0, size)), "more");
    EXPECT_EQ(request_outcome(kText), "ok 0");
}

Framing framing_of(std::string_view text, std::string_view method) {
    ReceivedResponse received(kLimits, method);
    EXPECT_TRUE(received.feed(as_bytes(text)));
    EXPECT_TRUE(received.done());
    return received.framing();
}

TEST(ResponseHead, IsFramedByItsStatusAndRequest) {
    constexpr Framing kNone{};
    EXPECT_EQ(framing_of("HTTP/1.1 200 \r\nContent-Length: 4\r\n\r\n", "GET"),
              (Framing{.kind = Framing::Kind::kLength, .length = 4}));
    EXPECT_EQ(framing_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "GET"),
              (Framing{.kind = Framing::Kind::kChunked}));
    EXPECT_EQ(framing_of("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", "HEAD"), kNone);
    EXPECT_EQ(framing_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "HEAD"), kNone);
    EXPECT_EQ(framing_of("HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", "GET"), kNone);
    EXPECT_EQ(framing_of("HTTP/1.1 204 No Content\r\n\r\n", "GET"), kNone);
    EXPECT_EQ(framing_of("HTTP/1.1 100 Continue\r\n\r\n", "POST"), kNone);
}

TEST(ResponseHead, WithoutAnEndIsRefused) {
    EXPECT_EQ(response_outcome("HTTP/1.1 200 OK\r\nX: a\r\n\r\n"), "http.truncated");
    EXPECT_EQ(response_outcome("HTTP/1.0 200 OK\r\n\r\n"), "http.truncated");
    EXPECT_EQ(response_outcome("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\nrest"), "ok 4");
}

}  // namespace
}  // namespace openpcc::http::h1

// SPDX-License-Identifier: Apache-2.0
#include "protocol/bhttp/bhttp.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "protocol/bhttp/test_sink.hpp"

namespace openpcc::bhttp {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }

// RFC 9292 section 5.1, figure "Known-Length Binary Encoding of Request".
constexpr std::string_view kKnownRequest =
    "0003474554056874747073000a2f68656c6c6f2e747874406c0a757365722d6167656e74346375726c2f372e31362e33206c69626375726c2f"
    "37"
    "2e31362e33204f70656e53534c2f302e392e376c207a6c69622f312e322e3304686f73740f7777772e6578616d706c652e636f6d0f61636365"
    "70"
    "742d6c616e677561676506656e2c206d690000";
// RFC 9292 section 5.1, figure "Indeterminate-Length Binary Encoding of Request": ten bytes of padding.
constexpr std::string_view kStreamRequest =
    "0203474554056874747073000a2f68656c6c6f2e7478740a757365722d6167656e74346375726c2f372e31362e33206c69626375726c2f372e"
    "31"
    "362e33204f70656e53534c2f302e392e376c207a6c69622f312e322e3304686f73740f7777772e6578616d706c652e636f6d0f616363657074"
    "2d"
    "6c616e677561676506656e2c206d6900000000000000000000000000";
// RFC 9292 section 5.2, figure "Binary Response, including Informational Responses".
constexpr std::string_view kStreamResponse =
    "0340660772756e6e696e670a22736c65657020313522004067046c696e6b233c2f7374796c652e6373733e3b2072656c3d7072656c6f61643b"
    "20"
    "61733d7374796c65046c696e6b243c2f7363726970742e6a733e3b2072656c3d7072656c6f61643b2061733d7363726970740040c804646174"
    "65"
    "1d4d6f6e2c203237204a756c20323030392031323a32383a353320474d5406736572766572064170616368650d6c6173742d6d6f6469666965"
    "64"
    "1d5765642c203232204a756c20323030392031393a31353a353620474d5404657461671422333461613338372d642d3135363865623030220d"
    "61"
    "63636570742d72616e6765730562797465730e636f6e74656e742d6c656e67746802353104766172790f4163636570742d456e636f64696e67"
    "0c"
    "636f6e74656e742d747970650a746578742f706c61696e003348656c6c6f20576f726c6421204d7920636f6e74656e7420696e636c75646573"
    "20"
    "6120747261696c696e672043524c462e0d0a0000";
// RFC 9292 section 5.2, figure "Known-Length Encoding of Response".
constexpr std::string_view kKnownResponse =
    "0140c8001d5468697320636f6e74656e7420636f6e7461696e732043524c462e0d0a0d07747261696c65720474657874";

const http::RequestHead kHello{.method = "GET",
                               .scheme = "https",
                               .authority = "",
                               .path = "/hello.txt",
                               .fields = {{"user-agent", "curl/7.16.3 libcurl/7.16.3 OpenSSL/0.9.7l zlib/1.2.3"},
                                          {"host", "www.example.com"},
                                          {"accept-language", "en, mi"}}};

TEST(Bhttp, RequestExampleKnownLength) {
    const auto request = decode_request(hex(kKnownRequest), {});
    ASSERT_TRUE(request) << request.error().describe();
    EXPECT_EQ(request->head, kHello);
    EXPECT_TRUE(request->content.empty());
    EXPECT_TRUE(request->trailers.empty());
    EXPECT_EQ(to_hex(encode(*request)), kKnownRequest);
}

TEST(Bhttp, RequestExampleIndeterminateLength) {
    Recorder recorder;
    Decoder decoder(Kind::kRequest, {}, recorder);
    ASSERT_TRUE(decoder.update(hex(kStreamRequest)));
    EXPECT_TRUE(decoder.complete());
    ASSERT_TRUE(decoder.finish());
    EXPECT_EQ(recorder.request, kHello);
    EXPECT_EQ(decoder.padding_length(), 10U);
    EXPECT_FALSE(decoder.known_length());
    const std::string written = to_hex(encode_request_head(kHello)) + to_hex(encode_end());
    EXPECT_EQ(written + "00000000000000000000", kStreamRequest);
}

TEST(Bhttp, ResponseExampleWithInformational) {
    const auto response = decode_response(hex(kStreamResponse), {});
    ASSERT_TRUE(response) << response.error().describe();
    ASSERT_EQ(response->informational.size(), 2U);
    EXPECT_EQ(response->informational[0], (http::ResponseHead{.status = 102, .fields = {{"running", "\"sleep 15\""}}}));
    EXPECT_EQ(response->informational[1].status, 103);
    EXPECT_EQ(response->informational[1].fields.count("link"), 2U);
    EXPECT_EQ(response->head.status, 200);
    EXPECT_EQ(response->head.fields.size(), 8U);
    EXPECT_EQ(response->head.fields.get("content-length"), "51");
    EXPECT_EQ(to_string(response->content), "Hello World! My content includes a trailing CRLF.\r\n");

    Bytes written = encode_response_start();
    for (const auto& head : response->informational) written.append(encode_informational(head));
    written.append(encode_final_head(response->head));
    written.append(content_prefix(response->content.size()));
    written.append(response->content);
    written.append(encode_end());
    EXPECT_EQ(to_hex(written), kStreamResponse);
}

TEST(Bhttp, ResponseExampleKnownLength) {
    const auto response = decode_response(hex(kKnownResponse), {});
    ASSERT_TRUE(response);
    EXPECT_EQ(to_string(response->content), "This content contains CRLF.\r\n");
    EXPECT_EQ(response->trailers, (http::Fields{{"trailer", "text"}}));
    EXPECT_EQ(to_hex(encode(*response)), kKnownResponse);
}

TEST(Bhttp, AnySplitGivesTheSame) {
    for (const auto& [kind, text] :
         {std::pair{Kind::kRequest, kKnownRequest}, std::pair{Kind::kRequest, kStreamRequest},
          std::pair{Kind::kResponse, kStreamResponse}, std::pair{Kind::kResponse, kKnownResponse}}) {
        const Bytes message = hex(text);
        const Outcome whole = decode_in_pieces(kind, {}, message, message.size());
        ASSERT_TRUE(whole.error.empty());
        for (std::size_t piece = 1; piece < message.size(); ++piece)
            EXPECT_EQ(decode_in_pieces(kind, {}, message, piece), whole) << piece;
    }
}

// RFC 9292 section 3.8: the end may be left out where it is empty, and nowhere else.
TEST(Bhttp, EveryTruncation) {
    // Control data, header section, content and trailers of the known-length form end at these places.
    const Bytes known =
        hex("00034745540568747470730168012f"
            "0401610178"
            "026f6b"
            "0401620179");
    const std::vector<std::size_t> may_end{15, 20, 23, 28};
    ASSERT_EQ(known.size(), 28U);
    for (std::size_t size = 0; size <= known.size(); ++size) {
        const Outcome outcome = decode_in_pieces(Kind::kRequest, {}, known.view().first(size), 1);
        const bool good = std::ranges::count(may_end, size) == 1;
        EXPECT_EQ(outcome.error, good ? "" : "bhttp.truncated") << size;
        EXPECT_EQ(outcome.trailers_seen, good ? 1 : 0) << size;
    }
}

TEST(Bhttp, EveryTruncationOfTheIndeterminateForm) {
    const Bytes message =
        hex("02034745540568747470730168012f"
            "0161017800"
            "026f6b"
            "00"
            "0162017900");
    // After control data, after the header section (content empty), after the content, after the trailers.
    const std::vector<std::size_t> may_end{15, 20, 24, 29};
    ASSERT_EQ(message.size(), 29U);
    for (std::size_t size = 0; size <= message.size(); ++size) {
        const Outcome outcome = decode_in_pieces(Kind::kRequest, {}, message.view().first(size), 1);
        EXPECT_EQ(outcome.error, std::ranges::count(may_end, size) == 1 ? "" : "bhttp.truncated") << size;
    }
}

TEST(Bhttp, AnInformationalResponseIsNotTheEnd) {
    for (const char* text : {"01406700", "014067", "03406700", "034067", "0340670161", "03", "01"})
        EXPECT_EQ(decode_response(hex(text), {}).error(), kTruncated) << text;
}

TEST(Bhttp, LongerIntegersThanNeededAreLegal) {
    const auto request = decode_request(hex("80000000c000000000000003474554400568747470738000000168c0000000000000012f"
                                            "c000000000000007"
                                            "400161"
                                            "8000000178"
                                            "4000"
                                            "00"),
                                        {});
    EXPECT_EQ(request.error(), kMalformed);  // the section is one byte too short for its field
    const auto good = decode_request(hex("80000000c000000000000003474554400568747470738000000168c0000000000000012f"
                                         "c000000000000008"
                                         "400161"
                                         "8000000178"
                                         "4000"
                                         "00"),
                                     {});
    ASSERT_TRUE(good) << good.error().describe();
    EXPECT_EQ(good->head.fields, (http::Fields{{"a", "x"}}));
}

TEST(Bhttp, TheOtherKindIsMalformed) {
    EXPECT_EQ(decode_response(hex(kKnownRequest), {}).error(), kMalformed);
    EXPECT_EQ(decode_request(hex(kKnownResponse), {}).error(), kMalformed);
    EXPECT_EQ(decode_request(hex("04"), {}).error(), kMalformed);
    EXPECT_EQ(decode_request(hex("4040"), {}).error(), kMalformed);
}

TEST(Bhttp, PaddingMustBeZero) {
    Bytes message = hex(kKnownResponse);
    message.append(hex("000000"));
    EXPECT_TRUE(decode_response(message, {}));
    message.push_back(1);
    EXPECT_EQ(decode_response(message, {}).error(), kMalformed);
}

// The bytes of a GET with one field section of its own.
Bytes get_with(const Bytes& section) {
    Bytes out = hex("00034745540568747470730168012f");
    out.push_back(static_cast<std::uint8_t>(section.size()));
    out.append(section);
    return out;
}

TEST(Bhttp, FieldRules) {
    for (const char* section : {"073a6d6574686f640178",        // :method
                                "073a736368656d650178",        // :scheme
                                "0a3a617574686f726974790178",  // :authority
                                "053a706174680178",            // :path
                                "073a7374617475730178",        // :status
                                "093a70726f746f636f6c0178",    // :protocol, which nothing here knows
                                "000178",                      // empty name
                                "03613a620178",                // inner colon
                                "0261000178", "0261800178", "0261200178", "01410178", "016103780d79", "016103780a79",
                                "016103780079", "0161022078", "0161027809", "016102017f", "01610578"}) {
        EXPECT_EQ(decode_request(get_with(hex(section)), {}).error(), kMalformed) << section;
    }
    EXPECT_TRUE(decode_request(get_with(hex("01610278e9")), {}));
    EXPECT_TRUE(decode_request(get_with(hex("016100016200")), {}));
}

TEST(Bhttp, ExtensionPseudoFieldsOnlyFirstAndOnlyWhenAskedFor) {
    const Limits keep{.pseudo_fields = PseudoFields::kKeep};
    const auto first = decode_request(get_with(hex("093a70726f746f636f6c017801610179")), keep);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->head.fields, (http::Fields{{":protocol", "x"}, {"a", "y"}}));
    EXPECT_EQ(decode_request(get_with(hex("01610179093a70726f746f636f6c0178")), keep).error(), kMalformed);
    EXPECT_EQ(decode_request(get_with(hex("073a6d6574686f640178")), keep).error(), kMalformed);
    EXPECT_EQ(decode_request(get_with(hex("023a410178")), keep).error(), kMalformed);
    EXPECT_EQ(decode_request(hex("00034745540568747470730168012f00000c093a70726f746f636f6c0178"), keep).error(),
              kMalformed);
}

TEST(Bhttp, ControlDataRules) {
    const auto request = [](std::string_view method, std::string_view scheme, std::string_view authority,
                            std::string_view path) {
        Bytes out{0};
        for (const std::string_view part : {method, scheme, authority, path}) {
            out.push_back(static_cast<std::uint8_t>(part.size()));
            out.append(as_bytes(part));
        }
        return decode_request(out, {});
    };
    EXPECT_TRUE(request("GET", "https", "h:1", "/?q"));
    EXPECT_TRUE(request("OPTIONS", "https", "", "*"));
    EXPECT_FALSE(request("", "https", "h", "/"));
    EXPECT_FALSE(request("G T", "https", "h", "/"));
    EXPECT_FALSE(request("GET\r\n", "https", "h", "/"));
    EXPECT_FALSE(request("GET", "", "h", "/"));
    EXPECT_FALSE(request("GET", "1s", "h", "/"));
    EXPECT_FALSE(request("GET", "https", "u@h", "/"));
    EXPECT_FALSE(request("GET", "https", "h/x", "/"));
    EXPECT_FALSE(request("GET", "https", "h\r\nx: y", "/"));
    EXPECT_FALSE(request("GET", "https", "h", ""));
    EXPECT_FALSE(request("GET", "https", "h", "x"));
    EXPECT_FALSE(request("GET", "https", "h", "/ HTTP/1.1"));
    EXPECT_FALSE(request("GET", "https", "h", "/#f"));
    EXPECT_FALSE(request("CONNECT", "", "h:443", ""));
}

TEST(Bhttp, StatusRules) {
    for (const char* text : {"0100000000", "014063000000", "014258000000", "0143e7000000", "01c0000000000100c8"})
        EXPECT_EQ(decode_response(hex(text), {}).error(), kMalformed) << text;
    EXPECT_TRUE(decode_response(hex("014257"), {}));
    EXPECT_TRUE(decode_response(hex("01c0000000000000c8"), {}));
}

TEST(Bhttp, ConnectionFieldsAreDecodedAndStripped) {
    http::Fields fields{{":protocol", "x"},        {"connection", "X-Hop, close"},
                        {"keep-alive", "5"},       {"x-hop", "1"},
                        {"te", "trailers"},        {"transfer-encoding", "chunked"},
                        {"upgrade", "h2c"},        {"proxy-authorization", "b"},
                        {"proxy-connection", "c"}, {"accept", "a"}};
    strip_connection_fields(fields);
    EXPECT_EQ(fields, (http::Fields{{"accept", "a"}}));

    const Request request{.head = {.method = "GET",
                                   .scheme = "https",
                                   .authority = "h",
                                   .path = "/",
                                   .fields = {{"connection", "close"}}},
                          .content = {},
                          .trailers = {}};
    EXPECT_EQ(decode_request(encode(request), {})->head.fields.get("connection"), "close");
}

TEST(Bhttp, NoBytesAfterTheEnd) {
    Recorder recorder;
    Decoder decoder(Kind::kResponse, {}, recorder);
    ASSERT_TRUE(decoder.update(hex("0140c8")));
    EXPECT_FALSE(decoder.complete());
    ASSERT_TRUE(decoder.finish());
    EXPECT_TRUE(decoder.complete());
    EXPECT_TRUE(decoder.known_length());
    EXPECT_EQ(decoder.update(hex("00")).error(), kMalformed);
    EXPECT_EQ(decoder.finish().error(), kMalformed);
}

}  // namespace
}  // namespace openpcc::bhttp

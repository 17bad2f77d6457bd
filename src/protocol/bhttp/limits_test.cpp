// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "core/text.hpp"
#include "protocol/bhttp/bhttp.hpp"
#include "protocol/bhttp/test_sink.hpp"

namespace openpcc::bhttp {
namespace {

Bytes hex(std::string_view text) { return from_hex(text).value(); }

// Refused as too large, and at the same place whatever the split.
void expect_too_large(Kind kind, const Limits& limits, const Bytes& message) {
    const Outcome whole = decode_in_pieces(kind, limits, message, message.size());
    EXPECT_EQ(whole.error, "bhttp.too_large");
    EXPECT_EQ(decode_in_pieces(kind, limits, message, 1), whole);
}

Request get(http::Fields fields, std::size_t content, http::Fields trailers) {
    return {.head = {.method = "GET", .scheme = "https", .authority = "h", .path = "/", .fields = std::move(fields)},
            .content = Bytes(content),
            .trailers = std::move(trailers)};
}

// A length alone must be refused: nothing is allocated for bytes that have not come.
TEST(BhttpLimits, AnnouncedLengths) {
    for (const char* text : {
             "00ffffffffffffffff",                                  // method
             "00034745540568747470730168ffffffffffffffff",          // path
             "00034745540568747470730168012fffffffffffffffff",      // known section
             "02034745540568747470730168012fffffffffffffffff",      // field name
             "02034745540568747470730168012f0161ffffffffffffffff",  // field value
             "00034745540568747470730168012f00ffffffffffffffff",    // content
             "02034745540568747470730168012f00ffffffffffffffff",    // piece of content
             "00034745540568747470730168012f0000ffffffffffffffff",  // trailers
         })
        expect_too_large(Kind::kRequest, {}, hex(text));
}

TEST(BhttpLimits, HeadBytes) {
    const Bytes message = encode(get({{"a", std::string(1000, 'x')}}, 0, {}));
    EXPECT_TRUE(decode_request(message, {.head_bytes = 1100}));
    expect_too_large(Kind::kRequest, {.head_bytes = 1000}, message);

    const Bytes trailers = encode(get({}, 0, {{"a", std::string(1000, 'x')}}));
    EXPECT_TRUE(decode_request(trailers, {.head_bytes = 1100}));
    expect_too_large(Kind::kRequest, {.head_bytes = 1000}, trailers);

    // Many fields, each small: the indeterminate form announces no sum.
    http::Fields many;
    for (int i = 0; i < 50; ++i) many.add("a", std::string(100, 'x'));
    const Bytes stream = encode_request_head(get(many, 0, {}).head);
    EXPECT_TRUE(decode_request(stream, {}));
    expect_too_large(Kind::kRequest, {.head_bytes = 5000}, stream);
}

TEST(BhttpLimits, FieldCount) {
    http::Fields many;
    for (int i = 0; i < 64; ++i) many.add("a", "");
    EXPECT_TRUE(decode_request(encode(get(many, 0, many)), {}));
    many.add("a", "");
    expect_too_large(Kind::kRequest, {}, encode(get(many, 0, {})));
    expect_too_large(Kind::kRequest, {}, encode(get({}, 0, many)));
    expect_too_large(Kind::kRequest, {}, encode_request_head(get(many, 0, {}).head));
}

TEST(BhttpLimits, Informational) {
    Response response{.informational = std::vector<http::ResponseHead>(8, {.status = 103, .fields = {}}),
                      .head = {.status = 200, .fields = {}},
                      .content = {},
                      .trailers = {}};
    EXPECT_TRUE(decode_response(encode(response), {}));
    response.informational.push_back({.status = 103, .fields = {}});
    expect_too_large(Kind::kResponse, {}, encode(response));
}

TEST(BhttpLimits, Content) {
    EXPECT_TRUE(decode_request(encode(get({}, 100, {})), {.content_bytes = 100}));
    expect_too_large(Kind::kRequest, {.content_bytes = 100}, encode(get({}, 101, {})));

    Bytes stream = encode_request_head(get({}, 0, {}).head);
    for (int i = 0; i < 10; ++i) stream.append(concat(content_prefix(10), Bytes(10)));
    EXPECT_TRUE(decode_request(concat(stream, encode_end()), {.content_bytes = 100}));
    stream.append(concat(content_prefix(1), Bytes(1)));
    expect_too_large(Kind::kRequest, {.content_bytes = 100}, concat(stream, encode_end()));
}

TEST(BhttpLimits, Padding) {
    Bytes message = encode(get({}, 0, {}));
    message.append(Bytes(100));
    EXPECT_TRUE(decode_request(message, {.padding_bytes = 100}));
    message.push_back(1);  // too much comes before not zero, whatever the split
    expect_too_large(Kind::kRequest, {.padding_bytes = 100}, message);
}

// A sink's refusal ends the decoding.
TEST(BhttpLimits, TheSinkMayRefuse) {
    class Refuser final : public Sink {
      public:
        Result<void> request_head(http::RequestHead) override { return fail(kTooLarge, "not today"); }
        Result<void> content(ByteView) override {
            ADD_FAILURE();
            return {};
        }
    } refuser;
    Decoder decoder(Kind::kRequest, {}, refuser);
    EXPECT_EQ(decoder.update(encode(get({}, 10, {}))).error(), kTooLarge);
    EXPECT_EQ(decoder.update(hex("00")).error(), kTooLarge);
    EXPECT_EQ(decoder.finish().error(), kTooLarge);
}

}  // namespace
}  // namespace openpcc::bhttp

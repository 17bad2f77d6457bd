// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/images.hpp"

#include <gtest/gtest.h>

#include "core/text.hpp"
#include "protocol/openai/errors.hpp"

namespace openpcc::openai {
namespace {

using namespace std::string_view_literals;

class ZeroRandom final : public Random {
  public:
    void fill(ByteSpan out) override { std::ranges::fill(out, std::uint8_t{0}); }
};

const std::string kPng = to_base64(as_bytes("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"sv));

std::string url(std::string_view type, std::string_view bytes) {
    return "data:" + std::string(type) + ";base64," + to_base64(as_bytes(bytes));
}

std::string taken(std::string_view url, std::uint32_t images = 4) {
    const auto image = image_of_url(url, {.images = images}, "image");
    return image ? image->to_text() : image.error().describe();
}

// asked is the conversation for the engine, or the error; `part` stands in a user's message.
std::string asked(std::string_view path, const std::string& part, std::uint32_t images = 4) {
    Dialect dialect;
    dialect.model_name = "demo";
    dialect.limits.images = images;
    const bool responses = path == "/v1/responses";
    const std::string body = R"({"model":"demo",)" + std::string(path == "/v1/messages" ? R"("max_tokens":9,)" : "") +
                             (responses ? "\"input\"" : "\"messages\"") + R"(:[{"role":"user","content":[)" + part +
                             "]}]}";
    ZeroRandom random;
    const auto request = admit("POST", path, as_bytes(body), dialect, random);
    if (!request) return request.error().describe();
    return request->body.with([](ByteView view) { return json::parse(view); })->get("messages")->to_text();
}

TEST(Images, AreWhatTheySay) {
    EXPECT_EQ(taken("data:image/png;base64," + kPng),
              R"({"type":"image_url","image_url":{"url":"data:image/png;base64,)" + kPng + R"("}})");
    for (const auto& good : {url("image/jpeg", "\xff\xd8\xff\xe0"), url("image/gif", "GIF89a"),
                             url("image/webp", "RIFF\x01\x01\x01\x01WEBPVP8 ")})
        EXPECT_TRUE(taken(good).starts_with("{")) << good;
    for (const auto& bad :
         {url("image/png", "\xff\xd8\xff\xe0"), url("image/webp", "RIFF\x01\x01\x01\x01WAVE"), url("image/png", ""),
          url("image/svg+xml", "<svg/>"), url("text/html", "\x89PNG\r\n\x1a\n"), url("image/PNG", "\x89PNG\r\n\x1a\n"),
          std::string("data:image/png,x"), "data:image/png;base64," + kPng + "=", "data:image/png;base64, " + kPng,
          "data:image/png;base64," + kPng + "\n", std::string("data:image/png;base64,iVBORw0KGgo"),
          std::string("data:image/png;charset=x;base64,iVBORw0KGgo="), std::string("data:")})
        EXPECT_TRUE(taken(bad).starts_with("openai.bad_request: image: ")) << bad << " gave " << taken(bad);
}

TEST(Images, HaveNoAddress) {
    for (const char* address : {"http://a.example/x.png", "https://169.254.169.254/", "file:///etc/passwd",
                                "/etc/passwd", "DATA:image/png;base64,iVBORw0KGgo=", "ftp://a", "//a.example", "", "x"})
        EXPECT_EQ(taken(address), "openai.unsupported_field: image: only data: URLs; no address is ever fetched")
            << address;
}

TEST(Images, NeedAnEngineWithEyes) {
    EXPECT_EQ(taken("data:image/png;base64," + kPng, 0), "openai.unsupported_field: image");
    EXPECT_EQ(taken("http://a.example/", 0), "openai.unsupported_field: image");
}

TEST(Images, StandInEachApi) {
    const std::string url = "data:image/png;base64," + kPng;
    const std::string want =
        R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":")" + url + R"("}}]}])";
    const std::pair<const char*, std::string> parts[] = {
        {"/v1/chat/completions", R"({"type":"image_url","image_url":{"url":")" + url + R"(","detail":"low"}})"},
        {"/v1/responses", R"({"type":"input_image","image_url":")" + url + R"(","detail":"auto"})"},
        {"/v1/messages",
         R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":")" + kPng + "\"}}"}};
    for (const auto& [path, part] : parts) {
        EXPECT_EQ(asked(path, part), want) << path;
        EXPECT_TRUE(asked(path, part, 0).starts_with("openai.unsupported_field: ")) << path;
        EXPECT_EQ(asked(path, part + "," + part, 1), "openai.too_large: at most 1 images") << path;
    }
    const std::pair<const char*, std::string> odd[] = {
        {"/v1/chat/completions", R"({"type":"image_url","image_url":{"url":"http://a.example/"}})"},
        {"/v1/responses", R"({"type":"input_image","image_url":"http://a.example/"})"},
        {"/v1/responses", R"({"type":"input_image","file_id":"x"})"},
        {"/v1/messages", R"({"type":"image","source":{"type":"url","url":"http://a.example/"}})"},
        {"/v1/messages", R"({"type":"image","source":{"type":"file","file_id":"x"}})"}};
    for (const auto& [path, part] : odd)
        EXPECT_TRUE(asked(path, part).starts_with("openai.unsupported_field: ")) << part << asked(path, part);
}

TEST(Images, AreAUsers) {
    Dialect dialect;
    dialect.model_name = "demo";
    dialect.limits.images = 4;
    ZeroRandom random;
    const std::string body =
        R"({"model":"demo","messages":[{"role":"system","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,)" +
        kPng + R"("}}]}]})";
    EXPECT_EQ(admit("POST", "/v1/chat/completions", as_bytes(body), dialect, random).error(), kUnsupportedField);
}

}  // namespace
}  // namespace openpcc::openai

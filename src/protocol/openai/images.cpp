// SPDX-License-Identifier: Apache-2.0
#include "protocol/openai/images.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/plaintext.hpp"
#include "core/text.hpp"
#include "protocol/openai/errors.hpp"
#include "protocol/openai/pass.hpp"

namespace openpcc::openai {

namespace {

using json::Value;
using namespace std::string_view_literals;

constexpr std::size_t kHeadBytes = 12;  // of an image: enough to tell what it is
constexpr std::size_t kHeadText = kHeadBytes / 3 * 4;

struct Kind {
    std::string_view media_type;
    std::string_view begins;
    std::string_view then = {};  // at byte 8
};
constexpr auto kKinds = std::to_array<Kind>({
    {"image/png", "\x89PNG\r\n\x1a\n"sv},
    {"image/jpeg", "\xff\xd8\xff"sv},
    {"image/gif", "GIF8"sv},
    {"image/webp", "RIFF"sv, "WEBP"sv},
});

bool is_of(const Kind& kind, std::string_view bytes) {
    return bytes.starts_with(kind.begins) &&
           (kind.then.empty() || (bytes.size() > 8 && bytes.substr(8).starts_with(kind.then)));
}

bool is_base64(std::string_view text) {
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    return text.size() % 4 == 0 && std::ranges::all_of(text.substr(0, text.size() - padding), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
                      c == '/';
           });
}

// The whole is read by the engine; here it is enough that it is base64 and begins as it says.
bool looks_right(const Kind& kind, std::string_view data) {
    if (data.empty() || !is_base64(data)) return false;
    const std::size_t head = std::min(data.size(), kHeadText);
    const auto bytes = from_base64(data.substr(0, head));
    return bytes && is_of(kind, as_text(*bytes));
}

}  // namespace

Result<Value> image_of_base64(std::string_view media_type, std::string_view data, const Limits& limits,
                              std::string_view where) {
    if (limits.images == 0) return fail(kUnsupportedField, std::string(where));
    const auto* kind = std::ranges::find(kKinds, media_type, &Kind::media_type);
    if (kind == kKinds.end() || !looks_right(*kind, data))
        return bad(where, "a PNG, JPEG, GIF or WebP image in base64, of the type that it says");
    Plaintext url;
    for (const std::string_view part : {"data:"sv, kind->media_type, ";base64,"sv, data}) url.append(as_bytes(part));
    Value out = Value::object();
    out.set("type", Value::string("image_url"));
    out.set("image_url", Value::object()).set("url", url.with([](ByteView text) {
        return Value::string(as_text(text));
    }));
    return out;
}

Result<Value> image_of_url(std::string_view url, const Limits& limits, std::string_view where) {
    if (limits.images == 0) return fail(kUnsupportedField, std::string(where));
    constexpr std::string_view kScheme = "data:", kForm = ";base64,";
    if (!url.starts_with(kScheme))
        return fail(kUnsupportedField, std::string(where) + ": only data: URLs; no address is ever fetched");
    const std::size_t end = url.find(kForm);
    if (end == std::string_view::npos) return bad(where, "a data: URL in base64");
    return image_of_base64(url.substr(kScheme.size(), end - kScheme.size()), url.substr(end + kForm.size()), limits,
                           where);
}

Result<void> check_images(const Value& messages, const Limits& limits) {
    std::size_t count = 0;
    for (const Value& message : messages.elements()) {
        const Value* content = message.get("content");
        if (content == nullptr) continue;
        for (const Value& part : content->elements()) count += part.get("image_url") != nullptr ? 1U : 0U;
    }
    if (count > limits.images) return fail(kTooLarge, fmt::format("at most {} images", limits.images));
    return {};
}

}  // namespace openpcc::openai

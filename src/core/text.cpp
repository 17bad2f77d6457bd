// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"

namespace openpcc {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string encode64(ByteView bytes, std::string_view alphabet) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t held = 0;
    int bits = 0;
    for (std::uint8_t byte : bytes) {
        held = held << 8 | byte;
        bits += 8;
        while (bits >= 6) out.push_back(alphabet[held >> (bits -= 6) & 63]);
    }
    if (bits > 0) out.push_back(alphabet[held << (6 - bits) & 63]);
    return out;
}

// Values are what a character stands for, by its code; kNoValue for a stranger.
constexpr std::uint8_t kNoValue = 0xff;
using Values = std::array<std::uint8_t, 256>;
constexpr Values values_of(std::string_view alphabet) {
    Values out;
    out.fill(kNoValue);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        out[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return out;
}
constexpr Values kBase64Values = values_of(kBase64);
constexpr Values kBase64UrlValues = values_of(kBase64Url);

// Refuses what another encoder would not have written: stray characters, a lone last character, bits left over.
Result<Bytes> decode64(std::string_view text, const Values& values) {
    if (text.size() % 4 == 1) return fail(core::kBadText, "not base64");
    Bytes out(text.size() / 4 * 3 + text.size() % 4 * 3 / 4);
    std::size_t at = 0;
    std::uint32_t held = 0;
    int bits = 0;
    for (char c : text) {
        const std::uint8_t value = values[static_cast<std::uint8_t>(c)];
        if (value == kNoValue) return fail(core::kBadText, "not base64");
        held = held << 6 | value;
        bits += 6;
        if (bits >= 8) out[at++] = static_cast<std::uint8_t>(held >> (bits -= 8));
    }
    if ((held & ((1U << bits) - 1)) != 0) return fail(core::kBadText, "not canonical base64");
    return out;
}

}  // namespace

std::string to_hex(ByteView bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (std::uint8_t byte : bytes) {
        out.push_back(kHex[byte >> 4]);
        out.push_back(kHex[byte & 15]);
    }
    return out;
}

Result<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return fail(core::kBadText, "odd number of hex digits");
    Bytes out(text.size() / 2);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const int high = hex_value(text[2 * i]);
        const int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0) return fail(core::kBadText, "not hex");
        out[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return out;
}

std::string to_base64(ByteView bytes) {
    std::string out = encode64(bytes, kBase64);
    while (out.size() % 4 != 0) out.push_back('=');
    return out;
}

Result<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return fail(core::kBadText, "not base64");
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
    return decode64(text, kBase64Values);
}

std::string to_base64url(ByteView bytes) { return encode64(bytes, kBase64Url); }
Result<Bytes> from_base64url(std::string_view text) { return decode64(text, kBase64UrlValues); }

std::string_view take_printable(std::string_view& text) {
    std::size_t end = 0;
    std::size_t dropped = 0;
    for (; end < text.size(); ++end) {
        const auto byte = static_cast<unsigned char>(text[end]);
        if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7f) dropped = 1;
        // C1 in UTF-8 is C2 80 to C2 9F.
        if (byte == 0xc2 && end + 1 < text.size() && static_cast<unsigned char>(text[end + 1]) < 0xa0) dropped = 2;
        if (dropped > 0) break;
    }
    const std::string_view shown = text.substr(0, end);
    text.remove_prefix(end + dropped);
    return shown;
}

}  // namespace openpcc

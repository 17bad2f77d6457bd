// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/signed_json.hpp"

#include "core/text.hpp"
#include "evidence/tdx/fields.hpp"

namespace openpcc::tdx {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

void skip_space(std::string_view& text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
}

// take eats one token and the white space before it.
bool take(std::string_view& text, std::string_view token) {
    skip_space(text);
    if (!text.starts_with(token)) return false;
    text.remove_prefix(token.size());
    return true;
}

bool take_name(std::string_view& text, std::string_view name) {
    return take(text, "\"") && text.starts_with(name) && take(text, name) && text.starts_with('"') &&
           take(text, "\"") && take(text, ":");
}

// The size of the object at the front; braces inside strings do not count. 0 when it does not end.
std::size_t object_size(std::string_view text) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (in_string) {
            if (c == '\\') ++i;
            if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{') {
            ++depth;
        } else if (c == '}' && --depth == 0) {
            return i + 1;
        }
    }
    return 0;
}

}  // namespace

Result<Envelope> Envelope::parse(ByteView answer, std::string_view name) {
    if (answer.size() > kMaxSignedJson) return bad_collateral("too long");
    const auto shape = [] { return bad_collateral("not one value and its signature"); };
    std::string_view text = as_text(answer);
    if (!take(text, "{") || !take_name(text, name)) return shape();
    skip_space(text);
    if (!text.starts_with('{')) return shape();
    const std::size_t size = object_size(text);
    if (size == 0) return shape();
    Envelope out;
    out.value = as_bytes(text.substr(0, size));
    text.remove_prefix(size);
    if (!take(text, ",") || !take_name(text, "signature") || !take(text, "\"")) return shape();
    const auto signature = array_from_hex<RawSignature>(text.substr(0, 2 * RawSignature::kSize));
    if (!signature) return shape();
    out.signature = *signature;
    text.remove_prefix(2 * RawSignature::kSize);
    if (!text.starts_with('"') || !take(text, "\"") || !take(text, "}")) return shape();
    skip_space(text);
    if (!text.empty()) return shape();
    return out;
}

}  // namespace openpcc::tdx

// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"
#include "crypto/errors.hpp"
#include "crypto/x509/inside.hpp"

namespace openpcc::x509 {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view skip_space(std::string_view text) {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    return text;
}

// Stricter than RFC 7468's "lax" form: no headers, no text between blocks, canonical base64.
Result<Bytes> read_block(std::string_view& text, std::string_view begin, std::string_view end) {
    if (!text.starts_with(begin)) return fail(crypto::kBadCertificate);
    text.remove_prefix(begin.size());
    const std::size_t stop = text.find(end);
    if (stop == std::string_view::npos) return fail(crypto::kBadCertificate);
    std::string digits;
    for (const char c : text.substr(0, stop))
        if (!is_space(c)) digits.push_back(c);
    text.remove_prefix(stop + end.size());
    auto bytes = from_base64(digits);
    if (!bytes) return fail(crypto::kBadCertificate);
    return *std::move(bytes);
}

}  // namespace

Result<std::vector<Bytes>> pem_blocks(ByteView pem, std::string_view label, std::size_t limit) {
    const std::string begin = "-----BEGIN " + std::string(label) + "-----";
    const std::string end = "-----END " + std::string(label) + "-----";
    std::string_view text = as_text(pem);
    if (text.ends_with('\0')) text.remove_suffix(1);
    std::vector<Bytes> blocks;
    for (text = skip_space(text); !text.empty(); text = skip_space(text)) {
        if (blocks.size() == limit) return fail(crypto::kBadCertificate);
        OPENPCC_TRY(Bytes block, read_block(text, begin, end));
        blocks.push_back(std::move(block));
    }
    if (blocks.empty()) return fail(crypto::kBadCertificate);
    return blocks;
}

}  // namespace openpcc::x509

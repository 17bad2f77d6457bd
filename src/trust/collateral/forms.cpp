// SPDX-License-Identifier: Apache-2.0
#include "trust/collateral/forms.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "trust/collateral/errors.hpp"

namespace openpcc::collateral {

namespace {

constexpr std::size_t kPemLine = 64;
constexpr std::string_view kIssuerChain = "-issuer-chain";

std::string_view trimmed(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

bool ends_like(std::string_view name, std::string_view end) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return name.size() >= end.size() &&
           std::ranges::equal(name.substr(name.size() - end.size()), end, {}, lower, lower);
}

std::unexpected<Error> no_head() { return fail(kUnknown, "an HTTP answer without a proper head"); }

}  // namespace

Bytes pem_of(const std::vector<x509::Certificate>& chain) {
    std::string out;
    for (const x509::Certificate& certificate : chain) {
        out += "-----BEGIN CERTIFICATE-----\n";
        const std::string digits = to_base64(certificate.der());
        for (std::size_t at = 0; at < digits.size(); at += kPemLine) out += digits.substr(at, kPemLine) + "\n";
        out += "-----END CERTIFICATE-----\n";
    }
    return to_bytes(out);
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const auto byte = from_hex(text.substr(i + 1, 2));
        if (!byte || byte->size() != 1) return std::nullopt;
        out += static_cast<char>((*byte)[0]);
        i += 2;
    }
    return out;
}

Result<std::vector<x509::Certificate>> read_chain(std::string_view text) {
    if (text.find('%') == std::string_view::npos)
        return x509::Certificate::parse_pem_chain(as_bytes(text), kMaxCertificates);
    const auto decoded = percent_decoded(text);
    if (!decoded) return fail(kUnknown, "a broken percent-encoding");
    return x509::Certificate::parse_pem_chain(as_bytes(*decoded), kMaxCertificates);
}

Result<x509::Crl> read_crl(ByteView bytes) {
    if (!bytes.empty() && bytes[0] == 0x30) {
        if (auto crl = x509::Crl::parse_der(bytes)) return crl;
    }
    const std::string_view text = trimmed(as_text(bytes));
    if (text.starts_with("-----BEGIN")) return x509::Crl::parse_pem(as_bytes(text));
    auto der = from_hex(text);
    if (!der) der = from_base64(text);
    if (!der) return fail(kUnknown, "neither DER, PEM, hex nor base64");
    return x509::Crl::parse_der(*der);
}

Result<Answer> read_answer(ByteView bytes) {
    std::string_view text = as_text(bytes);
    Answer out;
    for (bool status_line = true;; status_line = false) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) return no_head();
        std::string_view line = text.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        text.remove_prefix(end + 1);
        if (line.empty()) break;
        if (status_line) {
            // "HTTP/1.1 200 OK" and "HTTP/2 200"; nothing else has content that means something.
            const std::size_t space = line.find(' ');
            if (space == std::string_view::npos || line.substr(space + 1, 3) != "200")
                return fail(kUnknown, "an HTTP answer other than 200");
            continue;
        }
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) return no_head();
        if (!ends_like(line.substr(0, colon), kIssuerChain)) continue;
        if (!out.issuer_chain.empty()) return fail(kUnknown, "an HTTP answer with two issuer chains");
        out.issuer_chain = trimmed(line.substr(colon + 1));
    }
    out.content = as_bytes(text);
    return out;
}

std::optional<SignedPart> signed_part(std::string_view answer) {
    constexpr std::string_view kBegins[] = {R"({"tcbInfo":)", R"({"enclaveIdentity":)"};
    constexpr std::string_view kSignature = R"(,"signature":")";
    answer = trimmed(answer);
    const std::size_t end = answer.rfind(kSignature);
    if (end == std::string_view::npos || !answer.ends_with("\"}")) return std::nullopt;
    for (const std::string_view begin : kBegins) {
        if (!answer.starts_with(begin) || begin.size() > end) continue;
        const std::size_t digits = end + kSignature.size();
        if (digits + 2 > answer.size()) return std::nullopt;
        return SignedPart{answer.substr(begin.size(), end - begin.size()),
                          answer.substr(digits, answer.size() - 2 - digits)};
    }
    return std::nullopt;
}

}  // namespace openpcc::collateral

// SPDX-License-Identifier: Apache-2.0
#include "evidence/content.hpp"

#include <algorithm>
#include <cctype>

#include "core/text.hpp"
#include "evidence/eventlog/written_log.hpp"
#include "evidence/snp/report.hpp"
#include "evidence/tdx/quote.hpp"
#include "trust/collateral/forms.hpp"
#include "wire/json.hpp"

namespace openpcc::collected {

namespace {

constexpr int kMaxDepth = 6;                  // JSON in JSON, hex in JSON, PEM in base64
constexpr std::size_t kMaxCertificates = 16;  // of one PEM text

std::uint64_t little_endian(ByteView bytes, std::size_t at, std::size_t size) {
    std::uint64_t out = 0;
    if (at + size > bytes.size()) return out;
    for (std::size_t i = size; i-- > 0;) out = out << 8 | bytes[at + i];
    return out;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace(" \t\r\n\0", 5);
    const std::size_t from = text.find_first_not_of(kSpace);
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(kSpace) + 1 - from);
}

bool looks_like_quote(ByteView bytes) {
    const std::uint64_t version = little_endian(bytes, 0, 2);
    return bytes.size() > 432 && version >= 3 && version <= 5 && little_endian(bytes, 2, 2) <= 4 &&
           equal(bytes.subspan(12, 16), tdx::kIntelQeVendor);
}

bool looks_like_report(ByteView bytes) {
    return bytes.size() == snp::kReportSize && little_endian(bytes, 0, 4) <= 16 &&
           little_endian(bytes, 0x34, 4) == snp::kEcdsaP384Sha384;
}

// One that may stand anywhere: what a report has zero is zero.
bool is_report_at(ByteView bytes, std::size_t at) {
    if (at + snp::kReportSize > bytes.size()) return false;
    const ByteView one = bytes.subspan(at, snp::kReportSize);
    const auto zero = [&](std::size_t from, std::size_t until) {
        return std::ranges::all_of(one.subspan(from, until - from), [](std::uint8_t byte) { return byte == 0; });
    };
    return looks_like_report(one) && little_endian(one, 0, 4) >= 2 && little_endian(one, 0x30, 4) < 4 &&
           zero(0x4c, 0x50) && zero(0x2d0, 0x2e8) && zero(0x318, snp::kReportSize);
}

bool looks_like_log(ByteView bytes) {
    return bytes.size() > 48 && little_endian(bytes, 4, 4) == eventlog::kNoAction &&
           as_text(bytes.subspan(32)).starts_with("Spec ID Event03");
}

class Harvest {
  public:
    explicit Harvest(Content& out) : out_(out) {}

    void take(ByteView bytes, int depth) {
        if (bytes.empty() || depth > kMaxDepth) return;
        if (looks_like_quote(bytes)) return out_.quotes.emplace_back(bytes), void();
        if (looks_like_report(bytes)) return out_.reports.emplace_back(bytes), void();
        if (is_report_at(bytes, 0)) return take_extended_report(bytes, depth);
        if (looks_like_log(bytes)) return out_.logs.emplace_back(bytes), void();
        if (bytes[0] == 0x30 && take_der(bytes, depth)) return;
        const std::string_view text = trimmed(as_text(bytes));
        if (text.starts_with("-----BEGIN")) return take_pem(as_bytes(text), depth);
        if (text.starts_with("CCEL") && bytes.size() < 128) return void(out_.acpi_table = true);
        if (text.starts_with("{") || text.starts_with("[")) {
            if (const auto value = json::parse(as_bytes(text))) take_json(*value, text, depth);
            return;
        }
        take_text(text, depth);
    }

  private:
    // SNP_GUEST_REQUEST, extended: a report, then a table of (GUID, offset, length) and the certificates that it names.
    // Without one the whole is a report of a wrong length.
    void take_extended_report(ByteView bytes, int depth) {
        const ByteView table = bytes.subspan(snp::kReportSize);
        constexpr std::size_t kEntry = 24;
        bool any = false;
        for (std::size_t at = 0; at + kEntry <= table.size() && little_endian(table, at, 8) != 0; at += kEntry) {
            const std::uint64_t offset = little_endian(table, at + 16, 4);
            const std::uint64_t length = little_endian(table, at + 20, 4);
            if (offset + length > table.size()) break;
            take(table.subspan(offset, length), depth + 1);
            any = true;
        }
        out_.reports.emplace_back(any ? bytes.first(snp::kReportSize) : bytes);
    }

    void take_certificate(const x509::Certificate& certificate, int depth) {
        out_.certificates.push_back(certificate);
        const auto inside = certificate.extension(kQuoteExtension);
        if (!inside) return;
        // An OCTET STRING around the quote, with its length in two bytes.
        const bool wrapped = inside->size() > 4 && (*inside)[0] == 0x04 && (*inside)[1] == 0x82;
        take(wrapped ? inside->view().subspan(4) : inside->view(), depth + 1);
    }

    bool take_der(ByteView der, int depth) {
        if (const auto certificate = x509::Certificate::parse_der(der)) {
            take_certificate(*certificate, depth);
            return true;
        }
        const auto crl = x509::Crl::parse_der(der);
        if (crl) out_.crls.emplace_back(der);
        return crl.has_value();
    }

    void take_pem(ByteView pem, int depth) {
        if (const auto chain = x509::Certificate::parse_pem_chain(pem, kMaxCertificates))
            for (const x509::Certificate& each : *chain) take_certificate(each, depth);
        else if (const auto crl = x509::Crl::parse_pem(pem))
            out_.crls.push_back(crl->der());
    }

    void take_text(std::string_view text, int depth) {
        if (text.starts_with("0x")) text.remove_prefix(2);
        if (text.size() < 64) return;
        std::string joined;
        for (const char c : text)
            if (std::isspace(static_cast<unsigned char>(c)) == 0) joined += c;
        if (const auto bytes = from_hex(joined)) return take(*bytes, depth + 1);
        if (const auto bytes = from_base64(joined)) return take(*bytes, depth + 1);
        if (const auto bytes = from_base64url(joined)) take(*bytes, depth + 1);
    }

    // `text` is what the value was read from: what is signed is bytes.
    void take_json(const json::Value& value, std::string_view text, int depth) {
        if (value.is_array()) return take_array(value, depth);
        if (!value.is_object()) return;
        for (const std::string_view member : {"tcbInfo", "enclaveIdentity", "tcbEvaluationDataNumbers"})
            if (value.get(member) != nullptr && value.get("signature") != nullptr)
                return take_body(std::string(member), raw_member(text, member),
                                 value.get("signature")->as_string().value_or(""), {});
        if (take_oracle(value)) return;
        const std::size_t known = out_.bodies.size();
        for (const auto& [name, member] : value.members()) take_member(value, name, member, depth);
        for (std::size_t i = known; i < out_.bodies.size(); ++i)
            if (out_.bodies[i].chain.empty()) out_.bodies[i].chain = chain_in(value, "issuer_chain");
    }

    void take_member(const json::Value& owner, const std::string& name, const json::Value& member, int depth) {
        if (member.is_array() || member.is_object()) return take_json(member, member.to_text(), depth + 1);
        const auto text = member.as_string();
        if (!text) return;
        const json::Value* signature = owner.get(name + "_signature");
        if (signature == nullptr || !signature->as_string()) return take(as_bytes(*text), depth + 1);
        // A cache that splits an answer keeps the bytes of the object.
        const std::string kind = name.find("identity") != std::string::npos ? "enclaveIdentity" : "tcbInfo";
        take_body(kind, *text, *signature->as_string(), chain_in(owner, name + "_issuer_chain"));
    }

    void take_body(const std::string& member, std::string_view object, std::string_view signature,
                   std::vector<x509::Certificate> chain) {
        const auto bytes = from_hex(signature);
        out_.bodies.push_back({member, to_bytes(object), bytes ? *bytes : Bytes(), std::move(chain)});
    }

    // raw_member is the value of a member that is an object, as it stands in the text; empty when it is not found.
    static std::string_view raw_member(std::string_view text, std::string_view name) {
        const std::size_t key = text.find("\"" + std::string(name) + "\"");
        const std::size_t from = key == std::string_view::npos ? key : text.find('{', key);
        if (from == std::string_view::npos) return {};
        int open = 0;
        bool quoted = false;
        for (std::size_t i = from; i < text.size(); ++i) {
            if (quoted && text[i] == '\\') {
                ++i;
            } else if (text[i] == '"') {
                quoted = !quoted;
            } else if (!quoted && (text[i] == '{' || text[i] == '}')) {
                open += text[i] == '{' ? 1 : -1;
                if (open == 0) return text.substr(from, i + 1 - from);
            }
        }
        return {};
    }

    static std::vector<x509::Certificate> chain_in(const json::Value& owner, const std::string& name) {
        const json::Value* value = owner.get(name);
        const auto text = value == nullptr ? std::nullopt : value->as_string();
        if (!text) return {};
        auto chain = collateral::read_chain(*text);
        return chain ? *std::move(chain) : std::vector<x509::Certificate>{};
    }

    void take_array(const json::Value& array, int depth) {
        const auto& elements = array.elements();
        if (elements.empty()) return;
        if (elements[0].is_object() && elements[0].get("imr") != nullptr) return take_json_log(array);
        if (elements[0].as_int()) {
            Bytes bytes;
            for (const json::Value& each : elements) {
                const auto number = each.as_int();
                if (!number || *number < 0 || *number > 255) return;
                bytes.push_back(static_cast<std::uint8_t>(*number));
            }
            return take(bytes, depth + 1);
        }
        for (const json::Value& each : elements) {
            if (const auto text = each.as_string())
                take(as_bytes(*text), depth + 1);
            else
                take_json(each, each.to_text(), depth + 1);
        }
    }

    // dstack's log as JSON, written in the form of firmware: the judge has one reader.
    void take_json_log(const json::Value& array) {
        eventlog::WrittenLog log;
        for (const json::Value& each : array.elements()) {
            const auto text = [&](std::string_view name) {
                const json::Value* value = each.get(name);
                return value == nullptr ? std::string_view{} : value->as_string().value_or("");
            };
            const json::Value* imr = each.get("imr");
            const json::Value* type = each.get("event_type");
            const auto digest = from_hex(text("digest"));
            const auto payload = from_hex(text("event_payload"));
            if (imr == nullptr || !imr->as_int() || type == nullptr || !type->as_int() || !digest || !payload) return;
            eventlog::WrittenEvent event;
            event.index = static_cast<std::uint32_t>(*imr->as_int()) + 1;
            event.type = static_cast<std::uint32_t>(*type->as_int());
            event.digests = {{static_cast<std::uint16_t>(eventlog::Bank::kSha384), *digest}};
            if (event.type == eventlog::kRuntimeEvent) event.data = to_bytes(std::string(text("event")) + ":");
            event.data.append(*payload);
            log.events.push_back(std::move(event));
        }
        out_.logs.push_back(log.bytes());
    }

    bool take_oracle(const json::Value& value) {
        Oracle oracle;
        for (const auto& [bank, registers] : value.members()) {
            if (!bank.starts_with("sha") || !registers.is_object()) return false;
            for (const auto& [index, digest] : registers.members()) {
                const auto bytes = from_hex(digest.as_string().value_or("x"));
                if (!bytes || index.size() > 2 ||
                    !std::ranges::all_of(index, [](char c) { return c >= '0' && c <= '9'; }))
                    return false;
                oracle[bank][static_cast<std::uint32_t>(std::stoul(index))] = *bytes;
            }
        }
        if (oracle.empty()) return false;
        out_.oracle = std::move(oracle);
        return true;
    }

    Content& out_;
};

}  // namespace

bool Content::empty() const {
    return quotes.empty() && reports.empty() && logs.empty() && !collateral() && certificates.empty() && !oracle &&
           !acpi_table;
}

Content content_of(ByteView bytes) {
    Content out;
    Harvest(out).take(bytes, 0);
    return out;
}

Content buried_in(ByteView bytes) {
    Content out;
    for (std::size_t at = 1; at < bytes.size(); ++at) {
        if (is_report_at(bytes, at)) out.reports.emplace_back(bytes.subspan(at, snp::kReportSize));
        if (const ByteView rest = bytes.subspan(at); looks_like_quote(rest))
            if (const std::size_t size = quote_size(rest); size > 0) out.quotes.emplace_back(rest.first(size));
    }
    return out;
}

std::size_t quote_size(ByteView quote) {
    const std::size_t version = little_endian(quote, 0, 2);
    const std::size_t body = version == 5 ? 54 + little_endian(quote, 50, 4) : version == 4 ? 632 : 432;
    const std::size_t size = body + 4 + little_endian(quote, body, 4);
    return size <= quote.size() && size > body + 4 ? size : 0;
}

}  // namespace openpcc::collected

// SPDX-License-Identifier: Apache-2.0
#include "trust/collateral/collection.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "core/text.hpp"
#include "crypto/hash.hpp"

namespace openpcc::collateral {

namespace {

// The five escapes of the form; every other control character, and what is not ASCII, has no place in it.
constexpr std::pair<char, char> kEscapes[] = {{'"', '"'}, {'\\', '\\'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}};

bool is_plain(char c) { return c >= 0x20 && c <= 0x7e && c != '"' && c != '\\'; }

// Cursor reads the one form that a collection has: literals where the form has literals, and strings. It needs no tree,
// and allocates no more than the strings that it has read.
class Cursor {
  public:
    explicit Cursor(std::string_view text) : text_(text) {}

    bool take(std::string_view literal) {
        if (!text_.substr(at_).starts_with(literal)) return false;
        at_ += literal.size();
        return true;
    }
    Result<void> expect(std::string_view literal) {
        if (take(literal)) return {};
        return bad("expected " + std::string(literal));
    }
    // text reads a string up to its closing quote; the opening one is part of a literal.
    Result<Bytes> text(std::size_t limit) {
        Bytes out;
        for (;;) {
            std::size_t end = at_;
            while (end < text_.size() && is_plain(text_[end])) ++end;
            if (end - at_ > limit - out.size()) return fail(kTooLarge, place("a string is too long"));
            out.append(as_bytes(text_.substr(at_, end - at_)));
            at_ = end;
            if (take("\"")) return out;
            const char escaped = text_.substr(at_).starts_with('\\') && at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
            const auto* escape = std::ranges::find(kEscapes, escaped, &std::pair<char, char>::second);
            if (escape == std::end(kEscapes)) return bad("expected the end of a string");
            if (out.size() == limit) return fail(kTooLarge, place("a string is too long"));
            out.push_back(static_cast<std::uint8_t>(escape->first));
            at_ += 2;
        }
    }
    Result<Bytes> base64(std::size_t limit) {
        const std::size_t start = at_;
        OPENPCC_TRY(const Bytes digits, text((limit + 2) / 3 * 4));
        auto out = from_base64(as_text(digits));
        at_ = out ? at_ : start;
        if (!out) return bad("expected base64");
        return out;
    }
    // list reads items, each after the one before in the order of bytes, up to the closing bracket.
    template <class Item, class Read>
    Result<std::vector<Item>> list(Read read) {
        std::vector<Item> out;
        if (take("]")) return out;
        for (;;) {
            if (out.size() == kMaxItems) return fail(kTooLarge, place("more than 256 items"));
            OPENPCC_TRY(Item item, read(*this));
            if (!out.empty() && !(out.back() < item)) return bad("items are not in order, or stand twice");
            out.push_back(std::move(item));
            if (take("]")) return out;
            OPENPCC_CHECK(expect(","));
        }
    }
    Result<void> finish() const { return at_ == text_.size() ? Result<void>{} : bad("expected the end"); }

  private:
    std::unexpected<Error> bad(std::string_view what) const { return fail(kMalformed, place(what)); }
    std::string place(std::string_view what) const {
        return "at byte " + std::to_string(at_) + ": " + std::string(what);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

// SignedJson has no order of its own.
struct Body : tdx::SignedJson {
    friend bool operator<(const Body& a, const Body& b) {
        return std::tie(a.json, a.issuer_chain) < std::tie(b.json, b.issuer_chain);
    }
};

Result<Body> read_body(Cursor& cursor) {
    Body out;
    OPENPCC_CHECK(cursor.expect(R"({"body":")"));
    OPENPCC_TRY(out.json, cursor.text(kMaxText));
    OPENPCC_CHECK(cursor.expect(R"(,"issuer_chain":")"));
    OPENPCC_TRY(out.issuer_chain, cursor.text(kMaxChain));
    OPENPCC_CHECK(cursor.expect("}"));
    return out;
}

Result<std::vector<tdx::SignedJson>> read_bodies(Cursor& cursor) {
    OPENPCC_TRY(auto bodies, cursor.list<Body>(read_body));
    return std::vector<tdx::SignedJson>(std::make_move_iterator(bodies.begin()), std::make_move_iterator(bodies.end()));
}

Result<Bytes> read_crl(Cursor& cursor) {
    OPENPCC_CHECK(cursor.expect("\""));
    return cursor.base64(kMaxCrl);
}

Result<snp::Collateral> read_snp(Cursor& cursor) {
    snp::Collateral out;
    OPENPCC_CHECK(cursor.expect(R"({"crls":[)"));
    OPENPCC_TRY(out.crls, cursor.list<Bytes>(read_crl));
    OPENPCC_CHECK(cursor.expect("}"));
    return out;
}

Result<tdx::Collateral> read_tdx(Cursor& cursor) {
    tdx::Collateral out;
    OPENPCC_CHECK(cursor.expect(R"({"crls":[)"));
    OPENPCC_TRY(out.crls, cursor.list<Bytes>(read_crl));
    OPENPCC_CHECK(cursor.expect(R"(,"qe_identities":[)"));
    OPENPCC_TRY(out.qe_identities, read_bodies(cursor));
    OPENPCC_CHECK(cursor.expect(R"(,"tcb_infos":[)"));
    OPENPCC_TRY(out.tcb_infos, read_bodies(cursor));
    OPENPCC_CHECK(cursor.expect("}"));
    return out;
}

// A section stands when there is something in it, in the order of names. A kind of evidence that comes later is one
// more section; files without it stay what they are.
Result<void> read_sections(Cursor& cursor, Collection& out) {
    bool first = true;
    const auto section = [&](std::string_view name) {
        const bool found = cursor.take((first ? "\"" : ",\"") + std::string(name) + "\":");
        first = first && !found;
        return found;
    };
    if (section("snp")) {
        OPENPCC_TRY(out.snp, read_snp(cursor));
        if (out.snp == snp::Collateral{}) return fail(kMalformed, "section snp: empty");
    }
    if (section("tdx")) {
        OPENPCC_TRY(out.tdx, read_tdx(cursor));
        if (out.tdx == tdx::Collateral{}) return fail(kMalformed, "section tdx: empty");
    }
    return {};
}

class Writer {
  public:
    void raw(std::string_view text) { out_ += text; }
    void text(ByteView text, std::size_t limit) {
        if (text.size() > limit) problem(kTooLarge, "a text is too long");
        out_ += '"';
        for (const char c : as_text(text)) {
            const auto* escape = std::ranges::find(kEscapes, c, &std::pair<char, char>::first);
            if (escape != std::end(kEscapes))
                out_ += {'\\', escape->second};
            else
                out_ += c;
            if (escape == std::end(kEscapes) && !is_plain(c))
                problem(kMalformed, "a text holds more than printable ASCII");
        }
        out_ += '"';
    }
    void crls(const std::vector<Bytes>& crls) {
        list(crls, [this](const Bytes& crl) {
            if (crl.size() > kMaxCrl) problem(kTooLarge, "a revocation list is too long");
            out_ += '"' + to_base64(crl) + '"';
        });
    }
    void bodies(const std::vector<tdx::SignedJson>& bodies) {
        std::vector<Body> sortable;
        for (const tdx::SignedJson& body : bodies) sortable.push_back({body});
        list(std::move(sortable), [this](const Body& body) {
            raw(R"({"body":)");
            text(body.json, kMaxText);
            raw(R"(,"issuer_chain":)");
            text(body.issuer_chain, kMaxChain);
            raw("}");
        });
    }
    Result<std::string> finish() && {
        if (out_.size() > kMaxFile) problem(kTooLarge, "longer than 4 MiB");
        if (problem_) return std::unexpected(*problem_);
        return std::move(out_);
    }

  private:
    template <class Item, class Write>
    void list(std::vector<Item> items, Write write) {
        std::ranges::sort(items, std::less<>());
        items.erase(std::unique(items.begin(), items.end()), items.end());
        if (items.size() > kMaxItems) problem(kTooLarge, "more than 256 items");
        out_ += '[';
        for (const Item& item : items) {
            if (&item != items.data()) out_ += ',';
            write(item);
        }
        out_ += ']';
    }
    void problem(ErrorCode code, std::string_view what) {
        if (!problem_) problem_ = Error(code, std::string(what));
    }

    std::string out_;
    std::optional<Error> problem_;
};

}  // namespace

Result<Unverified<Collection>> Collection::parse(ByteView file) {
    if (file.size() > kMaxFile) return fail(kTooLarge, "longer than 4 MiB");
    Cursor cursor(as_text(file));
    Collection out;
    OPENPCC_CHECK(cursor.expect(R"({"version":1,"fetched":")"));
    OPENPCC_TRY(const Bytes fetched, cursor.text(32));
    const auto time = parse_rfc3339(as_text(fetched));
    if (!time || to_rfc3339(*time) != as_text(fetched))
        return fail(kMalformed, "fetched: expected a time like 2026-11-25T07:00:00Z");
    out.fetched = *time;
    OPENPCC_CHECK(cursor.expect(R"(,"sections":{)"));
    OPENPCC_CHECK(read_sections(cursor, out));
    OPENPCC_CHECK(cursor.expect("}}"));
    OPENPCC_CHECK(cursor.finish());
    return Unverified(std::move(out));
}

Result<std::string> Collection::to_json() const {
    Writer writer;
    writer.raw(R"({"version":1,"fetched":")" + to_rfc3339(fetched) + R"(","sections":{)");
    if (snp != snp::Collateral{}) {
        writer.raw(R"("snp":{"crls":)");
        writer.crls(snp.crls);
        writer.raw("}");
    }
    if (tdx != tdx::Collateral{}) {
        writer.raw(snp != snp::Collateral{} ? "," : "");
        writer.raw(R"("tdx":{"crls":)");
        writer.crls(tdx.crls);
        writer.raw(R"(,"qe_identities":)");
        writer.bodies(tdx.qe_identities);
        writer.raw(R"(,"tcb_infos":)");
        writer.bodies(tdx.tcb_infos);
        writer.raw("}");
    }
    writer.raw("}}");
    return std::move(writer).finish();
}

Digest256 name_of(ByteView file) { return crypto::sha256(file); }

}  // namespace openpcc::collateral

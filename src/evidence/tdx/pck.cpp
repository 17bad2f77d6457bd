// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/pck.hpp"

#include <algorithm>
#include <bitset>

#include "core/text.hpp"
#include "wire/der.hpp"

namespace openpcc::tdx {

namespace {

using wire::Der;

constexpr std::uint8_t kOidPrefix[] = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

std::unexpected<Error> bad(std::string text) { return fail(kBadPck, std::move(text)); }

// Entry is one SEQUENCE { OID below 1.2.840.113741.1.13.1, value }: the arcs after the prefix, and the value.
struct Entry {
    std::uint8_t arc = 0;
    std::uint8_t sub_arc = 0;  // 0: none
    Der value;
};

Result<Entry> take_entry(Der& list) {
    OPENPCC_TRY(Der pair, list.enter(Der::kSequence));
    OPENPCC_TRY(const ByteView oid, pair.take(Der::kOid));
    const std::size_t prefix = std::size(kOidPrefix);
    const bool known = oid.size() > prefix && oid.size() <= prefix + 2 && equal(oid.first(prefix), kOidPrefix) &&
                       std::ranges::all_of(oid.subspan(prefix), [](auto arc) { return arc > 0 && arc < 0x80; });
    if (!known) return bad("unknown member");
    return Entry{oid[prefix], oid.size() == prefix + 2 ? oid[prefix + 1] : std::uint8_t{0}, pair};
}

template <class Array>
Result<Array> octets(Der& value) {
    OPENPCC_TRY(const ByteView content, value.take(Der::kOctetString));
    if (content.size() != Array::kSize) return bad("octet string of a wrong length");
    OPENPCC_CHECK(value.finish());
    return Array::from_view(content);
}

Result<std::uint64_t> number(Der& value, std::uint64_t limit) {
    OPENPCC_TRY(const auto out, value.small_integer());
    if (out > limit) return bad("number out of range");
    OPENPCC_CHECK(value.finish());
    return out;
}

Result<void> read_tcb(Der& value, PckPlatform& out) {
    OPENPCC_TRY(Der list, value.enter(Der::kSequence));
    OPENPCC_CHECK(value.finish());
    std::bitset<19> seen;
    while (!list.done()) {
        OPENPCC_TRY(Entry entry, take_entry(list));
        if (entry.arc != 2 || entry.sub_arc < 1 || entry.sub_arc > 18) return bad("unknown TCB member");
        if (seen.test(entry.sub_arc)) return bad("TCB member twice");
        seen.set(entry.sub_arc);
        if (entry.sub_arc <= 16) {
            OPENPCC_TRY(const auto svn, number(entry.value, 0xff));
            out.component_svn[entry.sub_arc - 1U] = static_cast<std::uint8_t>(svn);
        } else if (entry.sub_arc == 17) {
            OPENPCC_TRY(const auto svn, number(entry.value, 0xffff));
            out.pce_svn = static_cast<std::uint16_t>(svn);
        } else {
            OPENPCC_TRY(out.cpu_svn, octets<ByteArray<16>>(entry.value));
        }
    }
    // Short lists have let loops pass over missing components: all eighteen, or nothing.
    return seen.count() == 18 ? Result<void>{} : Result<void>(bad("TCB member missing"));
}

Result<bool> boolean(Der& value) {
    OPENPCC_TRY(const ByteView content, value.take(Der::kBoolean));
    if (content.size() != 1 || (content[0] != 0 && content[0] != 0xff)) return bad("bad boolean");
    OPENPCC_CHECK(value.finish());
    return content[0] != 0;
}

Result<PckPlatform::Configuration> read_configuration(Der& value) {
    OPENPCC_TRY(Der list, value.enter(Der::kSequence));
    OPENPCC_CHECK(value.finish());
    PckPlatform::Configuration out;
    while (!list.done()) {
        OPENPCC_TRY(Entry entry, take_entry(list));
        if (entry.arc != 7 || entry.sub_arc < 1 || entry.sub_arc > 3) return bad("unknown configuration member");
        std::optional<bool>& member = entry.sub_arc == 1   ? out.dynamic_platform
                                      : entry.sub_arc == 2 ? out.cached_keys
                                                           : out.smt_enabled;
        if (member) return bad("configuration member twice");
        OPENPCC_TRY(member, boolean(entry.value));
    }
    return out;
}

Result<void> read_member(Entry& entry, PckPlatform& out) {
    if (entry.sub_arc != 0) return bad("unknown member");
    switch (entry.arc) {
        case 1: {
            OPENPCC_TRY(out.ppid, octets<ByteArray<16>>(entry.value));
            return {};
        }
        case 2:
            return read_tcb(entry.value, out);
        case 3: {
            OPENPCC_TRY(out.pce_id, octets<ByteArray<2>>(entry.value));
            return {};
        }
        case 4: {
            OPENPCC_TRY(out.fmspc, octets<ByteArray<6>>(entry.value));
            return {};
        }
        case 5: {
            OPENPCC_TRY(const ByteView type, entry.value.take(Der::kEnumerated));
            OPENPCC_CHECK(entry.value.finish());
            if (type.size() != 1 || type[0] > 2) return bad("unknown SGX type");
            out.sgx_type = type[0];
            return {};
        }
        case 6: {
            OPENPCC_TRY(out.platform_instance_id, octets<ByteArray<16>>(entry.value));
            return {};
        }
        case 7: {
            OPENPCC_TRY(out.configuration, read_configuration(entry.value));
            return {};
        }
        default:
            return bad("unknown member");
    }
}

Result<PckPlatform> read_extension(ByteView content) {
    Der outer(content);
    OPENPCC_TRY(Der list, outer.enter(Der::kSequence));
    OPENPCC_CHECK(outer.finish());
    PckPlatform out;
    std::bitset<8> seen;
    while (!list.done()) {
        OPENPCC_TRY(Entry entry, take_entry(list));
        if (entry.arc > 7 || seen.test(entry.arc)) return bad("unknown member, or one twice");
        seen.set(entry.arc);
        OPENPCC_CHECK(read_member(entry, out));
    }
    for (std::size_t arc = 1; arc <= 5; ++arc)
        if (!seen.test(arc)) return bad("member missing");
    return out;
}

constexpr std::string_view kPemBegin = "-----BEGIN CERTIFICATE-----\n";
constexpr std::string_view kPemEnd = "-----END CERTIFICATE-----\n";
constexpr std::size_t kPemLine = 64;

// take_block takes one certificate from the front: lines of 64 digits, the last one of 1 to 64, and no other character.
Result<Bytes> take_block(std::string_view& text) {
    const auto refused = [] { return bad("PEM not as Intel writes it"); };
    const std::size_t end = text.find(kPemEnd);
    if (!text.starts_with(kPemBegin) || end == std::string_view::npos) return refused();
    std::string_view lines = text.substr(kPemBegin.size(), end - kPemBegin.size());
    std::string digits;
    digits.reserve(lines.size());
    while (!lines.empty()) {
        const std::size_t size = std::min(kPemLine, lines.size() - 1);
        if (size == 0 || lines[size] != '\n') return refused();
        digits += lines.substr(0, size);
        lines.remove_prefix(size + 1);
    }
    auto out = from_base64(digits);
    if (!out) return refused();
    text.remove_prefix(end + kPemEnd.size());
    return *std::move(out);
}

}  // namespace

Result<PckPlatform> parse_pck_extension(ByteView content) {
    auto out = read_extension(content);
    if (!out && out.error() != kBadPck) return bad(out.error().describe());
    return out;
}

std::string to_pem(const x509::Certificate& certificate) {
    const std::string text = to_base64(certificate.der());
    std::string out = "-----BEGIN CERTIFICATE-----\n";
    for (std::size_t at = 0; at < text.size(); at += 64) out += text.substr(at, 64) + "\n";
    return out + "-----END CERTIFICATE-----\n";
}

PckChainText cut_pck_chain(ByteView pem) {
    std::string_view text = as_text(pem);
    if (text.ends_with('\0')) text.remove_suffix(1);
    const std::size_t end = text.find(kPemEnd);
    if (end == std::string_view::npos) return {text, {}};
    return {text.substr(0, end + kPemEnd.size()), text.substr(end + kPemEnd.size())};
}

Result<x509::Certificate> parse_pck_pem(std::string_view pem) {
    OPENPCC_TRY(const Bytes der, take_block(pem));
    if (!pem.empty()) return bad("not one certificate");
    return x509::Certificate::parse_der(der);
}

Result<std::vector<x509::Certificate>> parse_pck_chain(ByteView pem) {
    std::vector<x509::Certificate> out;
    std::string_view text = as_text(pem);
    if (text.ends_with('\0')) text.remove_suffix(1);
    while (!text.empty() && out.size() < 3) {
        OPENPCC_TRY(const Bytes der, take_block(text));
        OPENPCC_TRY(x509::Certificate certificate, x509::Certificate::parse_der(der));
        out.push_back(std::move(certificate));
    }
    if (out.size() != 3 || !text.empty()) return bad("not exactly leaf, CA and root");
    return out;
}

}  // namespace openpcc::tdx

// SPDX-License-Identifier: Apache-2.0
#include "crypto/x509/list_parts.hpp"

#include <algorithm>
#include <array>

#include "crypto/errors.hpp"
#include "crypto/x509/elements.hpp"

namespace openpcc::x509 {

namespace {

using crypto::kBadCertificate;
using wire::Der;

constexpr std::uint8_t kListExtensions = 0xa0;
constexpr std::size_t kMostExtensions = 16;  // of a list or an entry; the standard has seven and three

std::unexpected<Error> bad() { return fail(kBadCertificate); }

// Extensions that narrow a list, by the last octet of id-ce (2.5.29): deltaCRLIndicator, issuingDistributionPoint, and
// certificateIssuer of an entry. They are critical (RFC 5280 sections 5.2.4, 5.2.5 and 5.3.3), and so is what we do not
// know: such a list must not decide. A list in which they are not critical does not decide either.
bool narrows(const ExtensionPart& extension) {
    const ByteView oid = extension.oid;
    const bool in_ce = oid.size() == 3 && oid[0] == 0x55 && oid[1] == 0x1d;
    return extension.critical || (in_ce && oid[2] >= 0x1b && oid[2] <= 0x1d);
}

// One or more, none twice.
Result<void> read_extensions(Der list) {
    std::array<ByteView, kMostExtensions> oids;
    std::size_t count = 0;
    if (list.done()) return bad();
    while (!list.done()) {
        OPENPCC_TRY(const ExtensionPart extension, extension_part(list));
        if (narrows(extension)) return fail(kBadCertificate, "a revocation list with an extension that narrows it");
        const auto known = std::span(oids).first(count);
        if (count == oids.size() || std::ranges::any_of(known, [&](ByteView oid) { return equal(oid, extension.oid); }))
            return bad();
        oids[count++] = extension.oid;
    }
    return {};
}

// RFC 5280 section 5.1.2.6. In version 1 entries have no extensions.
Result<ByteView> read_entry(Der& list, bool version_2) {
    OPENPCC_TRY(Der entry, list.enter(Der::kSequence));
    OPENPCC_TRY(const ByteView serial, integer(entry));
    if (!can_be_listed(serial)) return bad();
    OPENPCC_CHECK(time_part(entry));
    if (version_2 && !entry.done()) {
        OPENPCC_TRY(const Der extensions, entry.enter(Der::kSequence));
        OPENPCC_CHECK(read_extensions(extensions));
    }
    OPENPCC_CHECK(entry.finish());
    return serial;
}

// "When there are no revoked certificates, the revoked certificates list MUST be absent." (RFC 5280 section 5.1.2.6)
Result<void> read_revoked(Der list, bool version_2, ListParts& out) {
    if (list.done()) return bad();
    while (!list.done()) {
        OPENPCC_TRY(const ByteView serial, read_entry(list, version_2));
        out.serials.push_back(serial);
    }
    return {};
}

// Version 1 is the default, and DER leaves a default out.
Result<bool> read_version_2(Der& in) {
    if (in.peek_tag() != Der::kInteger) return false;
    OPENPCC_TRY(const auto number, in.small_integer());
    if (number != 1) return bad();
    return true;
}

bool is_time(std::optional<std::uint8_t> tag) { return tag == Der::kUtcTime || tag == Der::kGeneralizedTime; }

Result<void> read_to_be_signed(ByteView content, ListParts& out) {
    Der in(content);
    OPENPCC_TRY(const bool version_2, read_version_2(in));
    OPENPCC_TRY(const ByteView algorithm, sequence(in));
    // RFC 5280 section 5.1.1.2: the same as outside.
    if (!equal(algorithm, out.algorithm)) return bad();
    OPENPCC_TRY(out.issuer, name_part(in));
    OPENPCC_TRY(out.this_update, time_part(in));
    if (is_time(in.peek_tag())) {
        OPENPCC_TRY(out.next_update, time_part(in));
    }
    if (in.peek_tag() == Der::kSequence) {
        OPENPCC_TRY(const Der revoked, in.enter(Der::kSequence));
        OPENPCC_CHECK(read_revoked(revoked, version_2, out));
    }
    if (version_2 && in.peek_tag() == kListExtensions) {
        OPENPCC_TRY(Der explicit_tag, in.enter(kListExtensions));
        OPENPCC_TRY(const Der extensions, explicit_tag.enter(Der::kSequence));
        OPENPCC_CHECK(explicit_tag.finish());
        OPENPCC_CHECK(read_extensions(extensions));
    }
    return in.finish();
}

Result<ListParts> read(ByteView der) {
    ListParts out;
    Der outer(der);
    OPENPCC_TRY(Der in, outer.enter(Der::kSequence));
    OPENPCC_CHECK(outer.finish());
    OPENPCC_TRY(out.to_be_signed, sequence(in));
    OPENPCC_TRY(out.algorithm, sequence(in));
    OPENPCC_TRY(const ByteView bits, in.take(Der::kBitString));
    OPENPCC_CHECK(in.finish());
    if (bits.empty() || bits[0] != 0) return bad();
    out.signature = bits.subspan(1);
    Der whole(out.to_be_signed);
    OPENPCC_TRY(const ByteView content, whole.take(Der::kSequence));
    OPENPCC_CHECK(read_to_be_signed(content, out));
    return out;
}

}  // namespace

bool can_be_listed(ByteView serial) {
    return !serial.empty() && serial[0] < 0x80 &&
           serial.size() <= (serial[0] == 0 ? kLongestSerial : kLongestSerial - 1);
}

bool ListParts::lists(ByteView serial) const {
    return std::ranges::any_of(serials, [&](ByteView listed) { return equal(listed, serial); });
}

Result<ListParts> read_list_parts(ByteView der) {
    auto parts = read(der);
    if (!parts && parts.error() != kBadCertificate) return bad();
    return parts;
}

}  // namespace openpcc::x509

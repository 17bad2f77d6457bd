// SPDX-License-Identifier: Apache-2.0
#include "crypto/x509/elements.hpp"

#include <algorithm>
#include <array>

#include "crypto/errors.hpp"
#include "crypto/x509/inside.hpp"

namespace openpcc::x509 {

using crypto::kBadCertificate;
using wire::Der;

namespace {

constexpr std::array<std::uint8_t, 3> kCommonName = {0x55, 0x04, 0x03};  // id-at-commonName

std::unexpected<Error> bad() { return fail(kBadCertificate); }

std::optional<unsigned> digits(ByteView text, std::size_t at, std::size_t count) {
    unsigned value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

// In ASCII a text of these types is what its octets say.
bool is_plain(const Der::Element& value) {
    const bool text =
        value.tag == Der::kUtf8String || value.tag == Der::kPrintableString || value.tag == Der::kIa5String;
    return text && std::ranges::all_of(value.content, [](std::uint8_t c) { return c < 0x80; });
}

// What is not plain is read, and its last common name converted, by OpenSSL.
Result<NamePart> other_name(ByteView name) {
    const crypto::ErrorsLeftClean clean;
    const std::uint8_t* at = name.data();
    const std::unique_ptr<X509_NAME, crypto::Freed<X509_NAME_free>> read(
        d2i_X509_NAME(nullptr, &at, static_cast<long>(name.size())));
    if (read == nullptr) return bad();
    return NamePart{name, common_name(read.get())};
}

}  // namespace

// X.690 section 8.3.2: the fewest octets.
Result<ByteView> integer(Der& in) {
    OPENPCC_TRY(const ByteView content, in.take(Der::kInteger));
    if (content.empty()) return bad();
    if (content.size() > 1 && ((content[0] == 0x00 && content[1] < 0x80) || (content[0] == 0xff && content[1] >= 0x80)))
        return bad();
    return content;
}

// X.690 section 8.19.2: whole subidentifiers, each in the fewest octets.
Result<ByteView> oid(Der& in) {
    OPENPCC_TRY(const ByteView content, in.take(Der::kOid));
    bool at_start = true;
    for (const std::uint8_t octet : content) {
        if (at_start && octet == 0x80) return bad();
        at_start = octet < 0x80;
    }
    if (content.empty() || !at_start) return bad();
    return content;
}

Result<bool> boolean(Der& in) {
    OPENPCC_TRY(const ByteView content, in.take(Der::kBoolean));
    if (content.size() != 1 || (content[0] != 0x00 && content[0] != 0xff)) return bad();
    return content[0] == 0xff;
}

// RFC 5280 section 4.1.2.5: YYMMDDHHMMSSZ in UTCTime, whose years are 1950 to 2049, or YYYYMMDDHHMMSSZ.
Result<TimePoint> time_part(Der& in) {
    using namespace std::chrono;
    OPENPCC_TRY(const auto element, in.take_any());
    const bool utc = element.tag == Der::kUtcTime;
    if (!utc && element.tag != Der::kGeneralizedTime) return bad();
    const ByteView text = element.content;
    const std::size_t at = utc ? 2 : 4;
    if (text.size() != at + 11 || text[at + 10] != 'Z') return bad();
    auto y = digits(text, 0, at);
    const auto mo = digits(text, at, 2), d = digits(text, at + 2, 2), h = digits(text, at + 4, 2);
    const auto mi = digits(text, at + 6, 2), s = digits(text, at + 8, 2);
    if (!y || !mo || !d || !h || !mi || !s || *h > 23 || *mi > 59 || *s > 59) return bad();
    if (utc) *y += *y < 50 ? 2000 : 1900;
    const year_month_day day{year(static_cast<int>(*y)), month(*mo), std::chrono::day(*d)};
    if (!day.ok()) return bad();
    return sys_days(day) + hours(*h) + minutes(*mi) + seconds(*s);
}

// RFC 5280 section 4.1.2.4: SEQUENCE OF SET OF SEQUENCE { type, value }.
Result<NamePart> name_part(Der& in) {
    OPENPCC_TRY(const ByteView whole, sequence(in));
    Der outer(whole);
    OPENPCC_TRY(Der sets, outer.enter(Der::kSequence));
    ByteView last;  // common name
    bool plain = true;
    while (!sets.done()) {
        OPENPCC_TRY(Der set, sets.enter(Der::kSet));
        if (set.done()) return bad();
        while (!set.done()) {
            OPENPCC_TRY(Der pair, set.enter(Der::kSequence));
            OPENPCC_TRY(const ByteView type, oid(pair));
            OPENPCC_TRY(const auto value, pair.take_any());
            OPENPCC_CHECK(pair.finish());
            plain = plain && is_plain(value);
            if (equal(type, kCommonName)) last = value.content;
        }
    }
    return plain ? NamePart{whole, to_string(last)} : other_name(whole);
}

// RFC 5280 section 4.1
Result<ExtensionPart> extension_part(Der& list) {
    OPENPCC_TRY(Der one, list.enter(Der::kSequence));
    ExtensionPart extension;
    OPENPCC_TRY(extension.oid, oid(one));
    if (one.peek_tag() == Der::kBoolean) {
        OPENPCC_TRY(extension.critical, boolean(one));
    }
    OPENPCC_TRY(extension.content, one.take(Der::kOctetString));
    OPENPCC_CHECK(one.finish());
    return extension;
}

Result<ByteView> sequence(Der& in) {
    OPENPCC_TRY(const auto element, in.take_any());
    if (element.tag != Der::kSequence) return bad();
    return element.whole;
}

}  // namespace openpcc::x509

// SPDX-License-Identifier: Apache-2.0
#include "crypto/x509/parts.hpp"

#include <algorithm>
#include <array>

#include "crypto/errors.hpp"
#include "crypto/x509/elements.hpp"
#include "wire/der.hpp"

namespace openpcc::x509 {

namespace {

using crypto::kBadCertificate;
using wire::Der;

constexpr std::uint8_t kVersion = 0xa0;
constexpr std::uint8_t kIssuerUniqueId = 0x81;
constexpr std::uint8_t kSubjectUniqueId = 0x82;
constexpr std::uint8_t kExtensions = 0xa3;
constexpr std::uint8_t kKeyId = 0x80;  // in AuthorityKeyIdentifier

// Content of the OBJECT IDENTIFIERs that are looked for: id-ce and a number.
constexpr std::array<std::uint8_t, 3> kBasicConstraints = {0x55, 0x1d, 0x13};
constexpr std::array<std::uint8_t, 3> kKeyUsage = {0x55, 0x1d, 0x0f};
constexpr std::array<std::uint8_t, 3> kSubjectKeyId = {0x55, 0x1d, 0x0e};
constexpr std::array<std::uint8_t, 3> kAuthorityKeyId = {0x55, 0x1d, 0x23};

std::unexpected<Error> bad() { return fail(kBadCertificate); }

Result<void> read_basic_constraints(ByteView content, Parts& out) {
    Der outer(content);
    OPENPCC_TRY(Der in, outer.enter(Der::kSequence));
    OPENPCC_CHECK(outer.finish());
    out.has_basic_constraints = true;
    if (in.peek_tag() == Der::kBoolean) {
        OPENPCC_TRY(out.is_ca, boolean(in));
    }
    if (in.done()) return {};
    OPENPCC_TRY(const auto length, in.small_integer());
    if (!out.is_ca || length > 0xff) return bad();
    out.path_length = static_cast<std::uint32_t>(length);
    return in.finish();
}

Result<void> read_key_usage(ByteView content, Parts& out) {
    Der in(content);
    OPENPCC_TRY(const ByteView bits, in.take(Der::kBitString));
    OPENPCC_CHECK(in.finish());
    if (bits.size() < 2 || bits.size() > 3 || bits[0] > 7) return bad();
    const unsigned second = bits.size() == 3 ? bits[2] : 0U;
    out.key_usage = static_cast<std::uint16_t>(static_cast<unsigned>(bits[1]) << 8 | second);
    return {};
}

Result<void> read_authority_key_id(ByteView content, Parts& out) {
    Der outer(content);
    OPENPCC_TRY(Der in, outer.enter(Der::kSequence));
    OPENPCC_CHECK(outer.finish());
    if (in.peek_tag() == kKeyId) {
        OPENPCC_TRY(out.authority_key_id, in.take(kKeyId));
    }
    while (!in.done()) OPENPCC_CHECK(in.take_any());
    return {};
}

Result<void> read_subject_key_id(ByteView content, Parts& out) {
    Der in(content);
    OPENPCC_TRY(out.subject_key_id, in.take(Der::kOctetString));
    return in.finish();
}

Result<void> read_known(const ExtensionPart& extension, Parts& out) {
    if (equal(extension.oid, kBasicConstraints)) return read_basic_constraints(extension.content, out);
    if (equal(extension.oid, kKeyUsage)) return read_key_usage(extension.content, out);
    if (equal(extension.oid, kSubjectKeyId)) return read_subject_key_id(extension.content, out);
    if (equal(extension.oid, kAuthorityKeyId)) return read_authority_key_id(extension.content, out);
    return {};
}

// RFC 5280 section 4.2: "A certificate MUST NOT include more than one instance of a particular extension."
Result<void> read_extensions(Der& in, Parts& out) {
    OPENPCC_TRY(Der explicit_tag, in.enter(kExtensions));
    OPENPCC_TRY(Der list, explicit_tag.enter(Der::kSequence));
    OPENPCC_CHECK(explicit_tag.finish());
    if (list.done() || !out.version_3) return bad();
    while (!list.done()) {
        OPENPCC_TRY(const ExtensionPart extension, extension_part(list));
        if (out.extension(extension.oid) != nullptr) return bad();
        OPENPCC_CHECK(read_known(extension, out));
        out.extensions.push_back(extension);
    }
    return {};
}

// Version 1 is the default, and DER leaves a default out.
Result<void> read_version(Der& in, Parts& out) {
    if (in.peek_tag() != kVersion) return {};
    OPENPCC_TRY(Der version, in.enter(kVersion));
    OPENPCC_TRY(const auto number, version.small_integer());
    if (number != 1 && number != 2) return bad();
    out.version_3 = number == 2;
    return version.finish();
}

Result<void> read_to_be_signed(ByteView content, Parts& out) {
    Der in(content);
    OPENPCC_CHECK(read_version(in, out));
    OPENPCC_TRY(out.serial, integer(in));
    OPENPCC_TRY(const ByteView algorithm, sequence(in));
    // RFC 5280 section 4.1.1.2: the same as outside.
    if (!equal(algorithm, out.algorithm)) return bad();
    OPENPCC_TRY(out.issuer, name_part(in));
    OPENPCC_TRY(Der validity, in.enter(Der::kSequence));
    OPENPCC_TRY(out.not_before, time_part(validity));
    OPENPCC_TRY(out.not_after, time_part(validity));
    OPENPCC_CHECK(validity.finish());
    OPENPCC_TRY(out.subject, name_part(in));
    OPENPCC_TRY(out.spki, sequence(in));
    for (std::uint8_t id : {kIssuerUniqueId, kSubjectUniqueId})
        if (in.peek_tag() == id) OPENPCC_CHECK(in.take(id));
    if (!in.done()) OPENPCC_CHECK(read_extensions(in, out));
    return in.finish();
}

Result<Parts> read(ByteView der) {
    Parts out;
    Der outer(der);
    OPENPCC_TRY(Der in, outer.enter(Der::kSequence));
    OPENPCC_CHECK(outer.finish());
    OPENPCC_TRY(const auto to_be_signed, in.take_any());
    if (to_be_signed.tag != Der::kSequence) return bad();
    out.to_be_signed = to_be_signed.whole;
    OPENPCC_TRY(out.algorithm, sequence(in));
    OPENPCC_TRY(const ByteView bits, in.take(Der::kBitString));
    OPENPCC_CHECK(in.finish());
    if (bits.empty() || bits[0] != 0) return bad();
    out.signature = bits.subspan(1);
    OPENPCC_CHECK(read_to_be_signed(to_be_signed.content, out));
    return out;
}

}  // namespace

const ExtensionPart* Parts::extension(ByteView oid) const {
    const auto found = std::ranges::find_if(extensions, [&](const auto& part) { return equal(part.oid, oid); });
    return found == extensions.end() ? nullptr : &*found;
}

Result<Parts> read_parts(ByteView der) {
    auto parts = read(der);
    if (!parts) return fail(kBadCertificate);
    return parts;
}

}  // namespace openpcc::x509

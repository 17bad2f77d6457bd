// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

// The parts of a certificate (RFC 5280 section 4.1), read from its DER without OpenSSL, whose X509 decodes the public
// key by a search that costs more than a signature.
namespace openpcc::x509 {

struct ExtensionPart {
    ByteView oid;  // the content of the OBJECT IDENTIFIER
    bool critical = false;
    ByteView content;  // inside the OCTET STRING
};

// NamePart is a distinguished name: its DER, and its last common name in UTF-8.
struct NamePart {
    ByteView der;
    std::string common_name;
};

// Parts are views into the bytes that were read, and live no longer than those.
struct Parts {
    ByteView to_be_signed;
    ByteView algorithm;  // the whole AlgorithmIdentifier
    ByteView signature;
    bool version_3 = false;
    ByteView serial;  // content of the INTEGER
    NamePart issuer;
    NamePart subject;
    TimePoint not_before;
    TimePoint not_after;
    ByteView spki;
    std::vector<ExtensionPart> extensions;

    // What the extensions say that decide about a path; absent ones leave these as they are.
    bool has_basic_constraints = false;
    bool is_ca = false;
    std::optional<std::uint32_t> path_length;
    std::optional<std::uint16_t> key_usage;  // bit 0 of RFC 5280 section 4.2.1.3 is 0x8000
    std::optional<ByteView> subject_key_id;
    std::optional<ByteView> authority_key_id;

    bool may_sign_certificates() const { return !key_usage || (*key_usage & 0x0400) != 0; }
    bool may_sign_lists() const { return !key_usage || (*key_usage & 0x0200) != 0; }
    const ExtensionPart* extension(ByteView oid) const;
};

// read_parts: crypto.bad_certificate unless the bytes are one certificate in DER: definite and minimal lengths, nothing
// behind it, no extension twice, the same algorithm inside and outside, and the extensions above well-formed.
Result<Parts> read_parts(ByteView der);

// same_name compares names as bytes, and otherwise as RFC 5280 section 7.1 does (case and white space aside).
bool same_name(ByteView a, ByteView b);

}  // namespace openpcc::x509

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/x509/parts.hpp"

// The parts of a revocation list (RFC 5280 section 5.1), read from its DER without OpenSSL, whose X509_CRL makes an
// object of every member of every entry: most of what a list costs beside its signature.
namespace openpcc::x509 {

// RFC 5280 section 4.1.2.2: serial numbers are positive and have at most 20 octets; one more is for the sign. Zero is
// read too, as AMD gives it to every leaf.
inline constexpr std::size_t kLongestSerial = 21;
// can_be_listed: content of an INTEGER that is not negative and not longer.
bool can_be_listed(ByteView serial);

// ListParts are views into the bytes that were read, and live no longer than those.
struct ListParts {
    ByteView to_be_signed;
    ByteView algorithm;  // the whole AlgorithmIdentifier
    ByteView signature;
    NamePart issuer;
    TimePoint this_update;
    std::optional<TimePoint> next_update;
    std::vector<ByteView> serials;  // contents of the INTEGERs, in the order of the list

    bool lists(ByteView serial) const;
};

// read_list_parts: crypto.bad_certificate unless the bytes are one list in DER, of version 2 or of version 1 without
// extensions, and the list says all there is to say about its issuer's certificates: no critical extension, and none
// that makes it part of a list or a list of other issuers' certificates.
Result<ListParts> read_list_parts(ByteView der);

}  // namespace openpcc::x509

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/x509/parts.hpp"
#include "wire/der.hpp"

// What certificates and revocation lists are made of, each read from the front of a cursor. Anything else than the one
// way to write it in DER is an error.
namespace openpcc::x509 {

// integer is the content of an INTEGER of any sign.
Result<ByteView> integer(wire::Der& in);
Result<ByteView> oid(wire::Der& in);
Result<bool> boolean(wire::Der& in);
// sequence is a whole SEQUENCE, its inside unread.
Result<ByteView> sequence(wire::Der& in);
// time_part reads UTCTime or GeneralizedTime (RFC 5280 section 4.1.2.5).
Result<TimePoint> time_part(wire::Der& in);
Result<NamePart> name_part(wire::Der& in);
Result<ExtensionPart> extension_part(wire::Der& list);

}  // namespace openpcc::x509

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "wire/errors.hpp"

namespace openpcc::wire {

// Der is a strict cursor over DER (ITU-T X.690): definite minimal lengths, single-byte tags, nothing after the end. It
// borrows its bytes. Anything else is wire.bad_der.
class Der {
  public:
    enum Tag : std::uint8_t {
        kBoolean = 0x01, kInteger = 0x02, kBitString = 0x03, kOctetString = 0x04, kNull = 0x05, kOid = 0x06,
        kEnumerated = 0x0a, kUtf8String = 0x0c, kPrintableString = 0x13, kIa5String = 0x16, kUtcTime = 0x17,
        kGeneralizedTime = 0x18, kSequence = 0x30, kSet = 0x31,
    };

    explicit Der(ByteView bytes) : bytes_(bytes) {}

    bool done() const { return bytes_.empty(); }
    Result<void> finish() const { return done() ? Result<void>{} : Result<void>(fail(kBadDer)); }
    // peek_tag is the next element's tag, when there is one.
    std::optional<std::uint8_t> peek_tag() const;
    // take reads one element of that tag and gives its content.
    Result<ByteView> take(std::uint8_t tag);
    // take_any reads one element, whatever it is.
    struct Element {
        std::uint8_t tag;
        ByteView content;
        ByteView whole;
    };
    Result<Element> take_any();
    // enter reads a constructed element and gives a cursor over its inside.
    Result<Der> enter(std::uint8_t tag);
    // small_integer reads a non-negative INTEGER that fits.
    Result<std::uint64_t> small_integer();

  private:
    ByteView bytes_;
};

}  // namespace openpcc::wire

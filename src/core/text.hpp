// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace openpcc {

// Lossless text forms of bytes. Readers are strict: even length and hex digits only; canonical base64 (RFC 4648) with
// exact padding, or base64url without padding; anything else is core.bad_text.
std::string to_hex(ByteView bytes);
Result<Bytes> from_hex(std::string_view text);

std::string to_base64(ByteView bytes);
Result<Bytes> from_base64(std::string_view text);

std::string to_base64url(ByteView bytes);
Result<Bytes> from_base64url(std::string_view text);

// array_from_hex reads exactly N bytes.
template <class Array>
Result<Array> array_from_hex(std::string_view text) {
    OPENPCC_TRY(auto bytes, from_hex(text));
    if (bytes.size() != Array::kSize) return fail(core::kBadText, "wrong number of hex digits");
    return Array::from_view(bytes);
}

// take_printable takes from the front of UTF-8 text what a terminal only shows, and drops the control character that stops
// it, if any: all of C0 but tab and line feed, DEL, and C1. Words of a model can hold escape sequences, which set titles,
// clipboards and worse. It copies nothing; call it until the text is empty.
std::string_view take_printable(std::string_view& text);

}  // namespace openpcc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "evidence/tdx/quote.hpp"

namespace openpcc::tdx {

inline constexpr std::size_t kMaxSignedJson = 128 << 10;

// Envelope is an answer of the PCS API taken apart: {"NAME":{...},"signature":"..."}, and nothing else but white space
// between them. `value` is the text that is signed, byte for byte as received: a value that was read and written again
// is another text. It borrows the answer.
struct Envelope {
    ByteView value;
    RawSignature signature;

    // parse finds where the value ends, and no more: whether it is JSON is for its own parser to say
    // (tdx.bad_collateral).
    static Result<Envelope> parse(ByteView answer, std::string_view name);
};

}  // namespace openpcc::tdx

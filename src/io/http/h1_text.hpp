// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "io/http/h1_head.hpp"
#include "wire/http.hpp"

namespace openpcc::http::h1 {

// Heads as text. Pure. What could not be read back by h1_head is refused as http.misuse, and so are the fields of the
// connection, which this layer writes itself: a value that came from somewhere else can never end a line.

std::string_view reason_phrase(std::uint16_t status);

// FramingFields is what this layer adds to a head.
struct FramingFields {
    bool chunked = false;
    bool close = false;
};

Result<std::string> request_text(const RequestHead& head, std::string_view host, FramingFields own);
Result<std::string> response_text(const ResponseHead& head, FramingFields own);

}  // namespace openpcc::http::h1

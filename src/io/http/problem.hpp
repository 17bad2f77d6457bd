// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace openpcc::http {

// problem_content is the RFC 9457 document that goes with problem_head.
std::string problem_content(std::uint16_t status);
// problem_text is a whole HTTP/1.1 answer that ends its connection, for when there is no exchange.
std::string problem_text(std::uint16_t status);

}  // namespace openpcc::http

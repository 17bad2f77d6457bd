// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace openpcc {

// assert_failed prints the place and aborts. Invariants stay checked in release builds; input never reaches one.
[[noreturn]] void assert_failed(const char* expression, const char* file, int line);

}  // namespace openpcc

#define OPENPCC_ASSERT(expression) \
    ((expression) ? static_cast<void>(0) : ::openpcc::assert_failed(#expression, __FILE__, __LINE__))

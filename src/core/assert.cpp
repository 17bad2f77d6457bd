// SPDX-License-Identifier: Apache-2.0
#include "core/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace openpcc {

void assert_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "internal error: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

}  // namespace openpcc

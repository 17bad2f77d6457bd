// SPDX-License-Identifier: Apache-2.0
// The header is C++, too.
#include <openpcc/openpcc.h>

static_assert(OPENPCC_SIMULATED == 7);

int main() { return openpcc_abi() == OPENPCC_ABI ? 0 : 1; }

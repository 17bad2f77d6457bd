// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/random.hpp"

namespace openpcc::crypto {

// SystemRandom is OpenSSL's generator; private use (RAND_priv_bytes). Any thread. Failure ends the process.
class SystemRandom final : public Random {
  public:
    void fill(ByteSpan out) override;
};

}  // namespace openpcc::crypto

// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.hpp"

#include <openssl/rand.h>

#include "crypto/openssl.hpp"

namespace openpcc::crypto {

void SystemRandom::fill(ByteSpan out) {
    constexpr std::size_t kMost = std::size_t{1} << 30;  // RAND_priv_bytes takes an int
    while (!out.empty()) {
        const ByteSpan part = out.first(std::min(out.size(), kMost));
        must(RAND_priv_bytes(part.data(), size_for_openssl(part.size())));
        out = out.subspan(part.size());
    }
}

}  // namespace openpcc::crypto

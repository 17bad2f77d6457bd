// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/bytes.hpp"
#include "core/secret.hpp"

namespace openpcc {

// Random is a source of unpredictable bytes. Pure code receives it; crypto/random.hpp has the real one, tests script one.
class Random {
  public:
    virtual ~Random() = default;
    // fill never fails: a source that cannot deliver ends the process.
    virtual void fill(ByteSpan out) = 0;

    template <class Array>
    Array array() {
        Array out;
        fill(out.span());
        return out;
    }
    template <class SecretType>
    SecretType secret() {
        SecretType out;
        out.fill([this](ByteSpan span) { fill(span); });
        return out;
    }
};

}  // namespace openpcc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>

#include "core/assert.hpp"
#include "core/bytes.hpp"

namespace openpcc::wire {

inline constexpr std::uint64_t kVarintMax = (std::uint64_t{1} << 62) - 1;

// Writer appends to bytes that it owns. What does not fit its length prefix is a bug of ours and ends the process.
class Writer {
  public:
    Writer& raw(ByteView bytes) {
        out_.append(bytes);
        return *this;
    }
    template <std::unsigned_integral T>
    Writer& number(T value) {
        for (std::size_t i = sizeof(T); i-- > 0;) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
        return *this;
    }
    template <std::unsigned_integral T>
    Writer& number_le(T value) {
        for (std::size_t i = 0; i < sizeof(T); ++i) out_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
        return *this;
    }
    Writer& u8(std::uint8_t value) { return number(value); }
    Writer& u16(std::uint16_t value) { return number(value); }
    Writer& u32(std::uint32_t value) { return number(value); }
    Writer& u64(std::uint64_t value) { return number(value); }

    Writer& vec8(ByteView bytes) { return vec<std::uint8_t>(bytes); }
    Writer& vec16(ByteView bytes) { return vec<std::uint16_t>(bytes); }
    Writer& vec32(ByteView bytes) { return vec<std::uint32_t>(bytes); }

    // varint writes the shortest form (RFC 9000 section 16).
    Writer& varint(std::uint64_t value) {
        OPENPCC_ASSERT(value <= kVarintMax);
        if (value < 1U << 6) return u8(static_cast<std::uint8_t>(value));
        if (value < 1U << 14) return u16(static_cast<std::uint16_t>(value | 0x4000U));
        if (value < 1U << 30) return u32(static_cast<std::uint32_t>(value | 0x80000000U));
        return u64(value | 0xC000000000000000ULL);
    }

    std::size_t size() const { return out_.size(); }
    ByteView view() const { return out_; }
    Bytes take() && { return std::move(out_); }

  private:
    template <std::unsigned_integral T>
    Writer& vec(ByteView bytes) {
        OPENPCC_ASSERT(bytes.size() <= static_cast<T>(~T{0}));
        number(static_cast<T>(bytes.size()));
        return raw(bytes);
    }

    Bytes out_;
};

}  // namespace openpcc::wire

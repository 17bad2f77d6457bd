// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "wire/errors.hpp"

namespace openpcc::wire {

// Reader is a cursor over untrusted bytes that it borrows: it lives within one parsing function. A read past the end is
// wire.truncated and leaves the cursor where it was; nothing is copied or allocated.
class Reader {
  public:
    explicit Reader(ByteView bytes) : bytes_(bytes) {}

    std::size_t left() const { return bytes_.size() - at_; }
    std::size_t at() const { return at_; }
    bool done() const { return left() == 0; }
    // finish refuses bytes that nobody asked for.
    Result<void> finish() const { return done() ? Result<void>{} : Result<void>(fail(kTrailing)); }

    Result<ByteView> take(std::uint64_t count) {
        if (count > left()) return fail(kTruncated);
        const ByteView out = bytes_.subspan(at_, static_cast<std::size_t>(count));
        at_ += out.size();
        return out;
    }
    ByteView rest() {
        const ByteView out = bytes_.subspan(at_);
        at_ = bytes_.size();
        return out;
    }

    // Integers in network order, or little-endian (`le`) where hardware formats want it.
    template <std::unsigned_integral T>
    Result<T> number() {
        OPENPCC_TRY(const ByteView raw, take(sizeof(T)));
        T value = 0;
        for (std::uint8_t byte : raw) value = static_cast<T>(static_cast<T>(value << 7 << 1) | byte);
        return value;
    }
    template <std::unsigned_integral T>
    Result<T> number_le() {
        OPENPCC_TRY(const ByteView raw, take(sizeof(T)));
        T value = 0;
        for (std::size_t i = raw.size(); i-- > 0;) value = static_cast<T>(static_cast<T>(value << 7 << 1) | raw[i]);
        return value;
    }
    Result<std::uint8_t> u8() { return number<std::uint8_t>(); }
    Result<std::uint16_t> u16() { return number<std::uint16_t>(); }
    Result<std::uint32_t> u32() { return number<std::uint32_t>(); }
    Result<std::uint64_t> u64() { return number<std::uint64_t>(); }

    template <class Array>
    Result<Array> array() {
        OPENPCC_TRY(const ByteView raw, take(Array::kSize));
        return Array::from_view(raw);
    }

    // Vectors with a length prefix (RFC 8446 section 3.4); `limit` is the longest that the format allows.
    Result<ByteView> vec8() { return vec<std::uint8_t>(0xff); }
    Result<ByteView> vec16(std::size_t limit = 0xffff) { return vec<std::uint16_t>(limit); }
    Result<ByteView> vec32(std::size_t limit) { return vec<std::uint32_t>(limit); }

    // varint is a QUIC variable-length integer (RFC 9000 section 16); longer forms than needed are legal.
    Result<std::uint64_t> varint() {
        if (left() == 0) return fail(kTruncated);
        const std::size_t size = std::size_t{1} << (bytes_[at_] >> 6);
        if (size > left()) return fail(kTruncated);
        std::uint64_t value = bytes_[at_] & 0x3f;
        for (std::size_t i = 1; i < size; ++i) value = value << 8 | bytes_[at_ + i];
        at_ += size;
        return value;
    }

  private:
    template <std::unsigned_integral T>
    Result<ByteView> vec(std::size_t limit) {
        const std::size_t start = at_;
        OPENPCC_TRY(const T size, number<T>());
        if (size > limit || size > left()) {
            at_ = start;
            return fail(size > limit ? kTooLong : kTruncated);
        }
        return take(size);
    }

    ByteView bytes_;
    std::size_t at_ = 0;
};

}  // namespace openpcc::wire

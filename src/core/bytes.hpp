// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace openpcc {

// ByteView borrows bytes; it is for parameters, never for members of a class that outlives the call.
using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;

// Bytes owns public bytes: ciphertext, keys that may be seen, evidence. Secrets are `Secret` (core/secret.hpp).
// There is no conversion from or to text without naming it.
class Bytes {
  public:
    Bytes() = default;
    explicit Bytes(std::size_t size) : data_(size) {}
    explicit Bytes(ByteView view) : data_(view.begin(), view.end()) {}
    Bytes(std::initializer_list<std::uint8_t> list) : data_(list) {}

    std::size_t size() const { return data_.size(); }
    bool empty() const { return data_.empty(); }
    const std::uint8_t* data() const { return data_.data(); }
    std::uint8_t* data() { return data_.data(); }
    auto begin() const { return data_.begin(); }
    auto end() const { return data_.end(); }
    std::uint8_t& operator[](std::size_t i) { return data_[i]; }
    const std::uint8_t& operator[](std::size_t i) const { return data_[i]; }

    ByteView view() const { return data_; }
    ByteSpan span() { return data_; }
    operator ByteView() const { return data_; }  // NOLINT: borrowing is always safe within a call

    void append(ByteView view) { data_.insert(data_.end(), view.begin(), view.end()); }
    void push_back(std::uint8_t byte) { data_.push_back(byte); }
    void resize(std::size_t size) { data_.resize(size); }
    void reserve(std::size_t size) { data_.reserve(size); }
    void clear() { data_.clear(); }
    void erase_front(std::size_t count) {
        data_.erase(data_.begin(), data_.begin() + static_cast<std::ptrdiff_t>(std::min(count, data_.size())));
    }

    friend bool operator==(const Bytes&, const Bytes&) = default;
    friend auto operator<=>(const Bytes&, const Bytes&) = default;

  private:
    std::vector<std::uint8_t> data_;
};

// ByteArray is a fixed number of public bytes whose meaning is in its tag: two tags do not mix.
template <std::size_t N, class Tag = void>
struct ByteArray {
    std::array<std::uint8_t, N> bytes{};

    static constexpr std::size_t kSize = N;

    // from_view copies; the caller has checked the size (`view.size() == N`), otherwise the rest stays zero.
    static ByteArray from_view(ByteView view) {
        ByteArray out;
        std::copy_n(view.begin(), std::min(N, view.size()), out.bytes.begin());
        return out;
    }

    static constexpr std::size_t size() { return N; }
    const std::uint8_t* data() const { return bytes.data(); }
    std::uint8_t* data() { return bytes.data(); }
    ByteView view() const { return bytes; }
    ByteSpan span() { return bytes; }
    operator ByteView() const { return bytes; }  // NOLINT

    friend bool operator==(const ByteArray&, const ByteArray&) = default;
    friend auto operator<=>(const ByteArray&, const ByteArray&) = default;
};

// Digest256 is a SHA-256 value; what it is of is in the variable's name or a stronger tag.
using Digest256 = ByteArray<32, struct Digest256Tag>;

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::string to_string(ByteView bytes) { return std::string(as_text(bytes)); }
inline Bytes to_bytes(std::string_view text) { return Bytes(as_bytes(text)); }

inline bool equal(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

// concat joins without lengths: only for parts of fixed size or where the format has none.
template <class... Parts>
Bytes concat(const Parts&... parts) {
    Bytes out;
    out.reserve((ByteView(parts).size() + ... + 0));
    (out.append(ByteView(parts)), ...);
    return out;
}

// ByteHash lets digests and key shares be keys of unordered containers. Its inputs are uniformly distributed or
// belong to bounded sets, so the first eight bytes are enough.
struct ByteHash {
    std::size_t operator()(ByteView view) const {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < std::min<std::size_t>(8, view.size()); ++i) value = value << 8 | view[i];
        return static_cast<std::size_t>(value * 0x9E3779B97F4A7C15ULL);
    }
};

}  // namespace openpcc

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <utility>

#include "core/bytes.hpp"

namespace openpcc {

// wipe overwrites memory in a way that the compiler must keep.
void wipe(ByteSpan bytes) noexcept;

// ct_equal compares in time that depends on the lengths only.
bool ct_equal(ByteView a, ByteView b) noexcept;

// SecretMemory is where secrets live: pages that are locked in RAM, left out of core dumps and wiped in a forked child.
// Any thread may call it; it takes a short lock (a secret is made per request, not per chunk).
class SecretMemory {
  public:
    static std::uint8_t* allocate(std::size_t size);
    static void release(std::uint8_t* memory, std::size_t size) noexcept;
    // all_locked is false once any page could not be locked (RLIMIT_MEMLOCK); the node then refuses to start.
    static bool all_locked() noexcept;
};

// SecretBytes is a secret of a length known at run time. Move-only; wiped when destroyed and when moved from; it cannot
// be printed, compared with == or converted. Its bytes are visible only inside `with`.
class SecretBytes {
  public:
    SecretBytes() = default;
    explicit SecretBytes(std::size_t size) : data_(SecretMemory::allocate(size)), size_(size) {}
    SecretBytes(SecretBytes&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    SecretBytes& operator=(SecretBytes&& other) noexcept {
        if (this != &other) {
            reset();
            data_ = std::exchange(other.data_, nullptr);
            size_ = std::exchange(other.size_, 0);
        }
        return *this;
    }
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    ~SecretBytes() { reset(); }

    // copy_from makes a secret from bytes that the caller still has to wipe.
    static SecretBytes copy_from(ByteView bytes);
    // clone is the only way to have the same secret twice: it is seen in a review.
    SecretBytes clone() const;

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

    template <class Fn>
    decltype(auto) with(Fn&& fn) const {
        return std::forward<Fn>(fn)(ByteView(data_, size_));
    }
    // fill lets fn write the secret's bytes.
    template <class Fn>
    decltype(auto) fill(Fn&& fn) {
        return std::forward<Fn>(fn)(ByteSpan(data_, size_));
    }

    bool ct_equal(const SecretBytes& other) const noexcept {
        return openpcc::ct_equal(ByteView(data_, size_), ByteView(other.data_, other.size_));
    }
    bool operator==(const SecretBytes&) const = delete;

  private:
    void reset() noexcept {
        if (data_ != nullptr) SecretMemory::release(data_, size_);
        data_ = nullptr;
        size_ = 0;
    }

    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
};

// Secret is a secret of N bytes with a role: `Secret<32, RequestSecretTag>`. Same rules as SecretBytes.
template <std::size_t N, class Tag>
class Secret {
  public:
    Secret() : bytes_(N) {}
    Secret(Secret&&) noexcept = default;
    Secret& operator=(Secret&&) noexcept = default;

    static constexpr std::size_t kSize = N;
    static Secret copy_from(ByteView bytes) {
        Secret out;
        out.fill([&](ByteSpan span) { std::copy_n(bytes.begin(), std::min(N, bytes.size()), span.begin()); });
        return out;
    }
    Secret clone() const {
        return with([](ByteView view) { return copy_from(view); });
    }

    template <class Fn>
    decltype(auto) with(Fn&& fn) const {
        return bytes_.with(std::forward<Fn>(fn));
    }
    template <class Fn>
    decltype(auto) fill(Fn&& fn) {
        return bytes_.fill(std::forward<Fn>(fn));
    }
    bool ct_equal(const Secret& other) const noexcept { return bytes_.ct_equal(other.bytes_); }
    bool operator==(const Secret&) const = delete;

  private:
    SecretBytes bytes_;
};

}  // namespace openpcc

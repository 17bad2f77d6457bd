// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "core/bytes.hpp"
#include "core/secret.hpp"

namespace openpcc {

// Plaintext holds a user's words: a prompt, an answer, a sealed message's content. It grows (so it does not live in
// locked pages; processes that hold one lock all their memory), is move-only, is wiped when it grows, moves or dies, and
// has no formatter: nothing can log it. It lives as long as one exchange and no longer.
class Plaintext {
  public:
    Plaintext() = default;
    explicit Plaintext(std::size_t size) : data_(size) {}
    Plaintext(Plaintext&& other) noexcept : data_(std::exchange(other.data_, {})) {}
    Plaintext& operator=(Plaintext&& other) noexcept {
        if (this != &other) {
            clear();
            data_ = std::exchange(other.data_, {});
        }
        return *this;
    }
    Plaintext(const Plaintext&) = delete;
    Plaintext& operator=(const Plaintext&) = delete;
    ~Plaintext() { clear(); }

    static Plaintext copy_from(ByteView bytes) {
        Plaintext out;
        out.append(bytes);
        return out;
    }

    std::size_t size() const { return data_.size(); }
    bool empty() const { return data_.empty(); }

    void append(ByteView bytes);
    void resize(std::size_t size);
    void reserve(std::size_t size);
    // erase_front drops and wipes the first bytes.
    void erase_front(std::size_t count);
    void clear() noexcept {
        wipe(data_);
        data_.clear();
    }

    template <class Fn>
    decltype(auto) with(Fn&& fn) const {
        return std::forward<Fn>(fn)(ByteView(data_));
    }
    template <class Fn>
    decltype(auto) fill(Fn&& fn) {
        return std::forward<Fn>(fn)(ByteSpan(data_));
    }
    bool operator==(const Plaintext&) const = delete;

  private:
    std::vector<std::uint8_t> data_;
};

}  // namespace openpcc

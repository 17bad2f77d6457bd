// SPDX-License-Identifier: Apache-2.0
#include "core/secret.hpp"

#include <string.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <bit>
#include <mutex>
#include <new>

#include "core/assert.hpp"
#include "core/plaintext.hpp"

namespace openpcc {

namespace {

constexpr std::size_t kRegionSize = 64 * 1024;
constexpr std::size_t kSmallest = 32;
constexpr std::size_t kClasses = 8;  // 32, 64, ... 4096 bytes; larger secrets get pages of their own

std::atomic<bool> g_all_locked{true};

std::uint8_t* map_locked(std::size_t size) {
    void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    if (::mlock(memory, size) != 0) g_all_locked = false;
    ::madvise(memory, size, MADV_DONTDUMP);
    ::madvise(memory, size, MADV_WIPEONFORK);
    return static_cast<std::uint8_t*>(memory);
}

std::size_t class_of(std::size_t size) {
    const std::size_t rounded = std::bit_ceil(std::max(size, kSmallest));
    return static_cast<std::size_t>(std::countr_zero(rounded) - std::countr_zero(kSmallest));
}

// Pool keeps one list of free cells per size class. Regions are never given back: there are as many as the peak needs.
class Pool {
  public:
    std::uint8_t* take(std::size_t size_class) {
        const std::lock_guard lock(mutex_);
        if (free_[size_class] == nullptr) grow(size_class);
        Cell* cell = free_[size_class];
        free_[size_class] = cell->next;
        cell->next = nullptr;
        return reinterpret_cast<std::uint8_t*>(cell);
    }
    void give(std::uint8_t* memory, std::size_t size_class) noexcept {
        const std::lock_guard lock(mutex_);
        auto* cell = new (memory) Cell{free_[size_class]};
        free_[size_class] = cell;
    }

  private:
    struct Cell {
        Cell* next;
    };
    void grow(std::size_t size_class) {
        const std::size_t cell_size = kSmallest << size_class;
        std::uint8_t* region = map_locked(kRegionSize);
        for (std::size_t at = 0; at + cell_size <= kRegionSize; at += cell_size)
            free_[size_class] = new (region + at) Cell{free_[size_class]};
    }

    std::mutex mutex_;
    std::array<Cell*, kClasses> free_{};
};

Pool& pool() {
    static Pool* instance = new Pool;  // never destroyed: secrets in static objects may die after it
    return *instance;
}

}  // namespace

void wipe(ByteSpan bytes) noexcept {
    if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

bool ct_equal(ByteView a, ByteView b) noexcept {
    if (a.size() != b.size()) return false;
    volatile std::uint8_t difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference = difference | static_cast<std::uint8_t>(a[i] ^ b[i]);
    return difference == 0;
}

std::uint8_t* SecretMemory::allocate(std::size_t size) {
    if (size == 0) return nullptr;
    const std::size_t size_class = class_of(size);
    return size_class < kClasses ? pool().take(size_class) : map_locked(size);
}

void SecretMemory::release(std::uint8_t* memory, std::size_t size) noexcept {
    if (memory == nullptr) return;
    wipe(ByteSpan(memory, size));
    const std::size_t size_class = class_of(size);
    if (size_class < kClasses)
        pool().give(memory, size_class);
    else
        ::munmap(memory, size);
}

bool SecretMemory::all_locked() noexcept { return g_all_locked; }

SecretBytes SecretBytes::copy_from(ByteView bytes) {
    SecretBytes out(bytes.size());
    out.fill([&](ByteSpan span) { std::ranges::copy(bytes, span.begin()); });
    return out;
}

SecretBytes SecretBytes::clone() const {
    return with([](ByteView view) { return copy_from(view); });
}

void Plaintext::reserve(std::size_t size) {
    if (size <= data_.capacity()) return;
    std::vector<std::uint8_t> larger;
    larger.reserve(std::max(size, data_.capacity() * 2));
    larger.assign(data_.begin(), data_.end());
    wipe(data_);
    data_.swap(larger);
}

void Plaintext::append(ByteView bytes) {
    reserve(data_.size() + bytes.size());
    data_.insert(data_.end(), bytes.begin(), bytes.end());
}

void Plaintext::resize(std::size_t size) {
    if (size < data_.size()) wipe(ByteSpan(data_).subspan(size));
    reserve(size);
    data_.resize(size);
}

void Plaintext::erase_front(std::size_t count) {
    count = std::min(count, data_.size());
    const std::size_t rest = data_.size() - count;
    if (rest > 0) ::memmove(data_.data(), data_.data() + count, rest);
    wipe(ByteSpan(data_).subspan(rest));
    data_.resize(rest);
}

}  // namespace openpcc

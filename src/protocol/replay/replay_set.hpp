// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unordered_set>

#include "core/bytes.hpp"

namespace openpcc::replay {

// ReplaySet remembers, exactly, which encapsulated keys (`enc`) were seen under one live key; it dies with the key. It
// keeps a SHA-256 of each, so any size of enc costs the same. When it is full it refuses everything: forgetting would
// mean to admit a repeat. One owner, no lock.
class ReplaySet {
  public:
    enum class Answer { kFresh, kRepeated, kFull };
    explicit ReplaySet(std::size_t capacity) : capacity_(capacity) {}

    // admit remembers enc; only kFresh allows the request.
    Answer admit(ByteView enc);
    std::size_t size() const { return seen_.size(); }
    bool full() const { return seen_.size() >= capacity_; }
    // filling: half used. A key whose set fills early is replaced early, so that a flood costs a rotation and not the
    // service.
    bool filling() const { return seen_.size() >= capacity_ / 2; }

  private:
    std::size_t capacity_;
    std::unordered_set<Digest256, ByteHash> seen_;
};

}  // namespace openpcc::replay

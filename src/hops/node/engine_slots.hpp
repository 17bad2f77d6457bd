// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "core/result.hpp"
#include "io/net/event.hpp"
#include "io/net/loop.hpp"

namespace openpcc::node {

// EngineSlots hands out an engine's places, first come first served, to a bounded number of those who wait. One loop.
// It is held by shared pointer, because a place may outlive the engine.
class EngineSlots : public std::enable_shared_from_this<EngineSlots> {
  public:
    EngineSlots(net::Loop& loop, std::uint32_t places);

    // Place gives its places back when it dies.
    class Place {
      public:
        Place(std::shared_ptr<EngineSlots> slots, std::uint32_t count) : slots_(std::move(slots)), count_(count) {}
        Place(Place&& other) noexcept = default;
        Place& operator=(Place&&) = delete;
        ~Place() {
            if (slots_) slots_->give_back(count_);
        }

      private:
        std::shared_ptr<EngineSlots> slots_;
        std::uint32_t count_;
    };

    // take waits for `count` places. node.engine_busy, node.engine_down once closed, net.cancelled.
    net::Task<Result<Place>> take(std::uint32_t count);
    // close sends away who waits and who comes; open lets them in again.
    void close();
    void open() { closed_ = false; }

  private:
    void give_back(std::uint32_t count);

    const std::uint32_t places_;
    std::uint32_t free_;
    bool closed_ = true;
    std::uint64_t next_ticket_ = 0;
    std::deque<std::uint64_t> queue_;
    net::Event changed_;
};

}  // namespace openpcc::node

// SPDX-License-Identifier: Apache-2.0
#include "hops/node/engine_slots.hpp"

#include <algorithm>

#include "hops/node/engine.hpp"
#include "io/net/errors.hpp"

namespace openpcc::node {

namespace {

// Longer than this nobody waits: the gateway has other nodes.
constexpr auto kQueueTime = std::chrono::seconds(30);
constexpr std::size_t kQueuePerPlace = 8;

// Ticket is a place in the queue, left however the wait ends.
class Ticket {
  public:
    Ticket(std::deque<std::uint64_t>& queue, std::uint64_t number) : queue_(queue), number_(number) {
        queue_.push_back(number);
    }
    ~Ticket() { std::erase(queue_, number_); }
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    bool first() const { return queue_.front() == number_; }

  private:
    std::deque<std::uint64_t>& queue_;
    const std::uint64_t number_;
};

}  // namespace

EngineSlots::EngineSlots(net::Loop& loop, std::uint32_t places) : places_(places), free_(places), changed_(loop) {}

net::Task<Result<EngineSlots::Place>> EngineSlots::take(std::uint32_t count) {
    const auto self = shared_from_this();
    count = std::clamp<std::uint32_t>(count, 1, places_);
    if (closed_) co_return fail(kEngineDown);
    if (queue_.size() >= kQueuePerPlace * places_) co_return fail(kEngineBusy, "too many wait");
    const net::Deadline deadline = net::after(kQueueTime);
    Result<void> waited;
    {
        const Ticket ticket(queue_, next_ticket_++);
        while (waited && !closed_ && !(ticket.first() && free_ >= count)) waited = co_await changed_.wait(deadline);
    }
    changed_.notify();  // the next one is first now
    if (!waited && waited.error() == net::kTimeout) co_return fail(kEngineBusy, "waited too long");
    if (!waited) co_return std::unexpected(std::move(waited).error());
    if (closed_) co_return fail(kEngineDown);
    free_ -= count;
    co_return Place(self, count);
}

void EngineSlots::close() {
    closed_ = true;
    changed_.notify();
}

void EngineSlots::give_back(std::uint32_t count) {
    free_ += count;
    changed_.notify();
}

}  // namespace openpcc::node

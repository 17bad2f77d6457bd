// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "core/result.hpp"
#include "io/net/loop.hpp"

namespace openpcc::net {

// Event lets coroutines of one loop wait until another says that something has changed. It holds no state: a waiter
// checks its own condition first and again afterwards, because a notification may come for somebody else.
class Event {
  public:
    explicit Event(Loop& loop);
    ~Event();
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    // notify wakes all who wait now.
    void notify();
    // wait returns at the next notify; net.timeout, net.cancelled.
    Task<Result<void>> wait(Deadline deadline);

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace openpcc::net

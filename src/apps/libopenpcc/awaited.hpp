// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "core/time.hpp"

namespace openpcc::library {

// Awaited is what a caller's thread may be waiting for.
class Awaited {
  public:
    virtual ~Awaited() = default;
    // cancel lets everybody who waits, now or later, return with net.cancelled. Any thread.
    virtual void cancel() = 0;
};

// wait_for waits until `ready`, as long as the caller wishes.
template <class Ready>
void wait_for(std::condition_variable& changed, std::unique_lock<std::mutex>& lock, std::optional<Milliseconds> wait,
              Ready ready) {
    if (wait)
        changed.wait_for(lock, *wait, ready);
    else
        changed.wait(lock, ready);
}

}  // namespace openpcc::library

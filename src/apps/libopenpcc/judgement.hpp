// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "apps/libopenpcc/awaited.hpp"
#include "hops/client/nodes.hpp"

namespace openpcc::library {

// Judgement is one verification of all nodes, and those who wait for it.
class Judgement final : public Awaited {
  public:
    using Outcome = Result<std::shared_ptr<const client::Judged>>;

    // wait: nothing, not yet.
    std::optional<Outcome> wait(std::optional<Milliseconds> wait);
    void cancel() override;
    // end, on the session's thread.
    void end(Outcome outcome);
    // stale: it ended so long ago that it says nothing of now.
    bool stale() const;

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Outcome> outcome_;
    std::chrono::steady_clock::time_point ended_;
};

}  // namespace openpcc::library

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "io/device/report_device.hpp"
#include "io/net/loop.hpp"

namespace openpcc::device {

// Reports asks a report device on another thread, so that a loop goes on meanwhile. One call at a time is in the
// device, and at most kMaxWaiting wait for their turn; a call whose deadline passes is given up while the device may
// still work on it. One loop owns it.
class Reports {
  public:
    Reports(net::Loop& loop, std::unique_ptr<ReportDevice> device);

    Kind kind() const;
    static constexpr std::size_t kMaxWaiting = 64;
    // report: device.busy when too many wait, or when the deadline comes before the turn; device.timeout when it comes
    // later; else as the device answers.
    net::Task<Result<Evidence>> report(ReportData data, net::Deadline deadline);

  private:
    struct Call;
    struct State;
    net::Loop& loop_;
    std::shared_ptr<State> state_;
};

}  // namespace openpcc::device

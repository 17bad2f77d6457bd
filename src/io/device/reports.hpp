// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "io/device/report_device.hpp"
#include "io/net/loop.hpp"

namespace openpcc::device {

// Reports asks a report device on another thread, so that a loop goes on meanwhile. One call at a time is in the
// device; a call whose deadline passes is given up while the device still works on it, and until that has ended the
// next calls are device.busy. One loop owns it.
class Reports {
  public:
    Reports(net::Loop& loop, std::unique_ptr<ReportDevice> device);

    Kind kind() const;
    // report: device.timeout at the deadline; else as the device answers.
    net::Task<Result<Evidence>> report(ReportData data, net::Deadline deadline);

  private:
    struct State;
    net::Loop& loop_;
    std::shared_ptr<State> state_;
};

}  // namespace openpcc::device

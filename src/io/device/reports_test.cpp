// SPDX-License-Identifier: Apache-2.0
#include "io/device/reports.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "io/device/scripted_files.hpp"

namespace openpcc::device {
namespace {

// A device that answers when it is let.
class SlowDevice final : public ReportDevice {
  public:
    explicit SlowDevice(std::shared_future<void> go) : go_(std::move(go)) {}
    Kind kind() const override { return Kind::kTdx; }
    Result<Evidence> report(const ReportData& data, Deadline) override {
        thread = std::this_thread::get_id();
        go_.wait();
        return Evidence{Kind::kTdx, tdx_report(data), {}};
    }
    static inline std::thread::id thread;

  private:
    std::shared_future<void> go_;
};

struct Slow {
    std::promise<void> go;
    net::Loop loop;
    Reports reports{loop, std::make_unique<SlowDevice>(go.get_future().share())};
    Result<Evidence> ask(std::uint8_t fill, std::chrono::milliseconds time) {
        return loop.run_until_done(reports.report(report_data(fill), net::after(time)));
    }
};

TEST(Reports, AskOnAnotherThread) {
    Slow slow;
    slow.go.set_value();
    const auto evidence = slow.ask(3, std::chrono::seconds(10));
    ASSERT_TRUE(evidence);
    EXPECT_EQ(evidence->report, tdx_report(report_data(3)));
    EXPECT_NE(SlowDevice::thread, std::this_thread::get_id());
}

TEST(Reports, GiveUpAtTheDeadlineAndAreBusyUntilTheDeviceIsDone) {
    Slow slow;
    EXPECT_EQ(slow.ask(1, std::chrono::milliseconds(10)).error(), kTimeout);
    EXPECT_EQ(slow.ask(2, std::chrono::seconds(10)).error(), kBusy);
    slow.go.set_value();
    slow.loop.run();
    // The answer that came too late is nobody's.
    const auto evidence = slow.ask(4, std::chrono::seconds(10));
    ASSERT_TRUE(evidence);
    EXPECT_EQ(evidence->report, tdx_report(report_data(4)));
}

}  // namespace
}  // namespace openpcc::device

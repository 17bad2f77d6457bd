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
    EXPECT_EQ(slow.ask(2, std::chrono::milliseconds(10)).error(), kBusy);
    slow.go.set_value();
    slow.loop.run();
    // The answer that came too late is nobody's.
    const auto evidence = slow.ask(4, std::chrono::seconds(10));
    ASSERT_TRUE(evidence);
    EXPECT_EQ(evidence->report, tdx_report(report_data(4)));
}

TEST(Reports, CallersWaitForTheirTurnAndGetTheirOwn) {
    Slow slow;
    std::size_t answered = 0;
    std::size_t busy = 0;
    const auto ask = [&](std::uint8_t fill) -> net::Task<void> {
        const auto evidence = co_await slow.reports.report(report_data(fill), net::after(std::chrono::seconds(10)));
        if (evidence)
            answered += evidence->report == tdx_report(report_data(fill)) ? 1U : 0U;
        else
            busy += evidence.error() == kBusy ? 1U : 0U;
    };
    // One at work, as many waiting as may, and three too many.
    for (std::size_t i = 0; i < Reports::kMaxWaiting + 4; ++i) slow.loop.spawn(ask(static_cast<std::uint8_t>(i)));
    slow.loop.spawn([](std::promise<void>& go) -> net::Task<void> {
        go.set_value();
        co_return;
    }(slow.go));
    slow.loop.run();
    EXPECT_EQ(answered, Reports::kMaxWaiting + 1);
    EXPECT_EQ(busy, 3U);
}

}  // namespace
}  // namespace openpcc::device

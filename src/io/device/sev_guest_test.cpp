// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>

#include "io/device/scripted_files.hpp"
#include "io/device/sev_guest_abi.hpp"

namespace openpcc::device {
namespace {

using namespace sev_guest;

// What the driver does with the requests of a guest.
class ScriptedGuest : public ScriptedFiles {
  public:
    ScriptedGuest() { content["/dev/sev-guest"] = {}; }

    struct Step {
        int error = 0;
        std::uint64_t exit_info2 = 0;
    };
    std::deque<Step> steps;  // then it works
    Bytes table{9, 9, 9};
    std::uint32_t status = 0;
    std::uint32_t size = kSnpReportSize;
    std::uint32_t vmpl = 99;
    bool has_reports_folder = false;
    std::vector<unsigned long> requests;
    std::function<Bytes(ByteView)> make = snp_report;

    Answer<> make_folder(const std::string&) override { return std::unexpected(has_reports_folder ? EACCES : ENOENT); }
    Answer<> control(const std::string& path, unsigned long request, void* argument) override {
        EXPECT_EQ(path, "/dev/sev-guest");
        requests.push_back(request);
        auto& guest = *static_cast<GuestRequest*>(argument);
        EXPECT_EQ(guest.message_version, 1);
        auto& extended = *reinterpret_cast<ExtendedRequest*>(guest.request);
        EXPECT_EQ(extended.certificates % 4096, 0U);
        if (!steps.empty()) {
            const Step step = steps.front();
            steps.pop_front();
            guest.exit_info2 = step.exit_info2;
            if (step.error != 0) return std::unexpected(step.error);
            if (step.exit_info2 != 0) return {};
        }
        const auto& report_request = *reinterpret_cast<ReportRequest*>(guest.request);
        vmpl = report_request.vmpl;
        if (request == kGetExtendedReport)
            std::memcpy(reinterpret_cast<void*>(extended.certificates), table.data(), table.size());
        auto& response = *reinterpret_cast<Response*>(guest.response);
        std::memcpy(response.data.data(), &status, 4);
        std::memcpy(response.data.data() + 4, &size, 4);
        const Bytes report = make(report_request.user_data);
        std::memcpy(response.data.data() + 32, report.data(), report.size());
        return {};
    }
};

constexpr std::uint64_t kHost = std::uint64_t{1} << 32;

Result<Evidence> ask(ScriptedGuest& guest, std::optional<std::uint8_t> level = std::nullopt) {
    Options options;
    options.wait = [](Milliseconds) {};
    options.privilege_level = level;
    return open_sev_guest(guest, options).value()->report(report_data(5), soon());
}

TEST(SevGuest, GivesTheReportAndTheHostsTable) {
    ScriptedGuest guest;
    const auto evidence = ask(guest, 1).value();
    EXPECT_EQ(evidence.kind, Kind::kSnp);
    EXPECT_EQ(evidence.report, snp_report(report_data(5)));
    EXPECT_TRUE(equal(evidence.auxiliary.view().first(3), guest.table));
    EXPECT_EQ(evidence.auxiliary.size(), kMaxTable);
    EXPECT_EQ(guest.vmpl, 1U);
    EXPECT_EQ(guest.requests, std::vector<unsigned long>{kGetExtendedReport});
}

TEST(SevGuest, WithoutRoomForTheTableThereIsStillAReport) {
    for (const int error : {0, EIO, ENOSPC}) {
        ScriptedGuest guest;
        guest.steps = {{error, kHost * kHostInvalidLength}};
        const auto evidence = ask(guest).value();
        EXPECT_TRUE(evidence.auxiliary.empty());
        EXPECT_EQ(guest.requests, (std::vector<unsigned long>{kGetExtendedReport, kGetReport}));
    }
}

TEST(SevGuest, ABusyHostIsAskedAgain) {
    ScriptedGuest guest;
    guest.steps = {{EAGAIN, kHost * kHostBusy}, {EINTR, 0}, {0, kHost * kHostBusy}};
    EXPECT_TRUE(ask(guest));
    EXPECT_EQ(guest.requests.size(), 4U);
    guest.steps.assign(1000, {EBUSY, 0});
    EXPECT_EQ(ask(guest).error(), kBusy);
}

TEST(SevGuest, RefusalsAndOtherReportsAreErrors) {
    ScriptedGuest refused;
    refused.steps = {{EIO, 0x16}};
    EXPECT_EQ(ask(refused).error(), kFailed);
    ScriptedGuest quiet;  // an error that only the exit information tells
    quiet.steps = {{0, 0x16}};
    EXPECT_EQ(ask(quiet).error(), kFailed);
    ScriptedGuest status;
    status.status = 0x16;
    EXPECT_EQ(ask(status).error(), kFailed);
    for (const std::uint32_t size : {0U, 1183U, 1185U, 0xffffffffU}) {
        ScriptedGuest other;
        other.size = size;
        EXPECT_EQ(ask(other).error(), kBadReport) << size;
    }
    ScriptedGuest mixed;
    mixed.make = [](ByteView) { return snp_report(report_data(6)); };
    EXPECT_EQ(ask(mixed).error(), kBadReport);
}

TEST(SevGuest, IsTheSecondChoice) {
    ScriptedGuest guest;
    guest.has_reports_folder = false;
    EXPECT_EQ(open_report_device(guest, {}).value()->kind(), Kind::kSnp);
    EXPECT_TRUE(guest.requests.empty());
    guest.content.clear();
    EXPECT_EQ(open_report_device(guest, {}).error(), kNone);
    // With the first interface there, and not usable, the second is not tried: two would name two privilege levels.
    guest.content["/dev/sev-guest"] = {};
    guest.has_reports_folder = true;
    EXPECT_EQ(open_report_device(guest, {}).error(), kFailed);
}

}  // namespace
}  // namespace openpcc::device

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/ioctl.h>

#include <array>
#include <cstdint>

// What /dev/sev-guest understands (linux/sev-guest.h, which older systems have in another form).
namespace openpcc::device::sev_guest {

struct ReportRequest {
    std::uint8_t user_data[64] = {};
    std::uint32_t vmpl = 0;
    std::uint8_t reserved[28] = {};
};
static_assert(sizeof(ReportRequest) == 96);

struct ExtendedRequest {
    ReportRequest report;
    std::uint64_t certificates = 0;  // address
    std::uint32_t certificates_size = 0;
};
static_assert(sizeof(ExtendedRequest) == 112);

struct Response {
    std::array<std::uint8_t, 4000> data{};
};

struct GuestRequest {
    std::uint8_t message_version = 0;
    std::uint64_t request = 0;     // address
    std::uint64_t response = 0;    // address
    std::uint64_t exit_info2 = 0;  // the host's error above the firmware's
};
static_assert(sizeof(GuestRequest) == 32);

inline constexpr unsigned long kGetReport = _IOWR('S', 0x0, GuestRequest);
inline constexpr unsigned long kGetExtendedReport = _IOWR('S', 0x2, GuestRequest);
inline constexpr std::uint32_t kHostInvalidLength = 1;
inline constexpr std::uint32_t kHostBusy = 2;
inline constexpr std::uint32_t kMaxTable = 0x4000;  // more the driver does not take

}  // namespace openpcc::device::sev_guest

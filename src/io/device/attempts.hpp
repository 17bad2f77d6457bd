// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cerrno>
#include <string>
#include <system_error>
#include <thread>

#include "io/device/report_device.hpp"

namespace openpcc::device {

// Answers that only mean "not now".
inline bool is_passing(int error) { return error == EBUSY || error == EINTR || error == EAGAIN || error == ETIMEDOUT; }

// refused says what the kernel said, in words of our own libc and no peer's.
inline std::unexpected<Error> refused(std::string_view what, int error) {
    const ErrorCode code = is_passing(error) ? kBusy : kFailed;
    return fail(code, std::string(what) + ": " + std::generic_category().message(error));
}

// attempt calls until the answer is not device.busy, until the deadline, or as often as the options say, and waits
// longer each time.
template <class Call>
Result<Evidence> attempt(const Options& options, Deadline deadline, Call call) {
    constexpr Milliseconds kFirst{5}, kLongest{500};
    Milliseconds pause = kFirst;
    for (unsigned left = options.attempts; left > 0; --left) {
        Result<Evidence> answer = call();
        if (answer || answer.error() != kBusy || left == 1) return answer;
        if (std::chrono::steady_clock::now() + pause >= deadline) return answer;
        if (options.wait)
            options.wait(pause);
        else
            std::this_thread::sleep_for(pause);
        pause = std::min(2 * pause, kLongest);
    }
    return fail(kBusy, "no attempt is allowed");
}

}  // namespace openpcc::device

// SPDX-License-Identifier: Apache-2.0
#include "io/device/reports.hpp"

#include "io/net/errors.hpp"
#include "io/net/event.hpp"

namespace openpcc::device {

// State outlives a call that was given up.
struct Reports::State {
    State(net::Loop& on, std::unique_ptr<ReportDevice> of) : device(std::move(of)), changed(on) {}
    std::unique_ptr<ReportDevice> device;
    net::Event changed;
    bool at_work = false;
    std::optional<Result<Evidence>> answer;  // to the newest call

    static net::Task<void> work(net::Loop& loop, std::shared_ptr<State> state, ReportData data,
                                net::Deadline deadline) {
        Result<Evidence> answer = fail(kFailed);
        std::function<void()> ask = [&] { answer = state->device->report(data, deadline); };
        co_await net::offload(loop, std::move(ask));
        state->at_work = false;
        state->answer = std::move(answer);
        state->changed.notify();
    }
};

Reports::Reports(net::Loop& loop, std::unique_ptr<ReportDevice> device)
    : loop_(loop), state_(std::make_shared<State>(loop, std::move(device))) {}

Kind Reports::kind() const { return state_->device->kind(); }

net::Task<Result<Evidence>> Reports::report(ReportData data, net::Deadline deadline) {
    const auto state = state_;
    if (state->at_work) co_return fail(kBusy, "the report device is at work");
    state->at_work = true;
    state->answer.reset();
    loop_.spawn(State::work(loop_, state, data, deadline));
    while (!state->answer) {
        const auto woken = co_await state->changed.wait(deadline);
        if (woken || state->answer) continue;
        if (woken.error() != net::kTimeout) co_return std::unexpected(woken.error());
        co_return fail(kTimeout, "no report before the deadline");
    }
    Result<Evidence> answer = std::move(*state->answer);
    state->answer.reset();
    co_return answer;
}

}  // namespace openpcc::device

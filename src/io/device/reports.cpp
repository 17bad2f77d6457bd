// SPDX-License-Identifier: Apache-2.0
#include "io/device/reports.hpp"

#include "io/net/errors.hpp"
#include "io/net/event.hpp"

namespace openpcc::device {

// Call is one question and its answer.
struct Reports::Call {
    ReportData data;
    net::Deadline deadline;
    std::optional<Result<Evidence>> answer;
};

// State and Call outlive a caller that has given up.
struct Reports::State {
    State(net::Loop& on, std::unique_ptr<ReportDevice> of) : device(std::move(of)), changed(on) {}
    std::unique_ptr<ReportDevice> device;
    net::Event changed;
    bool at_work = false;
    std::size_t waiting = 0;

    static net::Task<void> work(net::Loop& loop, std::shared_ptr<State> state, std::shared_ptr<Call> call) {
        Result<Evidence> answer = fail(kFailed);
        std::function<void()> ask = [&] { answer = state->device->report(call->data, call->deadline); };
        co_await net::offload(loop, std::move(ask));
        call->answer = std::move(answer);  // on the loop's thread, as all that callers look at
        state->at_work = false;
        state->changed.notify();
    }

    // turn waits until the device is free. The caller looks again: another may be first.
    static net::Task<Result<void>> turn(std::shared_ptr<State> state, net::Deadline deadline) {
        if (state->waiting == kMaxWaiting) co_return fail(kBusy, "too many wait for the report device");
        ++state->waiting;
        Result<void> woken;
        while (state->at_work && woken) woken = co_await state->changed.wait(deadline);
        --state->waiting;
        if (!state->at_work || woken) co_return Result<void>();
        if (woken.error() != net::kTimeout) co_return std::unexpected(woken.error());
        co_return fail(kBusy, "the report device is at work");
    }
};

Reports::Reports(net::Loop& loop, std::unique_ptr<ReportDevice> device)
    : loop_(loop), state_(std::make_shared<State>(loop, std::move(device))) {}

Kind Reports::kind() const { return state_->device->kind(); }

net::Task<Result<Evidence>> Reports::report(ReportData data, net::Deadline deadline) {
    const auto state = state_;
    while (state->at_work) OPENPCC_CO_CHECK(co_await State::turn(state, deadline));
    state->at_work = true;
    const auto call = std::make_shared<Call>(Call{data, deadline, std::nullopt});
    loop_.spawn(State::work(loop_, state, call));
    Result<void> woken;
    while (!call->answer && woken) woken = co_await state->changed.wait(deadline);
    if (call->answer) co_return std::move(*call->answer);
    if (woken.error() != net::kTimeout) co_return std::unexpected(woken.error());
    co_return fail(kTimeout, "no report before the deadline");
}

}  // namespace openpcc::device

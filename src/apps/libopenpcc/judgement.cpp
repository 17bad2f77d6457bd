// SPDX-License-Identifier: Apache-2.0
#include "apps/libopenpcc/judgement.hpp"

#include "io/net/errors.hpp"

namespace openpcc::library {

namespace {

constexpr std::chrono::seconds kStale(30);

}  // namespace

std::optional<Judgement::Outcome> Judgement::wait(std::optional<Milliseconds> wait) {
    std::unique_lock lock(mutex_);
    wait_for(changed_, lock, wait, [&] { return outcome_.has_value(); });
    return outcome_;
}

void Judgement::cancel() { end(fail(net::kCancelled)); }

void Judgement::end(Outcome outcome) {
    const std::scoped_lock lock(mutex_);
    if (outcome_) return;
    outcome_ = std::move(outcome);
    ended_ = std::chrono::steady_clock::now();
    changed_.notify_all();
}

bool Judgement::stale() const {
    const std::scoped_lock lock(mutex_);
    return outcome_ && std::chrono::steady_clock::now() - ended_ > kStale;
}

}  // namespace openpcc::library

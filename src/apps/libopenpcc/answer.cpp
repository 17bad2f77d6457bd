// SPDX-License-Identifier: Apache-2.0
#include "apps/libopenpcc/answer.hpp"

#include <algorithm>
#include <utility>

#include "io/net/connect.hpp"
#include "io/net/errors.hpp"

namespace openpcc::library {

Result<std::optional<std::uint16_t>> Answer::status(std::optional<Milliseconds> wait) {
    std::unique_lock lock(mutex_);
    wait_for(changed_, lock, wait, [&] { return cancelled_ || status_ || outcome_; });
    if (cancelled_) return fail(net::kCancelled);
    if (!status_ && outcome_ && !*outcome_) return std::unexpected(outcome_->error());
    return status_;
}

Result<std::optional<std::size_t>> Answer::read(ByteSpan out, std::optional<Milliseconds> wait) {
    std::unique_lock lock(mutex_);
    wait_for(changed_, lock, wait, [&] { return cancelled_ || !piece_.empty() || outcome_; });
    if (cancelled_) return fail(net::kCancelled);
    if (piece_.empty()) {
        if (!outcome_) return std::nullopt;
        if (!*outcome_) return std::unexpected(outcome_->error());
        return std::size_t(0);
    }
    const std::size_t size = std::min(out.size(), piece_.size() - read_);
    piece_.with([&](ByteView piece) { std::ranges::copy(piece.subspan(read_, size), out.begin()); });
    read_ += size;
    if (read_ < piece_.size()) return size;
    piece_.clear();
    lock.unlock();
    loop_.post([self = shared_from_this()] {
        if (self->was_read_) self->was_read_->notify();
    });
    return size;
}

const std::string* Answer::answered_by() const {
    const std::scoped_lock lock(mutex_);
    return outcome_ && *outcome_ ? &(*outcome_)->answered_by : nullptr;
}

void Answer::cancel() {
    const std::scoped_lock lock(mutex_);
    if (wholly_read()) return;
    cancelled_ = true;
    piece_.clear();
    changed_.notify_all();
}

void Answer::head(std::uint16_t status) {
    const std::scoped_lock lock(mutex_);
    status_ = status;
    changed_.notify_all();
}

net::Task<Result<void>> Answer::hand_over(Plaintext piece) {
    {
        const std::scoped_lock lock(mutex_);
        piece_ = std::move(piece);
        read_ = 0;
        if (cancelled_) piece_.clear();
        changed_.notify_all();
    }
    while (true) {
        {
            const std::scoped_lock lock(mutex_);
            if (cancelled_) co_return fail(net::kCancelled);
            if (piece_.empty()) co_return Result<void>{};
        }
        OPENPCC_CO_CHECK(co_await was_read_->wait(net::Deadline::max()));
    }
}

void Answer::end(Result<client::Receipt> outcome) {
    was_read_.reset();
    const std::scoped_lock lock(mutex_);
    outcome_ = std::move(outcome);
    changed_.notify_all();
}

Result<void> Delivery::head(const http::ResponseHead& head) {
    answer_.head(head.status);
    return {};
}

Result<void> Delivery::content(ByteView text) {
    waiting_.append(text);
    return {};
}

net::Task<Result<void>> Delivery::taken() {
    if (waiting_.empty()) co_return Result<void>{};
    co_return co_await answer_.hand_over(std::exchange(waiting_, Plaintext()));
}

}  // namespace openpcc::library

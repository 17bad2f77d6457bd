// SPDX-License-Identifier: Apache-2.0
#include "io/net/event.hpp"

#include <boost/asio/steady_timer.hpp>
#include <list>

#include "io/net/asio_await.hpp"
#include "io/net/errors.hpp"
#include "io/net/loop_impl.hpp"

namespace openpcc::net {

// Each waiter has a timer of its own, in its frame, so that deadlines do not disturb each other and nothing is left
// behind when the loop ends.
struct Event::Impl {
    boost::asio::io_context& context;
    std::shared_ptr<bool> closing;
    struct Waiter;
    std::list<Waiter*> waiters;
};

struct Event::Impl::Waiter {
    Waiter(std::shared_ptr<Impl> list, Deadline deadline)
        : owner(std::move(list)),
          timer(owner->context, deadline),
          place(owner->waiters.insert(owner->waiters.end(), this)) {}
    ~Waiter() { owner->waiters.erase(place); }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    const std::shared_ptr<Impl> owner;  // the Event may die first
    boost::asio::steady_timer timer;
    bool notified = false;
    const std::list<Waiter*>::iterator place;
};

Event::Event(Loop& loop) : impl_(std::make_shared<Impl>(loop.impl().context, loop.impl().closing)) {}
Event::~Event() { notify(); }

void Event::notify() {
    if (*impl_->closing) return;  // the loop is taking its coroutines down: nobody is left to wake
    for (auto* waiter : impl_->waiters) {
        waiter->notified = true;
        waiter->timer.cancel();
    }
}

Task<Result<void>> Event::wait(Deadline deadline) {
    if (co_await is_cancelled()) co_return fail(kCancelled);
    Impl::Waiter waiter(impl_, deadline);
    auto [ec] = co_await waiter.timer.async_wait(kAwait);
    if (co_await is_cancelled()) co_return fail(kCancelled);
    if (!waiter.notified && !ec) co_return fail(kTimeout);
    co_return Result<void>();
}

}  // namespace openpcc::net

// SPDX-License-Identifier: Apache-2.0
#include "io/net/loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <exception>

#include "core/assert.hpp"
#include "io/net/asio_await.hpp"
#include "io/net/errors.hpp"
#include "io/net/loop_impl.hpp"

namespace openpcc::net {

namespace asio = boost::asio;

namespace {

// Evidence is verified rarely (a node per few minutes), so two threads are plenty and keep the cores for the loops.
constexpr std::size_t kOffloadThreads = 2;

// root is the first frame of every coroutine: it makes cancellation a value, and it never runs inside the call that
// spawned it, so that a caller can store what spawn returns before anything happens.
Task<void> root(Task<void> task) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::post(asio::use_awaitable);
    if (co_await is_cancelled()) co_return;
    co_await std::move(task);
}

// A coroutine that is cancelled before its first step ends with an exception of Asio's own; any other one is a bug.
void end_on_bug(const std::exception_ptr& error) {
    if (!error) return;
    try {
        std::rethrow_exception(error);
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) return;
        std::terminate();
    } catch (...) {
        std::terminate();
    }
}

struct ChildState : std::enable_shared_from_this<ChildState> {
    explicit ChildState(Loop::Impl& loop)
        : context(loop.context), ended_timer(loop.context, Deadline::max()), closing(loop.closing) {}
    asio::io_context& context;
    asio::cancellation_signal signal;
    asio::steady_timer ended_timer;
    std::shared_ptr<bool> closing;
    bool ended = false;

    void cancel() {
        if (ended || *closing) return;
        // Asio's own handler passes a signal on through the loop. Emitted from outside of it, the signal could arrive
        // after the child has ended and its memory is gone; so it is emitted inside, where passing it on is immediate.
        asio::dispatch(context, [state = shared_from_this()] {
            if (!state->ended && !*state->closing) state->signal.emit(asio::cancellation_type::terminal);
        });
    }
};

class SpawnedChild final : public Child {
  public:
    explicit SpawnedChild(std::shared_ptr<ChildState> state) : state_(std::move(state)) {}
    ~SpawnedChild() override { state_->cancel(); }
    void cancel() override { state_->cancel(); }

    Task<void> done() override {
        const auto state = state_;
        while (!state->ended) {
            if (co_await is_cancelled()) {
                // The child may use what the waiter owns: pass the cancellation on, and still wait for its end.
                state->cancel();
                co_await state->ended_timer.async_wait(asio::bind_cancellation_slot(asio::cancellation_slot(), kAwait));
            } else {
                co_await state->ended_timer.async_wait(kAwait);
            }
        }
    }

  private:
    std::shared_ptr<ChildState> state_;
};

void wait_for_signals(asio::signal_set& set, std::function<void()> callback) {
    set.async_wait([&set, callback = std::move(callback)](const boost::system::error_code& ec, int) {
        if (ec) return;
        callback();
        wait_for_signals(set, callback);
    });
}

}  // namespace

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

void Loop::spawn(Task<void> task) { asio::co_spawn(impl_->context, root(std::move(task)), end_on_bug); }

void Loop::post(std::function<void()> work) { asio::post(impl_->context, std::move(work)); }

void Loop::run() {
    impl_->context.run();
    impl_->context.restart();  // afterwards, so that a stop that comes before run is not forgotten
}

void Loop::stop() { impl_->context.stop(); }

void Loop::run_blocking(Task<void> task) {
    bool done = false;
    asio::co_spawn(impl_->context, root(std::move(task)), [&](const std::exception_ptr& error) {
        end_on_bug(error);
        done = true;
        impl_->context.stop();
    });
    const auto work = asio::make_work_guard(impl_->context);
    while (!done) {
        impl_->context.restart();
        impl_->context.run();
    }
    impl_->context.restart();
}

void Loop::on_signal(std::function<void()> callback) {
    impl_->signals.emplace(impl_->context, SIGINT, SIGTERM);
    wait_for_signals(*impl_->signals, std::move(callback));
}

void Loop::on_hangup(std::function<void()> callback) {
    impl_->hangups.emplace(impl_->context, SIGHUP);
    wait_for_signals(*impl_->hangups, std::move(callback));
}

Task<Result<void>> sleep_until(Deadline deadline) {
    if (co_await is_cancelled()) co_return fail(kCancelled);
    asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
    auto [ec] = co_await timer.async_wait(kAwait);
    if (ec) co_return fail(kCancelled);
    co_return Result<void>();
}

std::unique_ptr<Child> spawn_child(Loop& loop, Task<void> task) {
    auto state = std::make_shared<ChildState>(loop.impl());
    auto ended = [state](const std::exception_ptr& error) {
        end_on_bug(error);
        state->ended = true;
        state->ended_timer.cancel();
    };
    asio::co_spawn(loop.impl().context, root(std::move(task)),
                   asio::bind_cancellation_slot(state->signal.slot(), std::move(ended)));
    return std::make_unique<SpawnedChild>(std::move(state));
}

Task<void> offload(Loop& loop, std::function<void()> work) {
    auto& impl = loop.impl();
    if (!impl.pool) impl.pool.emplace(kOffloadThreads);
    // The caller's frame may own what the work uses, so its end is awaited even when the caller is cancelled. The timer
    // is touched by this thread only: the worker posts.
    auto ended = std::make_shared<asio::steady_timer>(impl.context, Deadline::max());
    auto done = std::make_shared<bool>(false);
    asio::post(*impl.pool, [work = std::move(work), ended, done, guard = asio::make_work_guard(impl.context)] {
        work();
        asio::post(guard.get_executor(), [ended, done] {
            *done = true;
            ended->cancel();
        });
    });
    while (!*done) {
        co_await ended->async_wait(asio::bind_cancellation_slot(asio::cancellation_slot(), kAwait));
    }
}

}  // namespace openpcc::net

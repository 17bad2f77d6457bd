// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "core/result.hpp"
#include "io/net/stream.hpp"
#include "io/net/task.hpp"

namespace openpcc::net {

// Loop is one thread's event loop. Everything started on it runs on the thread that calls run; nothing needs a lock.
class Loop {
  public:
    Loop();
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // spawn starts a coroutine at the loop's next turn, never inside the call; an exception that escapes it is a bug
    // and ends the process.
    void spawn(Task<void> task);
    // post has `work` done at a later turn, on the loop's thread. It may be called from any thread, as stop may. What
    // is posted after the loop has come to its end is dropped with the loop.
    void post(std::function<void()> work);
    // run until stop, or until nothing is left to do.
    void run();
    // stop may be called from any thread or from a signal callback.
    void stop();
    // run_until_done runs one coroutine to its end on this thread and returns its result, whatever stop says: for
    // command line programs and tests.
    template <class T>
    T run_until_done(Task<T> task);
    void run_until_done(Task<void> task) { run_blocking(std::move(task)); }
    // on_signal calls back on SIGINT and SIGTERM.
    void on_signal(std::function<void()> callback);
    // on_hangup calls back on SIGHUP, by which operators ask a daemon to read its files again.
    void on_hangup(std::function<void()> callback);

    struct Impl;
    Impl& impl() { return *impl_; }

  private:
    void run_blocking(Task<void> task);
    std::unique_ptr<Impl> impl_;
};

// sleep_until waits; net.cancelled when the coroutine is cancelled.
Task<Result<void>> sleep_until(Deadline deadline);

// Child is a coroutine that can be stopped from outside.
class Child {
  public:
    virtual ~Child() = default;  // cancels and forgets
    // cancel makes whatever the child awaits, now and later, return net.cancelled.
    virtual void cancel() = 0;
    // done waits until it has ended. A waiter that is cancelled cancels the child and still waits for its end, so the
    // child may use what the waiter owns.
    virtual Task<void> done() = 0;
};
std::unique_ptr<Child> spawn_child(Loop& loop, Task<void> task);

// offload runs CPU-heavy work (evidence verification) on another thread and resumes here when it has ended; it is not
// interrupted by cancellation, so the work may use what the caller owns.
Task<void> offload(Loop& loop, std::function<void()> work);

template <class T>
T Loop::run_until_done(Task<T> task) {
    std::unique_ptr<T> value;
    auto wrap = [](Task<T> inner, std::unique_ptr<T>& out) -> Task<void> {
        out = std::make_unique<T>(co_await std::move(inner));
    };
    run_blocking(wrap(std::move(task), value));
    return std::move(*value);
}

}  // namespace openpcc::net

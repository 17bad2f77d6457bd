// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <optional>

#include "io/net/loop.hpp"

namespace openpcc::net {

// The inside of a Loop, for io/net only. The members die in reverse order: first the pool, whose threads post to the
// context, then the context with every coroutine that still waits in it.
struct Loop::Impl {
    // One thread runs the context, so the scheduler may skip waking others.
    Impl() : context(1), closing(std::make_shared<bool>(false)) {}
    ~Impl() { *closing = true; }

    boost::asio::io_context context;
    std::optional<boost::asio::signal_set> signals, hangups;
    std::optional<boost::asio::thread_pool> pool;
    // Read by children that outlive the context's operations: after this there is nothing left to cancel.
    std::shared_ptr<bool> closing;
};

}  // namespace openpcc::net

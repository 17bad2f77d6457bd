// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

// For the .cpp files of io/net only: nobody else awaits an Asio operation.
namespace openpcc::net {

// kAwait gives errors as values. Cancelling the coroutine cancels the operation.
inline constexpr auto kAwait = boost::asio::as_tuple(boost::asio::use_awaitable);

// is_cancelled looks at the coroutine that awaits it: once cancelled, always cancelled.
inline boost::asio::awaitable<bool> is_cancelled() {
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    co_return state.cancelled() != boost::asio::cancellation_type::none;
}

}  // namespace openpcc::net

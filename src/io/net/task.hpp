// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>

namespace openpcc::net {

// Task is a coroutine of the one runtime we use, named here and nowhere else. The operand of co_await is a call whose
// arguments are names, moves or function results. A Task never throws: cancellation and failure are values.
template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace openpcc::net

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <span>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "io/net/task.hpp"

namespace openpcc::net {

using Clock = std::chrono::steady_clock;
// Deadline is a point of the monotonic clock; every wait has one.
using Deadline = Clock::time_point;
inline Deadline after(Clock::duration time) { return Clock::now() + time; }

// Stream is one connection's bytes: TCP, TLS over TCP, or a UNIX socket. One coroutine reads and one writes at a time;
// it belongs to the thread whose loop made it. Errors: net.* in io/net/errors.hpp. After an error only close is useful.
class Stream {
  public:
    virtual ~Stream() = default;

    // read_some waits for at least one byte. 0 means a clean end: FIN, and over TLS a close_notify; a TLS stream that
    // ends without one is net.truncated.
    virtual Task<Result<std::size_t>> read_some(ByteSpan into, Deadline deadline) = 0;
    // write sends all of it.
    virtual Task<Result<void>> write(ByteView bytes, Deadline deadline) = 0;
    // write_parts sends several pieces in order as if they were one, without joining large ones first.
    virtual Task<Result<void>> write_parts(std::span<const ByteView> parts, Deadline deadline) = 0;
    // wait_readable returns when there is something to read (data, end or error), without taking it: how a server
    // notices that its peer has gone while it waits for somebody else.
    virtual Task<Result<void>> wait_readable(Deadline deadline) = 0;
    // close_write ends our half in order (close_notify, then FIN).
    virtual Task<Result<void>> close_write(Deadline deadline) = 0;
    // close ends both halves at once; pending waits return net.closed.
    virtual void close() noexcept = 0;
    // reset closes so that the peer sees a broken connection (TCP: RST) and takes nothing it got for complete.
    virtual void reset() noexcept = 0;

    // readable_now: a read would not wait (data, end or error). An idle connection that is readable is of no use.
    virtual bool readable_now() noexcept = 0;

    // local_only: the peer is on this machine (loopback address or UNIX socket), judged by the connected socket.
    virtual bool local_only() const = 0;
};

}  // namespace openpcc::net

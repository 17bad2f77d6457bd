// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "core/result.hpp"
#include "io/net/stream.hpp"

namespace openpcc::net {

enum class Direction { kRead, kWrite };

// Socket is a non-blocking file descriptor and the two ways to wait for it; for io/net only. Reading and writing are
// plain system calls of its users, so that nothing waits that need not, and TLS can be driven by OpenSSL itself.
class Socket : public std::enable_shared_from_this<Socket> {
  public:
    // adopt takes ownership of fd, which is non-blocking already.
    static Result<std::shared_ptr<Socket>> adopt(boost::asio::io_context& context, int fd);
    explicit Socket(boost::asio::io_context& context) : descriptor_(context), timer_(context) {}

    int fd() noexcept { return descriptor_.native_handle(); }
    bool open() const noexcept { return descriptor_.is_open(); }

    // wait until the socket is ready, which includes its end and errors.
    Task<Result<void>> wait(Direction direction, Deadline deadline);
    // owes_turn counts system calls that did not wait. A connection whose peer keeps up with us would otherwise hold
    // the loop for as long as it has something to say; `give_way` lets the others run once.
    bool owes_turn() noexcept { return ++unwaited_ % kTurn == 0; }
    Task<void> give_way();
    void close() noexcept;
    void reset() noexcept;
    void shutdown_write() noexcept;
    bool peer_is_local() noexcept;

  private:
    static constexpr unsigned kTurn = 64;
    void arm(Direction direction, Deadline deadline);
    void start_timer(Deadline at);
    void on_timer();

    boost::asio::posix::stream_descriptor descriptor_;
    // One timer serves both directions. It stays armed when a wait ends early and looks again when it fires: most waits
    // are short against their deadlines, and arming costs a system call.
    boost::asio::steady_timer timer_;
    unsigned unwaited_ = 0;
    Deadline armed_ = Deadline::max();
    Deadline deadlines_[2] = {Deadline::max(), Deadline::max()};
};

}  // namespace openpcc::net

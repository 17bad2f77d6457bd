// SPDX-License-Identifier: Apache-2.0
#include "io/net/socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>

#include "io/net/asio_await.hpp"
#include "io/net/errors.hpp"

namespace openpcc::net {

namespace asio = boost::asio;

Result<std::shared_ptr<Socket>> Socket::adopt(asio::io_context& context, int fd) {
    auto socket = std::make_shared<Socket>(context);
    boost::system::error_code ec;
    socket->descriptor_.assign(fd, ec);
    if (ec) {
        ::close(fd);
        return fail(kUnreachable, "cannot watch another socket");
    }
    return socket;
}

Task<Result<void>> Socket::wait(Direction direction, Deadline deadline) {
    const auto self = shared_from_this();
    for (;;) {
        if (co_await is_cancelled()) co_return fail(kCancelled);
        if (!open()) co_return fail(kClosed);
        if (Clock::now() >= deadline) co_return fail(kTimeout);
        arm(direction, deadline);
        const auto type = direction == Direction::kRead ? asio::posix::descriptor_base::wait_read
                                                        : asio::posix::descriptor_base::wait_write;
        auto [ec] = co_await descriptor_.async_wait(type, kAwait);
        deadlines_[static_cast<int>(direction)] = Deadline::max();
        if (!ec) co_return Result<void>();
        // Aborted because of a close, a cancellation or a deadline, which may be the other direction's: look again.
        if (ec != asio::error::operation_aborted) co_return fail(kClosed);
    }
}

Task<void> Socket::give_way() { co_await asio::post(asio::use_awaitable); }

void Socket::arm(Direction direction, Deadline deadline) {
    deadlines_[static_cast<int>(direction)] = deadline;
    if (deadline < armed_) start_timer(deadline);
}

void Socket::start_timer(Deadline at) {
    armed_ = at;
    timer_.expires_at(at);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& ec) {
        if (ec) return;
        if (const auto self = weak.lock()) self->on_timer();
    });
}

void Socket::on_timer() {
    armed_ = Deadline::max();
    const Deadline next = std::min(deadlines_[0], deadlines_[1]);
    if (next > Clock::now()) {
        if (next != Deadline::max()) start_timer(next);
        return;
    }
    boost::system::error_code ignored;
    descriptor_.cancel(ignored);
}

void Socket::close() noexcept {
    boost::system::error_code ignored;
    timer_.cancel();
    descriptor_.close(ignored);
}

void Socket::reset() noexcept {
    if (!open()) return;
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &now, sizeof now);  // UNIX sockets ignore it: there the end is the break
    close();
}

void Socket::shutdown_write() noexcept {
    if (open()) ::shutdown(fd(), SHUT_WR);
}

bool Socket::peer_is_local() noexcept {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (!open() || ::getpeername(fd(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return false;
    if (address.ss_family == AF_UNIX) return true;
    if (address.ss_family == AF_INET) {
        return ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24 == 127;
    }
    if (address.ss_family != AF_INET6) return false;
    const in6_addr& v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(&v6) || (IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127);
}

}  // namespace openpcc::net

// SPDX-License-Identifier: Apache-2.0
#include "io/net/connect.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "io/net/errors.hpp"
#include "io/net/loop_impl.hpp"
#include "io/net/plain_stream.hpp"
#include "io/net/resolve.hpp"
#include "io/net/tls_stream.hpp"

namespace openpcc::net {

namespace {

// How often a UNIX socket whose queue is full is asked again: the kernel has no event for it.
constexpr auto kFullQueuePause = std::chrono::milliseconds(5);

Result<std::shared_ptr<Socket>> open_socket(Loop& loop, const Address& address) {
    const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail(kUnreachable, "cannot open another socket");
    if (address.storage.ss_family != AF_UNIX) {
        const int on = 1;  // tokens are small and must not wait for each other
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    return Socket::adopt(loop.impl().context, fd);
}

Task<Result<std::shared_ptr<Socket>>> connect_one(Loop& loop, Address address, Deadline deadline) {
    OPENPCC_CO_TRY(auto socket, open_socket(loop, address));
    while (::connect(socket->fd(), address.get(), address.size) != 0) {
        if (errno == EINTR) continue;
        if (errno == EAGAIN && address.storage.ss_family == AF_UNIX) {
            if (Clock::now() >= deadline) co_return fail(kTimeout);
            OPENPCC_CO_CHECK(co_await sleep_until(std::min(deadline, after(kFullQueuePause))));
            continue;
        }
        if (errno != EINPROGRESS) co_return fail(kUnreachable, "cannot connect");
        OPENPCC_CO_CHECK(co_await socket->wait(Direction::kWrite, deadline));
        int error = 0;
        socklen_t size = sizeof error;
        if (::getsockopt(socket->fd(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0) {
            co_return fail(kUnreachable, "cannot connect");
        }
        break;
    }
    co_return socket;
}

Task<Result<std::shared_ptr<Socket>>> connect_any(Loop& loop, const std::vector<Address>& addresses,
                                                  Deadline deadline) {
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        // An address that does not answer must not use up the time of those after it.
        const auto share = (deadline - Clock::now()) / static_cast<int>(addresses.size() - i);
        auto socket = co_await connect_one(loop, addresses[i], after(share));
        if (socket || i + 1 == addresses.size() || socket.error() == kCancelled) co_return socket;
    }
    co_return fail(kUnreachable, "no address");
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> connect(Loop& loop, const Endpoint& endpoint,
                                              std::shared_ptr<const TlsClient> tls, Deadline deadline) {
    if (endpoint.kind == Endpoint::Kind::kTls && tls == nullptr)
        co_return fail(kTls, "no roots were given to check the peer with");
    OPENPCC_CO_TRY(const auto addresses, co_await resolve(loop, endpoint, deadline));
    OPENPCC_CO_TRY(auto socket, co_await connect_any(loop, addresses, deadline));
    if (endpoint.kind != Endpoint::Kind::kTls) co_return make_plain_stream(std::move(socket));
    co_return co_await connect_tls(std::move(socket), endpoint.host, std::move(tls), deadline);
}

}  // namespace openpcc::net

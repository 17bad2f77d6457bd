// SPDX-License-Identifier: Apache-2.0
#include "io/net/listener.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "io/net/errors.hpp"
#include "io/net/loop_impl.hpp"
#include "io/net/plain_stream.hpp"
#include "io/net/resolve.hpp"
#include "io/net/tls_stream.hpp"

namespace openpcc::net {

namespace {

// How long accepting pauses when the process has no file descriptor left: others must end before it can go on.
constexpr auto kFullPause = std::chrono::milliseconds(50);

Result<void> make_way(const Endpoint& endpoint, const Address& address) {
    struct stat found{};
    if (::lstat(endpoint.host.c_str(), &found) != 0) {
        if (errno == ENOENT) return {};
        return fail(kCannotListen, "cannot look at the socket's path");
    }
    if (!S_ISSOCK(found.st_mode)) return fail(kCannotListen, "the path exists and is not a socket");
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (probe < 0) return fail(kCannotListen, "cannot open a socket");
    const bool refused = ::connect(probe, address.get(), address.size) != 0 && errno == ECONNREFUSED;
    ::close(probe);
    if (!refused) return fail(kCannotListen, "another process serves the socket");
    if (::unlink(endpoint.host.c_str()) != 0) return fail(kCannotListen, "cannot remove the stale socket");
    return {};
}

Result<int> bind_socket(const Endpoint& endpoint, const Address& address) {
    const bool local = endpoint.kind == Endpoint::Kind::kUnix;
    if (local) OPENPCC_CHECK(make_way(endpoint, address));
    const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail(kCannotListen, "cannot open a socket");
    const int on = 1;
    // Never SO_REUSEPORT: a second process on the same port would take half of the connections, and nobody would notice.
    if (!local) ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address.storage.ss_family == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    // The mode applies to the file that bind creates, so there is no moment at which others could connect.
    if (local) ::fchmod(fd, 0600);
    bool bound = ::bind(fd, address.get(), address.size) == 0;
    if (bound && local) bound = ::chmod(endpoint.host.c_str(), 0600) == 0;
    if (bound && ::listen(fd, SOMAXCONN) == 0) return fd;
    const int error = errno;
    ::close(fd);
    if (error == EACCES) return fail(kCannotListen, "no permission for the port or path");
    if (error == EADDRINUSE) return fail(kCannotListen, "the port is in use");
    return fail(kCannotListen, "cannot bind there");
}

class SocketListener final : public Listener {
  public:
    SocketListener(Loop& loop, std::shared_ptr<Socket> socket, Endpoint endpoint, std::shared_ptr<const TlsServer> tls)
        : loop_(loop), socket_(std::move(socket)), endpoint_(std::move(endpoint)), tls_(std::move(tls)) {}
    ~SocketListener() override { close(); }

    Task<Result<std::unique_ptr<Stream>>> accept() override {
        for (;;) {
            if (!socket_->open()) co_return fail(kClosed);
            const int fd = ::accept4(socket_->fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (fd >= 0) {
                if (auto stream = wrap(fd)) co_return stream;
            } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
                OPENPCC_CO_CHECK(co_await socket_->wait(Direction::kRead, Deadline::max()));
            } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                OPENPCC_CO_CHECK(co_await sleep_until(after(kFullPause)));
            }
            // Anything else is the fault of one connection that is gone already.
        }
    }

    const Endpoint& endpoint() const override { return endpoint_; }

    void close() noexcept override {
        if (!socket_->open()) return;
        socket_->close();
        if (endpoint_.kind == Endpoint::Kind::kUnix) ::unlink(endpoint_.host.c_str());
    }

  private:
    Result<std::unique_ptr<Stream>> wrap(int fd) {
        if (endpoint_.kind != Endpoint::Kind::kUnix) {
            const int on = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        }
        OPENPCC_TRY(auto socket, Socket::adopt(loop_.impl().context, fd));
        if (tls_ != nullptr) return accept_tls(std::move(socket), tls_);
        return make_plain_stream(std::move(socket));
    }

    Loop& loop_;
    std::shared_ptr<Socket> socket_;
    Endpoint endpoint_;
    std::shared_ptr<const TlsServer> tls_;
};

std::uint16_t bound_port(int fd) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    // sin_port and sin6_port are at the same place.
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::open(Loop& loop, const Endpoint& endpoint,
                                                 std::shared_ptr<const TlsServer> tls) {
    if ((endpoint.kind == Endpoint::Kind::kTls) != (tls != nullptr)) {
        return fail(kCannotListen, "https:// and a certificate go together");
    }
    // "localhost" is the one name that means an address here: where a server listens must not depend on a resolver.
    Endpoint at = endpoint;
    if (at.kind != Endpoint::Kind::kUnix && at.host == "localhost") at.host = "127.0.0.1";
    const auto address = literal_address(at);
    if (!address) return fail(kCannotListen, "a server listens on an address, not on a name");
    OPENPCC_TRY(const int fd, bind_socket(at, *address));
    if (at.kind != Endpoint::Kind::kUnix) at.port = bound_port(fd);
    OPENPCC_TRY(auto socket, Socket::adopt(loop.impl().context, fd));
    return std::make_unique<SocketListener>(loop, std::move(socket), std::move(at), std::move(tls));
}

}  // namespace openpcc::net

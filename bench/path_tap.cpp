// SPDX-License-Identifier: Apache-2.0
#include "path_tap.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace openpcc::bench {

namespace {

void need(bool good) {
    if (good) return;
    std::perror("path_bench: error: the tap");
    std::exit(1);
}

int loopback(std::uint16_t port, sockaddr_in& address) {
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

int connect_to(const net::Endpoint& endpoint) {
    if (endpoint.kind == net::Endpoint::Kind::kUnix) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        endpoint.host.copy(address.sun_path, sizeof address.sun_path - 1);
        const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        need(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        return fd;
    }
    sockaddr_in address{};
    const int fd = loopback(endpoint.port, address);
    need(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return fd;
}

void carry(int from, int to, std::atomic<std::uint64_t>& count) {
    std::array<char, 65536> piece;
    while (true) {
        const ssize_t got = ::recv(from, piece.data(), piece.size(), 0);
        if (got <= 0) break;
        count += static_cast<std::uint64_t>(got);
        if (::send(to, piece.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got) break;
    }
    ::shutdown(to, SHUT_WR);
}

}  // namespace

Tap::Tap(const net::Endpoint& behind) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    const int listener = loopback(0, address);
    need(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size) == 0 && ::listen(listener, 64) == 0);
    need(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    endpoint_ = {.kind = net::Endpoint::Kind::kTcp, .host = "127.0.0.1", .port = ntohs(address.sin_port)};
    std::thread([listener, behind, counts = counts_] {
        while (true) {
            const int near = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
            need(near >= 0);
            const int far = connect_to(behind);
            std::thread([near, far, counts] { carry(near, far, counts->up); }).detach();
            std::thread([near, far, counts] { carry(far, near, counts->down); }).detach();
        }
    }).detach();
}

}  // namespace openpcc::bench

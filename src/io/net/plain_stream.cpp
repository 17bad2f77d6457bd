// SPDX-License-Identifier: Apache-2.0
#include "io/net/plain_stream.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>

#include "core/assert.hpp"
#include "io/net/asio_await.hpp"
#include "io/net/errors.hpp"

namespace openpcc::net {

namespace {

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

// Gather is what is left to send of several pieces.
class Gather {
  public:
    explicit Gather(std::span<const ByteView> parts) {
        OPENPCC_ASSERT(parts.size() <= list_.size());
        for (const ByteView part : parts) {
            if (!part.empty()) list_[count_++] = {const_cast<std::uint8_t*>(part.data()), part.size()};
        }
    }
    bool empty() const { return first_ == count_; }
    ssize_t send(int fd) {
        msghdr message{};
        message.msg_iov = &list_[first_];
        message.msg_iovlen = count_ - first_;
        return ::sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    }
    void sent(std::size_t bytes) {
        while (bytes > 0) {
            iovec& part = list_[first_];
            const std::size_t step = std::min(bytes, part.iov_len);
            part.iov_base = static_cast<std::uint8_t*>(part.iov_base) + step;
            part.iov_len -= step;
            bytes -= step;
            if (part.iov_len == 0) ++first_;
        }
    }

  private:
    std::array<iovec, 8> list_{};
    std::size_t first_ = 0;
    std::size_t count_ = 0;
};

class PlainStream final : public Stream {
  public:
    explicit PlainStream(std::shared_ptr<Socket> socket)
        : socket_(std::move(socket)), local_(socket_->peer_is_local()) {}
    ~PlainStream() override { socket_->close(); }

    Task<Result<std::size_t>> read_some(ByteSpan into, Deadline deadline) override {
        if (socket_->owes_turn()) co_await socket_->give_way();
        if (co_await is_cancelled()) co_return fail(kCancelled);
        for (;;) {
            if (!socket_->open()) co_return fail(kClosed);
            const ssize_t got = ::recv(socket_->fd(), into.data(), into.size(), MSG_DONTWAIT);
            if (got >= 0) co_return static_cast<std::size_t>(got);
            if (errno == EINTR) continue;
            if (!would_block(errno)) co_return fail(kClosed);
            OPENPCC_CO_CHECK(co_await socket_->wait(Direction::kRead, deadline));
        }
    }

    Task<Result<void>> write(ByteView bytes, Deadline deadline) override {
        const std::array<ByteView, 1> parts{bytes};
        co_return co_await write_parts(parts, deadline);
    }

    Task<Result<void>> write_parts(std::span<const ByteView> parts, Deadline deadline) override {
        if (socket_->owes_turn()) co_await socket_->give_way();
        if (co_await is_cancelled()) co_return fail(kCancelled);
        Gather rest(parts);
        while (!rest.empty()) {
            if (!socket_->open()) co_return fail(kClosed);
            const ssize_t sent = rest.send(socket_->fd());
            if (sent >= 0) {
                rest.sent(static_cast<std::size_t>(sent));
            } else if (would_block(errno)) {
                OPENPCC_CO_CHECK(co_await socket_->wait(Direction::kWrite, deadline));
            } else if (errno != EINTR) {
                co_return fail(kClosed);
            }
        }
        co_return Result<void>();
    }

    Task<Result<void>> wait_readable(Deadline deadline) override {
        if (co_await is_cancelled()) co_return fail(kCancelled);
        if (readable_now()) co_return Result<void>();
        co_return co_await socket_->wait(Direction::kRead, deadline);
    }

    Task<Result<void>> close_write(Deadline) override {
        socket_->shutdown_write();
        co_return Result<void>();
    }

    void close() noexcept override { socket_->close(); }
    void reset() noexcept override { socket_->reset(); }
    bool readable_now() noexcept override {
        std::uint8_t byte = 0;
        return !socket_->open() || ::recv(socket_->fd(), &byte, 1, MSG_DONTWAIT | MSG_PEEK) >= 0 || !would_block(errno);
    }
    bool local_only() const override { return local_; }

  private:
    std::shared_ptr<Socket> socket_;
    const bool local_;
};

}  // namespace

std::unique_ptr<Stream> make_plain_stream(std::shared_ptr<Socket> socket) {
    return std::make_unique<PlainStream>(std::move(socket));
}

}  // namespace openpcc::net

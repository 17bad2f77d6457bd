// SPDX-License-Identifier: Apache-2.0
// path_engine: stands in for llama-server where time matters. It answers at once, writes one event a token at a given
// pace and puts the time of writing into each token, so that a client can say how long every token was under way.
//
//   path_engine --host SOCKET    other flags are llama-server's and are ignored; linked statically, it runs in the
//                                node's sandbox in the place of llama-server
// Of a request it reads `max_tokens` (how many events) and `seed` (microseconds between two of them).
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace {

constexpr std::int64_t kNever = INT64_MAX;

std::int64_t now_ns() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::int64_t number_after(std::string_view text, std::string_view key, std::int64_t fallback) {
    const std::size_t at = text.rfind(key);
    return at == std::string_view::npos ? fallback : std::strtoll(text.data() + at + key.size(), nullptr, 10);
}

// The shape and size of llama-server's events.
std::string event(std::string_view choices, std::string_view more) {
    std::string out = "data: {\"choices\":[";
    out.append(choices).append("],\"created\":1764057600,\"id\":\"chatcmpl-GqJ8Q3d7fV0y2mYt1nCkXbWzLrPsUeAo\",");
    out.append("\"model\":\"demo\",\"system_fingerprint\":\"b9402-0a1b2c3d\",\"object\":\"chat.completion.chunk\"");
    return out.append(more).append("}\n\n");
}

std::string choice(std::string_view delta, std::string_view reason) {
    std::string out = "{\"finish_reason\":";
    return out.append(reason).append(",\"index\":0,\"delta\":{").append(delta).append("}}");
}

std::string token() {
    char delta[64];
    std::snprintf(delta, sizeof delta, "\"content\":\"t=%020lld \"", static_cast<long long>(now_ns()));
    return event(choice(delta, "null"), "");
}

std::string chunk(std::string_view content) {
    char size[24];
    std::snprintf(size, sizeof size, "%zx\r\n", content.size());
    return std::string(size).append(content).append("\r\n");
}

class Connection {
  public:
    explicit Connection(int fd) : fd_(fd) {}
    ~Connection() { ::close(fd_); }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    std::int64_t next() const { return next_; }

    // readable and due are false when the connection is over.
    bool readable() {
        char piece[65536];
        const ssize_t got = ::recv(fd_, piece, sizeof piece, MSG_DONTWAIT);
        if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
        in_.append(piece, static_cast<std::size_t>(got));
        return take();
    }
    bool due(std::int64_t at) {
        if (left_ > 1) {
            --left_;
            next_ = std::max(next_ + gap_ + std::exchange(shift_, 0), at);
            return send(chunk(token()));
        }
        next_ = kNever;
        const std::string usage = "{\"completion_tokens\":" + std::to_string(tokens_) +
                                  ",\"prompt_tokens\":500,\"total_tokens\":" + std::to_string(tokens_ + 500) + "}";
        const std::string end = token() + event(choice("", "\"length\""), "") + event("", ",\"usage\":" + usage);
        return send(chunk(end + "data: [DONE]\n\n") + "0\r\n\r\n");
    }

  private:
    bool take() {
        const std::size_t end = in_.find("\r\n\r\n");
        if (end == std::string::npos) return true;
        const std::string_view head = std::string_view(in_).substr(0, end);
        const auto length = static_cast<std::size_t>(number_after(head, "content-length: ", 0));
        if (in_.size() < end + 4 + length) return true;
        const bool health = head.starts_with("GET /health ");
        tokens_ = left_ = std::max<std::int64_t>(1, number_after(in_, "\"max_tokens\":", 1));
        gap_ = number_after(in_, "\"seed\":", 0) * 1000;
        in_.erase(0, end + 4 + length);
        if (health) return send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
        return begin();
    }
    bool begin() {
        // Streams that begin together must not stay together.
        static std::uint64_t count = 0;
        shift_ = gap_ / 16 * static_cast<std::int64_t>(++count * 7 % 16);
        const std::string role = event(choice("\"role\":\"assistant\",\"content\":null", "null"), "");
        if (!send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n" +
                  chunk(role)))
            return false;
        next_ = now_ns();
        return due(next_);
    }
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0 && errno != EINTR) return false;
            if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    const int fd_;
    std::string in_;
    std::int64_t tokens_ = 0, left_ = 0, gap_ = 0, shift_ = 0;
    std::int64_t next_ = kNever;
};

int listen_on(const char* path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || std::strlen(path) >= sizeof address.sun_path) return -1;
    std::strcpy(address.sun_path, path);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    return ::bind(fd, generic, sizeof address) == 0 && ::listen(fd, 512) == 0 ? fd : -1;
}

int serve(int listener) {
    const int poll = ::epoll_create1(EPOLL_CLOEXEC);
    const auto watch = [poll](int fd) {
        epoll_event on{};
        on.events = EPOLLIN;
        on.data.fd = fd;
        ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &on);
    };
    watch(listener);
    std::map<int, Connection> connections;
    epoll_event ready[256];
    while (true) {
        std::int64_t next = kNever;
        for (const auto& [fd, connection] : connections) next = std::min(next, connection.next());
        const std::int64_t wait =
            next == kNever ? -1 : std::max<std::int64_t>(0, (next - now_ns() + 999'999) / 1'000'000);
        const int count = ::epoll_wait(poll, ready, 256, static_cast<int>(wait));
        for (int i = 0; i < count; ++i) {
            const int fd = ready[i].data.fd;
            if (fd == listener) {
                const int accepted = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
                if (accepted < 0) continue;
                connections.try_emplace(accepted, accepted);
                watch(accepted);
            } else if (const auto found = connections.find(fd);
                       found != connections.end() && !found->second.readable()) {
                connections.erase(found);
            }
        }
        const std::int64_t at = now_ns();
        for (auto entry = connections.begin(); entry != connections.end();) {
            const bool over = entry->second.next() <= at && !entry->second.due(at);
            entry = over ? connections.erase(entry) : std::next(entry);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    const char* path = nullptr;
    for (int i = 1; i + 1 < argc; ++i)
        if (std::string_view(argv[i]) == "--host") path = argv[i + 1];
    const int listener = path == nullptr ? -1 : listen_on(path);
    if (listener < 0) {
        std::fprintf(stderr, "path_engine: error: cannot listen; usage: path_engine --host SOCKET\n");
        return 1;
    }
    return serve(listener);
}

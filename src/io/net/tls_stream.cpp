// SPDX-License-Identifier: Apache-2.0
#include "io/net/tls_stream.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>

#include "io/net/asio_await.hpp"
#include "io/net/errors.hpp"
#include "io/net/tls_context.hpp"

namespace openpcc::net {

namespace {

// One TLS record's worth: pieces of a message are joined up to this size, so that a chunk is one record and one write.
constexpr std::size_t kRecord = 16 * 1024;

// OpenSSL reads and writes the socket itself. Its own socket BIO would raise SIGPIPE when the peer has gone.
int bio_read(BIO* bio, char* into, int size) {
    BIO_clear_retry_flags(bio);
    const int fd = static_cast<Socket*>(BIO_get_data(bio))->fd();
    const ssize_t got = ::recv(fd, into, static_cast<std::size_t>(size), MSG_DONTWAIT);
    if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_read(bio);
    return static_cast<int>(got);
}

int bio_write(BIO* bio, const char* from, int size) {
    BIO_clear_retry_flags(bio);
    const int fd = static_cast<Socket*>(BIO_get_data(bio))->fd();
    const ssize_t sent = ::send(fd, from, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_write(bio);
    return static_cast<int>(sent);
}

long bio_ctrl(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO* new_bio(Socket& socket) {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "openpcc socket");
        if (made == nullptr) return made;
        BIO_meth_set_read(made, bio_read);
        BIO_meth_set_write(made, bio_write);
        BIO_meth_set_ctrl(made, bio_ctrl);
        return made;
    }();
    BIO* bio = method == nullptr ? nullptr : BIO_new(method);
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, &socket);
    BIO_set_init(bio, 1);
    return bio;
}

class TlsStream final : public Stream {
  public:
    TlsStream(std::shared_ptr<Socket> socket, SslSession ssl, std::shared_ptr<const void> context)
        : socket_(std::move(socket)),
          ssl_(std::move(ssl)),
          context_(std::move(context)),
          local_(socket_->peer_is_local()) {
        BIO* bio = ssl_ == nullptr ? nullptr : new_bio(*socket_);
        if (bio == nullptr) {
            ssl_.reset();
            return;
        }
        SSL_set_bio(ssl_.get(), bio, bio);
        SSL_set_read_ahead(ssl_.get(), 1);
    }
    ~TlsStream() override { socket_->close(); }

    SSL* ssl() { return ssl_.get(); }

    Task<Result<void>> handshake(Deadline deadline) {
        for (;;) {
            const auto step = attempt([](SSL* ssl) { return SSL_do_handshake(ssl); });
            if (!step) co_return std::unexpected(step.error());
            if (!step->wait) co_return Result<void>();
            OPENPCC_CO_CHECK(co_await socket_->wait(*step->wait, deadline));
        }
    }

    Task<Result<std::size_t>> read_some(ByteSpan into, Deadline deadline) override {
        if (socket_->owes_turn()) co_await socket_->give_way();
        if (co_await is_cancelled()) co_return fail(kCancelled);
        for (;;) {
            const auto step = read_step(into);
            if (!step) co_return std::unexpected(step.error());
            if (!step->wait) co_return step->bytes;
            OPENPCC_CO_CHECK(co_await socket_->wait(*step->wait, deadline));
        }
    }

    Task<Result<void>> write(ByteView bytes, Deadline deadline) override {
        if (socket_->owes_turn()) co_await socket_->give_way();
        if (co_await is_cancelled()) co_return fail(kCancelled);
        while (!bytes.empty()) {
            const auto step = attempt([&](SSL* ssl) {
                std::size_t sent = 0;
                const int ok = SSL_write_ex(ssl, bytes.data(), bytes.size(), &sent);
                if (ok == 1) bytes = bytes.subspan(sent);
                return ok;
            });
            if (!step) co_return std::unexpected(step.error());
            if (step->wait) OPENPCC_CO_CHECK(co_await socket_->wait(*step->wait, deadline));
        }
        co_return Result<void>();
    }

    Task<Result<void>> write_parts(std::span<const ByteView> parts, Deadline deadline) override {
        // A local buffer: a write that waits must not share it with the next one.
        Bytes joined;
        for (const ByteView part : parts) {
            for (ByteView rest = part; !rest.empty();) {
                const ByteView piece = rest.first(std::min(rest.size(), kRecord - joined.size()));
                joined.append(piece);
                rest = rest.subspan(piece.size());
                if (joined.size() < kRecord) continue;
                OPENPCC_CO_CHECK(co_await write(joined.view(), deadline));
                joined.clear();
            }
        }
        co_return co_await write(joined.view(), deadline);
    }

    Task<Result<void>> wait_readable(Deadline deadline) override {
        if (co_await is_cancelled()) co_return fail(kCancelled);
        for (;;) {
            const auto wait = peek();
            if (!wait) co_return Result<void>();
            OPENPCC_CO_CHECK(co_await socket_->wait(*wait, deadline));
        }
    }

    Task<Result<void>> close_write(Deadline deadline) override {
        for (;;) {
            // 0 means that ours is sent and the peer's has not come: that is all we want.
            const auto step = attempt([](SSL* ssl) { return SSL_shutdown(ssl) >= 0 ? 1 : -1; });
            if (!step) co_return std::unexpected(step.error());
            if (!step->wait) break;
            OPENPCC_CO_CHECK(co_await socket_->wait(*step->wait, deadline));
        }
        socket_->shutdown_write();
        co_return Result<void>();
    }

    void close() noexcept override { socket_->close(); }
    void reset() noexcept override { socket_->reset(); }
    bool readable_now() noexcept override { return !peek().has_value(); }
    bool local_only() const override { return local_; }

  private:
    struct Step {
        std::optional<Direction> wait;  // none: done
        std::size_t bytes = 0;
    };

    // attempt runs one call of OpenSSL's and judges its outcome. After an error nothing more is tried on this stream.
    template <class Fn>
    Result<Step> attempt(Fn&& call) {
        if (ssl_ == nullptr) return fail(kTls, "no memory for TLS");
        if (failure_) return std::unexpected(*failure_);
        if (!socket_->open()) return fail(kClosed);
        ERR_clear_error();
        errno = 0;
        const int outcome = call(ssl_.get());
        // Asked while it is known: a fatal error puts the session back into the handshake.
        established_ = established_ || SSL_is_init_finished(ssl_.get()) == 1;
        if (outcome > 0) return Step();
        switch (SSL_get_error(ssl_.get(), outcome)) {
            case SSL_ERROR_WANT_READ:
                return Step{.wait = Direction::kRead};
            case SSL_ERROR_WANT_WRITE:
                return Step{.wait = Direction::kWrite};
            case SSL_ERROR_ZERO_RETURN:
                return Step();
            default:
                failure_ = reason();
                return std::unexpected(*failure_);
        }
    }

    Result<Step> read_step(ByteSpan into) {
        std::size_t got = 0;
        auto step = attempt([&](SSL* ssl) { return SSL_read_ex(ssl, into.data(), into.size(), &got); });
        if (step) step->bytes = got;
        return step;
    }

    // peek is what must be waited for before a read can return; none when it would return at once. It takes session
    // tickets and key updates out of the way, which are not for the reader.
    std::optional<Direction> peek() noexcept {
        std::uint8_t byte = 0;
        std::size_t got = 0;
        const auto step = attempt([&](SSL* ssl) { return SSL_peek_ex(ssl, &byte, 1, &got); });
        return step ? step->wait : std::nullopt;
    }

    Error reason() {
        const unsigned long code = ERR_peek_error();
        const long verified = SSL_get_verify_result(ssl_.get());
        ERR_clear_error();
        if (code == 0) return established_ ? Error(kClosed) : Error(kTls, "the peer closed during the handshake");
        if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
            return established_ ? Error(kTruncated) : Error(kTls, "the peer closed during the handshake");
        }
        if (!established_ && verified != X509_V_OK) return Error(kTls, X509_verify_cert_error_string(verified));
        const char* text = ERR_reason_error_string(code);
        return Error(kTls, text == nullptr ? "handshake or record failed" : text);
    }

    std::shared_ptr<Socket> socket_;
    SslSession ssl_;
    std::shared_ptr<const void> context_;
    const bool local_;
    bool established_ = false;
    std::optional<Error> failure_;  // the first one: what follows it says the same
};

bool check_name(SSL* ssl, const std::string& host) {
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    in_addr v4{};
    in6_addr v6{};
    const bool address = ::inet_pton(AF_INET, host.c_str(), &v4) == 1 || ::inet_pton(AF_INET6, host.c_str(), &v6) == 1;
    if (address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
    return SSL_set1_host(ssl, host.c_str()) == 1 && SSL_set_tlsext_host_name(ssl, host.c_str()) == 1;
}

}  // namespace

std::unique_ptr<Stream> accept_tls(std::shared_ptr<Socket> socket, std::shared_ptr<const TlsServer> tls) {
    SslSession session = new_session(*tls);
    auto stream = std::make_unique<TlsStream>(std::move(socket), std::move(session), std::move(tls));
    if (stream->ssl() != nullptr) SSL_set_accept_state(stream->ssl());
    return stream;
}

Task<Result<std::unique_ptr<Stream>>> connect_tls(std::shared_ptr<Socket> socket, std::string host,
                                                  std::shared_ptr<const TlsClient> tls, Deadline deadline) {
    SslSession session = new_session(*tls);
    auto stream = std::make_unique<TlsStream>(std::move(socket), std::move(session), std::move(tls));
    if (stream->ssl() == nullptr || !check_name(stream->ssl(), host))
        co_return fail(kTls, "cannot set the expected name");
    SSL_set_connect_state(stream->ssl());
    OPENPCC_CO_CHECK(co_await stream->handshake(deadline));
    co_return stream;
}

}  // namespace openpcc::net

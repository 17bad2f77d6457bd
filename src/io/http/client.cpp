// SPDX-License-Identifier: Apache-2.0
#include "io/http/client.hpp"

#include "io/http/errors.hpp"
#include "io/http/h1_call.hpp"
#include "io/net/connect.hpp"
#include "io/net/errors.hpp"

namespace openpcc::http {

namespace {

// Every socket takes as much without anybody reading.
constexpr std::size_t kSentAtOnce = 16 * 1024;

using CallResult = Result<std::unique_ptr<Call>>;

class PoolingClient final : public Client {
  public:
    PoolingClient(net::Loop& loop, net::Endpoint endpoint, ClientLimits limits,
                  std::shared_ptr<const net::TlsClient> tls)
        : loop_(loop),
          endpoint_(std::move(endpoint)),
          limits_(limits),
          tls_(std::move(tls)),
          idle_(std::make_shared<h1::Idle>(limits)) {}

    const net::Endpoint& endpoint() const override { return endpoint_; }

    Task<CallResult> start(RequestHead head) override {
        for (;;) {
            auto connection = idle_->take();
            const bool fresh = connection == nullptr;
            if (fresh) {
                OPENPCC_CO_TRY(connection, co_await connect());
            }
            auto call = std::make_unique<h1::ConnectedCall>(idle_, limits_, std::move(connection));
            RequestHead copy = head;
            const auto begun = co_await call->begin(std::move(copy), endpoint_.authority());
            if (begun) co_return std::move(call);
            // The far end had closed a connection that was kept: it has not seen the request, so another one may carry
            // it.
            if (fresh || begun.error() != net::kClosed) co_return std::unexpected(begun.error());
        }
    }

    Task<Result<Whole>> fetch(RequestHead head, ByteView content, std::size_t limit) override {
        const bool safe = head.method == "GET" || head.method == "HEAD";
        if (!safe || !content.empty()) head.fields.set("content-length", std::to_string(content.size()));
        for (;;) {
            RequestHead copy = head;
            OPENPCC_CO_TRY(const auto call, co_await start(std::move(copy)));
            auto whole = co_await exchange(*call, content, limit);
            // A kept connection can be closed by the far end at the very moment of its reuse. Only a request without
            // effect is worth a second try.
            const bool lost = !whole && (whole.error() == net::kClosed || whole.error() == kTruncated);
            if (!lost || !safe || !call->reused()) co_return whole;
        }
    }

  private:
    Task<Result<std::unique_ptr<h1::Connected>>> connect() {
        auto stream = co_await net::connect(loop_, endpoint_, tls_, net::after(limits_.connect_time));
        if (!stream) co_return std::unexpected(h1::from_net(std::move(stream).error()));
        co_return std::make_unique<h1::Connected>(std::move(*stream));
    }

    Task<Result<Whole>> exchange(Call& call, ByteView content, std::size_t limit) {
        if (content.size() <= kSentAtOnce) {
            co_await send(call, content);
            co_return co_await receive(call, limit);
        }
        // The far end may answer while it reads; whoever writes everything first could wait for it for ever.
        const auto sender = net::spawn_child(loop_, send(call, content));
        auto whole = co_await receive(call, limit);
        sender->cancel();
        co_await sender->done();
        co_return whole;
    }

    // A server may answer, and refuse, before it has read everything; then the answer says why writing failed, so the
    // outcome of writing is not looked at.
    static Task<void> send(Call& call, ByteView content) {
        if (co_await call.write(content)) (void)co_await call.finish();
    }

    static Task<Result<Whole>> receive(Call& call, std::size_t limit) {
        Whole whole;
        OPENPCC_CO_TRY(whole.head, co_await call.head());
        Bytes piece(std::min<std::size_t>(limit, 64 * 1024) + 1);
        for (;;) {
            const ByteSpan room = piece.span();
            OPENPCC_CO_TRY(const std::size_t got, co_await call.read(room));
            if (got == 0) co_return whole;
            if (got > limit - whole.content.size()) co_return fail(kTooLarge, "the answer is too long");
            whole.content.append(piece.view().first(got));
        }
    }

    net::Loop& loop_;
    const net::Endpoint endpoint_;
    const ClientLimits limits_;
    const std::shared_ptr<const net::TlsClient> tls_;
    const std::shared_ptr<h1::Idle> idle_;
};

}  // namespace

std::unique_ptr<Client> Client::make(net::Loop& loop, net::Endpoint endpoint, ClientLimits limits,
                                     std::shared_ptr<const net::TlsClient> tls) {
    return std::make_unique<PoolingClient>(loop, std::move(endpoint), limits, std::move(tls));
}

}  // namespace openpcc::http

// SPDX-License-Identifier: Apache-2.0
#include "io/http/server.hpp"

#include <list>

#include "io/http/h1_exchange.hpp"
#include "io/http/problem.hpp"
#include "io/net/event.hpp"
#include "io/net/listener.hpp"

namespace openpcc::http {

// Why the defaults of ServerLimits are what they are:
//   head_bytes, field_count   what browsers, SDKs and proxies send fits in a quarter of it
//   body_bytes                a daemon says how long its messages are
//   connections               16 KiB of buffer each, so 16 MiB at most
//   head_time                 a head is one packet or two; slow ones are attacks
//   idle_time                 longer than our client's reuse_time, so that the client closes first
//   read_time, write_time     a peer that makes no progress for so long has gone

namespace {

// How many connections beyond the limit are told so at the same time; the rest is closed without a word.
constexpr std::size_t kMostRefusals = 32;
constexpr auto kRefusalTime = std::chrono::seconds(1);
// What handlers get after drain's deadline to return from their cancelled waits.
constexpr auto kGraceTime = std::chrono::seconds(2);

struct Core;

struct Entry {
    Entry(net::Loop& loop, const ServerLimits& limits, const Handler& handler, std::unique_ptr<net::Stream> accepted)
        : stream(std::move(accepted)), connection(loop, limits, handler, *stream) {}
    std::unique_ptr<net::Stream> stream;
    h1::Connection connection;
    std::unique_ptr<net::Child> child;
};

// Core outlives the Server as long as one of its connections runs.
struct Core {
    Core(net::Loop& on, ServerLimits bounds, Handler answer, std::unique_ptr<net::Listener> bound)
        : loop(on), limits(bounds), handler(std::move(answer)), listener(std::move(bound)), changed(on) {}
    net::Loop& loop;
    const ServerLimits limits;
    const Handler handler;
    const std::unique_ptr<net::Listener> listener;
    net::Event changed;
    std::list<Entry> entries;
    std::size_t refusals = 0;
};

using Place = std::list<Entry>::iterator;

Task<void> serve(std::shared_ptr<Core> core, Place entry) {
    auto cancel = [entry] { entry->child->cancel(); };
    co_await entry->connection.serve(std::move(cancel));
    core->entries.erase(entry);
    core->changed.notify();
}

Task<void> turn_away(std::shared_ptr<Core> core, std::unique_ptr<net::Stream> stream) {
    const std::string text = problem_text(503);
    const ByteView bytes = as_bytes(text);
    if (co_await stream->write(bytes, net::after(kRefusalTime))) co_await h1::close_in_order(*stream);
    --core->refusals;
}

void admit(const std::shared_ptr<Core>& core, std::unique_ptr<net::Stream> stream) {
    if (core->entries.size() < core->limits.connections) {
        const Place entry =
            core->entries.emplace(core->entries.end(), core->loop, core->limits, core->handler, std::move(stream));
        entry->child = net::spawn_child(core->loop, serve(core, entry));
    } else if (core->refusals < kMostRefusals) {
        ++core->refusals;
        core->loop.spawn(turn_away(core, std::move(stream)));
    }
}

Task<void> accept_all(std::shared_ptr<Core> core) {
    for (;;) {
        auto stream = co_await core->listener->accept();
        if (!stream) co_return;
        admit(core, std::move(*stream));
    }
}

class ListeningServer final : public Server {
  public:
    explicit ListeningServer(std::shared_ptr<Core> core)
        : core_(std::move(core)), acceptor_(net::spawn_child(core_->loop, accept_all(core_))) {}
    ~ListeningServer() override {
        core_->listener->close();
        for (Entry& entry : core_->entries) entry.child->cancel();
    }

    net::Endpoint endpoint() const override { return core_->listener->endpoint(); }

    Task<void> drain(net::Deadline deadline) override {
        const auto core = core_;
        core->listener->close();
        for (Entry& entry : core->entries) {
            if (!entry.connection.drain()) entry.child->cancel();
        }
        co_await wait_for_end(core, deadline);
        for (Entry& entry : core->entries) {
            entry.stream->reset();
            entry.child->cancel();
        }
        co_await wait_for_end(core, net::after(kGraceTime));
    }

  private:
    static Task<void> wait_for_end(std::shared_ptr<Core> core, net::Deadline deadline) {
        while (!core->entries.empty()) {
            if (!co_await core->changed.wait(deadline)) co_return;
        }
    }

    std::shared_ptr<Core> core_;
    std::unique_ptr<net::Child> acceptor_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::listen(net::Loop& loop, const net::Endpoint& endpoint, ServerLimits limits,
                                               std::shared_ptr<const net::TlsServer> tls, Handler handler) {
    OPENPCC_TRY(auto listener, net::Listener::open(loop, endpoint, std::move(tls)));
    return std::make_unique<ListeningServer>(
        std::make_shared<Core>(loop, limits, std::move(handler), std::move(listener)));
}

}  // namespace openpcc::http

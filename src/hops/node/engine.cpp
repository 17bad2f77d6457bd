// SPDX-License-Identifier: Apache-2.0
#include "hops/node/engine.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>

#include "core/assert.hpp"
#include "core/text.hpp"
#include "crypto/random.hpp"
#include "hops/node/engine_call.hpp"
#include "hops/node/engine_command.hpp"
#include "hops/node/engine_slots.hpp"
#include "io/confine/sandbox.hpp"
#include "io/net/event.hpp"

namespace openpcc::node {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kFirstHealthInterval = milliseconds(5);  // llama-server with a small model is ready after 50 ms
constexpr auto kLastHealthInterval = milliseconds(250);
constexpr auto kWatchInterval = milliseconds(200);  // a request that fails makes the supervisor look at once
constexpr auto kFirstBackoff = milliseconds(100);
constexpr auto kLastBackoff = seconds(10);
constexpr auto kGoodRun = seconds(30);  // after such a run the next failure is a new one
constexpr auto kSettleTime = milliseconds(50);
constexpr auto kTermTime = seconds(3);
constexpr auto kKillTime = seconds(5);
constexpr auto kEndInterval = milliseconds(5);
constexpr std::size_t kHealthBytes = 4096;

http::ClientLimits request_limits() {
    http::ClientLimits limits;
    limits.connect_time = seconds(5);
    // An idle connection holds one of llama-server's few threads, and a new one costs 50 microseconds.
    limits.idle_connections = 0;
    return limits;
}

http::ClientLimits health_limits() {
    http::ClientLimits limits = request_limits();
    limits.connect_time = limits.head_time = limits.read_time = limits.write_time = seconds(2);
    return limits;
}

// The directory holds the way to the engine: nobody else's, and closed to others.
Result<void> prepare_directory(const std::string& directory) {
    if (directory.size() + 1 + kEngineSocket.size() >= sizeof(sockaddr_un::sun_path))
        return fail(kBadProfile, "the socket directory's name is too long");
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(kBadProfile, "the socket directory cannot be made");
    struct stat status{};
    if (::lstat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode) || status.st_uid != ::geteuid() ||
        ::chmod(directory.c_str(), 0700) != 0)
        return fail(kBadProfile, "the socket directory is not ours");
    return {};
}

// Core is the engine's inside; the supervisor's coroutine shares it with the Engine.
struct Core {
    Core(net::Loop& on, EngineProfile with, std::string at)
        : loop(on),
          profile(std::move(with)),
          directory(std::move(at)),
          socket(directory + "/" + std::string(kEngineSocket)),
          client(http::Client::make(on, endpoint(), request_limits(), nullptr)),
          health(http::Client::make(on, endpoint(), health_limits(), nullptr)),
          slots(std::make_shared<EngineSlots>(on, profile.parallel)),
          changed(on) {}

    net::Loop& loop;
    const EngineProfile profile;
    const std::string directory, socket;
    const std::unique_ptr<http::Client> client, health;
    const std::shared_ptr<EngineSlots> slots;
    const std::shared_ptr<EngineCalls> calls = std::make_shared<EngineCalls>();
    net::Event changed;  // the state, or something that the supervisor should look at
    std::optional<confine::Confined> process;
    Engine::State state = Engine::State::kStarting;
    std::uint32_t falls = 0;
    std::string trouble;  // why it last went down, for the operator

    net::Endpoint endpoint() const { return {.kind = net::Endpoint::Kind::kUnix, .host = socket, .port = 0}; }
    bool stopped() const { return state == Engine::State::kStopped; }

    void set(Engine::State next) {
        if (stopped()) return;
        state = next;
        if (state == Engine::State::kReady) {
            slots->open();
        } else {
            slots->close();
        }
        changed.notify();
    }

    bool runs() { return process && !process->outer().poll(); }

    Result<void> launch() {
        ::unlink(socket.c_str());  // one that a killed engine left cannot be bound again
        const EngineCommand command = engine_command(profile, directory);
        process.reset();
        OPENPCC_TRY(auto started, confine::Confined::start(command.sandbox, command.argv));
        process.emplace(std::move(started));
        return {};
    }

    void note_end() {
        ++falls;
        const auto exit = process ? process->outer().poll() : std::nullopt;
        if (exit) trouble = fmt::format("it ended with code {}, signal {}", exit->code, exit->signal);
        process.reset();
        // Their connections are broken, and a call that has not noticed must not wait.
        calls->close_all();
    }

    net::Task<bool> healthy() {
        http::RequestHead head{.method = "GET", .scheme = {}, .authority = {}, .path = "/health", .fields = {}};
        const auto whole = co_await health->fetch(std::move(head), ByteView(), kHealthBytes);
        co_return whole && whole->head.status == 200;
    }
};
using SharedCore = std::shared_ptr<Core>;

// pause waits for a time or for a change, whichever is first.
net::Task<void> pause(SharedCore core, net::Clock::duration time) {
    (void)co_await core->changed.wait(net::after(time));
}

// become_ready waits until a process that has just been started answers; false when it ends before or takes too long.
net::Task<bool> become_ready(SharedCore core) {
    const net::Deadline end = net::after(engine_times(core->profile).start);
    net::Clock::duration interval = kFirstHealthInterval;
    while (!core->stopped() && core->runs() && net::Clock::now() < end) {
        if (co_await core->healthy()) co_return true;
        co_await pause(core, interval);
        interval = std::min<net::Clock::duration>(interval * 3 / 2, kLastHealthInterval);
    }
    core->trouble = "it did not answer in time";
    co_return false;
}

// supervise runs until the engine is stopped. It is not cancelled from outside: it sees the state at its next step.
net::Task<void> supervise(SharedCore core) {
    net::Clock::duration backoff = kFirstBackoff;
    while (!core->stopped()) {
        const auto begun = net::Clock::now();
        if (core->process && co_await become_ready(core)) {
            core->set(Engine::State::kReady);
            while (!core->stopped() && core->runs()) co_await pause(core, kWatchInterval);
        }
        if (core->stopped()) break;
        core->set(Engine::State::kDown);
        core->note_end();
        if (net::Clock::now() - begun >= kGoodRun) backoff = kFirstBackoff;
        const net::Deadline next = net::after(backoff);
        while (!core->stopped() && net::Clock::now() < next) co_await pause(core, next - net::Clock::now());
        if (core->stopped()) break;
        backoff = std::min<net::Clock::duration>(backoff * 2, kLastBackoff);
        if (const auto launched = core->launch(); !launched) core->trouble = launched.error().describe();
    }
}

std::string_view media_type(openai::EngineAnswer gives) {
    return gives == openai::EngineAnswer::kEvents ? "text/event-stream" : "application/json";
}

http::RequestHead request_head(const EngineProfile& profile, const openai::EngineRequest& request) {
    http::RequestHead head{.method = "POST", .scheme = {}, .authority = {}, .path = request.path, .fields = {}};
    head.fields.add("content-type", "application/json");
    head.fields.add("accept", std::string(media_type(request.gives)));
    head.fields.add("content-length", std::to_string(request.body.size()));
    // vLLM makes the request's internal name of it, and one that callers choose has let them reach each other.
    if (profile.kind == "vllm") head.fields.add("x-request-id", to_hex(crypto::SystemRandom().array<ByteArray<16>>()));
    return head;
}

class SupervisedEngine final : public Engine {
  public:
    explicit SupervisedEngine(SharedCore core) : core_(std::move(core)) { core_->loop.spawn(supervise(core_)); }
    ~SupervisedEngine() override { end(); }

    State state() const override { return core_->state; }
    std::uint32_t falls() const override { return core_->falls; }
    std::string trouble() const override { return core_->trouble; }
    std::uint32_t in_flight() const override { return core_->calls->count(); }

    net::Task<Result<void>> ready(net::Deadline deadline) override {
        const SharedCore core = core_;
        while (core->state != State::kReady) {
            if (core->state == State::kStopped) co_return fail(kEngineDown);
            const auto woken = co_await core->changed.wait(deadline);
            if (!woken && net::Clock::now() >= deadline) co_return fail(kEngineDown, core->trouble);
            if (!woken) co_return std::unexpected(woken.error());
        }
        co_return Result<void>();
    }

    net::Task<Result<std::unique_ptr<http::Call>>> ask(openai::EngineRequest request) override {
        const SharedCore core = core_;
        // The paths are openai::admit's; whoever makes a request in another way gets no other path by it.
        if (!openai::engine_path_ok(request.path)) co_return fail(kEngineRefused, "not a path that is allowed");
        OPENPCC_CO_TRY(auto place, co_await core->slots->take(request.choices));
        auto connected = co_await core->client->start(request_head(core->profile, request));
        if (!connected) co_return lost(*core, connected.error());
        auto call = std::make_unique<EngineCall>(core->calls, std::move(*connected), std::move(place));
        const ByteView body = request.body.with([](ByteView view) { return view; });  // in this frame until the end
        auto sent = co_await call->inner().write(body);
        if (sent) sent = co_await call->inner().finish();
        if (!sent) co_return lost(*core, sent.error());
        const auto head = co_await call->inner().head();
        if (!head) co_return lost(*core, head.error());
        // llama-server says 500 of a text that is too long to embed.
        const bool too_long = head->status == 500 && request.gives == openai::EngineAnswer::kObject;
        if (too_long || (head->status >= 400 && head->status < 500))
            co_return fail(kEngineRefused, fmt::format("status {}", head->status));
        if (head->status != 200) co_return fail(kEngineDown, fmt::format("status {}", head->status));
        if (!http::media_type_is(head->fields.get("content-type"), media_type(request.gives)))
            co_return fail(kEngineDown, "the answer is of another type");
        co_return std::move(call);
    }

    net::Task<void> stop() override {
        const SharedCore core = core_;
        core->set(State::kStopped);
        // llama-server does not end while it works for a connection: it is given time to see that they are closed.
        const bool busy = core->calls->count() > 0;
        core->calls->close_all();
        if (busy) (void)co_await net::sleep_until(net::after(kSettleTime));
        if (core->process && core->process->signal(SIGTERM)) co_await ended(core, kTermTime);
        if (core->runs() && core->process->signal(SIGKILL)) co_await ended(core, kKillTime);
        end();
    }

  private:
    // lost: the connection failed. The supervisor looks whether the process has.
    static std::unexpected<Error> lost(Core& core, const Error& error) {
        core.changed.notify();
        if (error.name() == "net.cancelled") return std::unexpected(error);
        return fail(kEngineDown, std::string(error.name()));
    }

    static net::Task<void> ended(SharedCore core, net::Clock::duration time) {
        const net::Deadline deadline = net::after(time);
        while (core->runs() && net::Clock::now() < deadline)
            if (!co_await net::sleep_until(net::after(kEndInterval))) co_return;
    }

    void end() noexcept {
        core_->set(State::kStopped);
        core_->calls->close_all();
        if (core_->process) ::unlink(core_->socket.c_str());
        core_->process.reset();
    }

    const SharedCore core_;
};

}  // namespace

Result<std::unique_ptr<Engine>> Engine::start(net::Loop& loop, EngineProfile profile, std::string socket_directory) {
    OPENPCC_CHECK(profile.check());
    OPENPCC_CHECK(prepare_directory(socket_directory));
    auto core = std::make_shared<Core>(loop, std::move(profile), std::move(socket_directory));
    OPENPCC_CHECK(core->launch());
    return std::make_unique<SupervisedEngine>(std::move(core));
}

}  // namespace openpcc::node

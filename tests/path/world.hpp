// SPDX-License-Identifier: Apache-2.0
#pragma once

// The whole path in one process and on one loop: client, relay, gateway and nodes as they are, over UNIX sockets and a
// loopback port; the engine alone is scripted, so that it can stall, fail or die when a test wants it to.

#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "crypto/random.hpp"
#include "evidence/simulated/authority.hpp"
#include "hops/client/session.hpp"
#include "hops/gateway/gateway.hpp"
#include "hops/node/simulated_attester.hpp"
#include "hops/node/worker.hpp"
#include "hops/relay/relay.hpp"

namespace openpcc::path {

using namespace std::chrono_literals;

inline TimePoint wall_clock() { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); }

// Script is what an engine does with its next requests.
struct Script {
    std::vector<std::string> words = {"why", " did", " the"};
    node::Engine::State state = node::Engine::State::kReady;
    bool busy = false;       // refuses every request
    int fail_after = -1;     // words, then the engine's connection ends early
    int stall_after = -1;    // words, then it says nothing more
    bool endless = false;    // says its last word for ever
};

// Watched counts what an engine saw and gave.
struct Watched {
    int asked = 0;
    int finished = 0;   // calls that were gone to their end
    int cancelled = 0;  // calls that were dropped before
    std::uint64_t given_bytes = 0;
    std::string last_body;
};

class ScriptedCall final : public http::Call {
  public:
    ScriptedCall(const Script& script, std::shared_ptr<Watched> watched) : script_(script), watched_(std::move(watched)) {}
    ~ScriptedCall() override { ++(ended_ ? watched_->finished : watched_->cancelled); }

    net::Task<Result<void>> write(ByteView) override { co_return Result<void>{}; }
    net::Task<Result<void>> finish() override { co_return Result<void>{}; }
    net::Task<Result<http::ResponseHead>> head() override { co_return http::ResponseHead{200, {}}; }
    net::Task<Result<std::size_t>> read(ByteSpan into) override;
    bool reused() const override { return false; }
    bool peer_is_local() const override { return true; }
    void close() noexcept override {}

  private:
    Script script_;
    std::shared_ptr<Watched> watched_;  // a call may outlive its engine
    std::size_t word_ = 0;
    bool ended_ = false;
};

class ScriptedEngine final : public node::Engine {
  public:
    Script script;
    const std::shared_ptr<Watched> watching = std::make_shared<Watched>();
    Watched& watched = *watching;

    State state() const override { return script.state; }
    net::Task<Result<void>> ready(net::Deadline) override { co_return Result<void>{}; }
    net::Task<Result<std::unique_ptr<http::Call>>> ask(openai::EngineRequest request) override {
        ++watched.asked;
        watched.last_body = request.body.with([](ByteView body) { return to_string(body); });
        if (script.busy) co_return openpcc::fail(node::kEngineBusy);
        std::unique_ptr<http::Call> call = std::make_unique<ScriptedCall>(script, watching);
        co_return call;
    }
    std::uint32_t in_flight() const override { return 0; }
    net::Task<void> stop() override { co_return; }
};

// NodeProcess is one node with its server.
struct NodeProcess {
    ScriptedEngine engine;
    std::unique_ptr<node::LocalKeeper> keeper;
    std::unique_ptr<node::Worker> worker;
    std::unique_ptr<http::Server> server;
    net::Endpoint endpoint;
    int sealed_requests = 0;
    int evidence_requests = 0;
    bool withholds_evidence = false;
    bool dies = false;  // at every sealed request, before the first byte of the answer
};

struct Options {
    std::size_t nodes = 2;
    std::size_t replay_capacity = 1000;
};

class World {
  public:
    explicit World(Options options = {});
    ~World();

    client::Profile profile() const;
    client::Session session() { return {loop, profile(), random, wall_clock}; }

    // Said is how one question went.
    struct Said {
        Result<client::Receipt> receipt = openpcc::fail(core::kInternal);
        std::uint16_t status = 0;
        std::string text;
    };
    net::Task<Said> ask(client::Session& session, std::string prompt = "tell me a joke", bool stream = true);
    Said ask_once() {
        client::Session one = session();
        return loop.run_until_done(ask(one));
    }

    std::string folder;
    net::Loop loop;
    crypto::SystemRandom random;
    obs::Registry registry;
    obs::Refusals node_refusals{registry, "node_refusals"};
    obs::Refusals gateway_refusals{registry, "gateway_refusals"};
    obs::Refusals relay_refusals{registry, "relay_refusals"};
    crypto::SigningKey service_key = crypto::SigningKey::generate_ed25519();
    simulated::RootAuthority root = *simulated::RootAuthority::create(wall_clock());
    policy::Policy policy;
    collateral::Collection collection;  // the client's own
    gateway::OfferedCollateral offered;
    // start_relay has it listen, again after relay_server was reset.
    void start_relay(const net::Endpoint& at);
    // offer has the gateway offer these bytes, under the name of other ones if there are any.
    void offer(std::string file, std::optional<std::string> named = {});
    std::vector<std::unique_ptr<NodeProcess>> nodes;
    std::unique_ptr<gateway::KeyRing> keys;
    std::unique_ptr<gateway::NodePool> pool;
    std::unique_ptr<gateway::Gateway> gateway;
    std::unique_ptr<http::Server> gateway_server;
    std::unique_ptr<relay::Relay> relay;
    std::unique_ptr<http::Server> relay_server;

  private:
    void start_node(std::size_t number, const Options& options);
    net::Endpoint socket(const std::string& name) const;
};

}  // namespace openpcc::path

// SPDX-License-Identifier: Apache-2.0
#include "path/world.hpp"

#include "crypto/hash.hpp"
#include "evidence/simulated/collateral.hpp"

namespace openpcc::path {

namespace {

std::string event(const std::string& word) {
    return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + word + "\"},\"finish_reason\":null}]}\n\n";
}
constexpr std::string_view kLast =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"
    "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":3,\"total_tokens\":4}}\n\ndata: [DONE]\n\n";

}  // namespace

net::Task<Result<std::size_t>> ScriptedCall::read(ByteSpan into) {
    if (script_.stall_after >= 0 && word_ >= static_cast<std::size_t>(script_.stall_after)) {
        const net::Deadline never = net::after(1h);
        OPENPCC_CO_CHECK(co_await net::sleep_until(never));
    }
    if (script_.fail_after >= 0 && word_ >= static_cast<std::size_t>(script_.fail_after)) {
        ended_ = true;
        co_return openpcc::fail(node::kEngineDown);
    }
    // A turn of the loop, as a real read would take.
    const net::Deadline soon = net::after(script_.endless ? 0ms : 1ms);
    OPENPCC_CO_CHECK(co_await net::sleep_until(soon));
    std::string text;
    if (word_ < script_.words.size() || script_.endless)
        text = event(script_.words[std::min(word_, script_.words.size() - 1)]);
    else if (word_ == script_.words.size())
        text = kLast;
    else
        ended_ = true;
    ++word_;
    std::ranges::copy(as_bytes(text), into.begin());
    watched_->given_bytes += text.size();
    co_return text.size();
}

net::Endpoint World::socket(const std::string& name) const {
    return *net::Endpoint::parse("unix:" + folder + "/" + name);
}

void World::start_node(std::size_t number, const Options& options) {
    auto node = std::make_unique<NodeProcess>();
    const Digest256 model = crypto::sha256(as_bytes("model"));
    const Digest256 profile = crypto::sha256(as_bytes("profile"));
    if (number == 1) collection.tdx = *simulated::published_by(root, random, wall_clock());
    const auto measurement = *node::simulated_measurement("test-1", OPENPCC_SOURCE_DIR "/LICENSE");
    if (number == 1) {
        policy = policy::Policy::of(policy::Preset::kDevelopment, wall_clock());
        policy.tdx_measurements.push_back(measurement);
        policy.models.push_back(model);
        policy.engine_profiles.push_back(profile);
    }
    node->keeper = *node::LocalKeeper::make({"test-1", model, profile}, {hpke::Kem::kX25519}, {}, options.replay_capacity,
                                            *node::make_simulated_attester(root, measurement, random, wall_clock()), random,
                                            wall_clock());
    openai::Dialect dialect;
    dialect.model_name = "demo";
    node->worker = std::make_unique<node::Worker>(*node->keeper, node->engine, dialect, node::WorkerLimits{}, random,
                                                  wall_clock, node_refusals);
    node->endpoint = socket("node-" + std::to_string(number));
    http::ServerLimits limits;
    limits.body_bytes = 4 << 20;
    NodeProcess* self = node.get();
    node->server = *http::Server::listen(loop, node->endpoint, limits, nullptr, [self](http::Exchange& exchange) -> net::Task<void> {
        if (exchange.request().path == "/sealed") ++self->sealed_requests;
        if (exchange.request().path.starts_with("/evidence/")) ++self->evidence_requests;
        if (self->withholds_evidence && exchange.request().path.starts_with("/evidence/")) {
            http::ResponseHead head{503, {}};
            co_await exchange.respond_whole(std::move(head), ByteView());
            co_return;
        }
        if (self->dies && exchange.request().path == "/sealed") {
            // A head, and then nothing: the node died before the first byte of its answer.
            http::ResponseHead head{200, {{"content-type", std::string(seal::kResponseType)}}};
            co_await exchange.respond(std::move(head));
            co_return;
        }
        co_await self->worker->serve(exchange);
    });
    nodes.push_back(std::move(node));
}

World::World(Options options) {
    std::string pattern = (std::filesystem::temp_directory_path() / "openpcc-path-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    for (std::size_t i = 1; i <= options.nodes; ++i) start_node(i, options);

    auto pem = service_key.to_pem();
    auto gateway_copy = pem.with([](ByteView text) { return *crypto::SigningKey::parse_pem(text); });
    keys = *gateway::KeyRing::make({hpke::Kem::kX25519}, std::move(gateway_copy), {}, options.replay_capacity, random, wall_clock());
    std::vector<std::unique_ptr<http::Client>> clients;
    for (const auto& node : nodes) clients.push_back(http::Client::make(loop, node->endpoint, {}, nullptr));
    pool = std::make_unique<gateway::NodePool>(loop, std::move(clients));
    loop.run_until_done(pool->refresh());
    gateway = std::make_unique<gateway::Gateway>(*keys, *pool, gateway::Limits{}, random, gateway_refusals,
                                                 [this] { return offered; });
    http::ServerLimits limits;
    limits.body_bytes = 8 << 20;
    gateway_server = *http::Server::listen(loop, socket("gateway"), limits, nullptr,
                                           [this](http::Exchange& exchange) { return gateway->serve(exchange); });
    relay = std::make_unique<relay::Relay>(http::Client::make(loop, socket("gateway"), {}, nullptr), relay::Limits{}, relay_refusals);
    start_relay(*net::Endpoint::parse("http://127.0.0.1:0"));
}

void World::start_relay(const net::Endpoint& at) {
    http::ServerLimits limits;
    limits.body_bytes = 8 << 20;
    relay_server = *http::Server::listen(loop, at, limits, nullptr,
                                         [this](http::Exchange& exchange) { return relay->serve(exchange); });
}

void World::offer(std::string file, std::optional<std::string> named) {
    offered.name = to_hex(collateral::name_of(as_bytes(named.value_or(file))));
    offered.file = std::make_shared<const std::string>(std::move(file));
}

World::~World() {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
}

client::Profile World::profile() const {
    verify::Roots roots = verify::genuine_roots();
    roots.simulated.tdx.push_back(root.certificate());
    return {relay_server->endpoint(), nullptr, service_key.verifying_key(), policy, roots,
            collection};
}

net::Task<World::Said> World::ask(client::Session& session, std::string prompt, bool stream) {
    struct Sink final : client::AnswerSink {
        explicit Sink(Said& out) : said(out) {}
        Result<void> head(const http::ResponseHead& head) override {
            said.status = head.status;
            return {};
        }
        Result<void> content(ByteView text) override {
            said.text += to_string(text);
            return {};
        }
        Said& said;
    };
    Said said;
    Sink sink(said);
    const std::string body = "{\"model\":\"demo\",\"stream\":" + std::string(stream ? "true" : "false") +
                             ",\"messages\":[{\"role\":\"user\",\"content\":\"" + prompt + "\"}]}";
    const Plaintext plaintext = Plaintext::copy_from(as_bytes(body));
    http::RequestHead head{"POST", "https", "openpcc", "/v1/chat/completions", {{"content-type", "application/json"}}};
    said.receipt = co_await session.ask(std::move(head), plaintext, sink);
    co_return said;
}

}  // namespace openpcc::path

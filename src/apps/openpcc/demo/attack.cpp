// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/demo/attack.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "apps/openpcc/demo/attacks.hpp"
#include "apps/openpcc/output.hpp"
#include "hops/client/errors.hpp"
#include "protocol/ohttp/errors.hpp"
#include "protocol/seal/errors.hpp"
#include "trust/service/gateway_keys.hpp"
#include "wire/json.hpp"

namespace openpcc::demo {

namespace {

net::Task<Finding> ask_under_attack(Scene& scene, client::Profile profile) {
    client::Session session = scene.session(std::move(profile));
    const auto asked = co_await scene.ask(session);
    co_return asked ? Finding{} : Finding{std::string(asked.error().name())};
}

net::Task<Finding> truncated_by_relay(Scene& scene) {
    // Directory and evidence pass; the sealed answer, which comes after them, is cut, and its end made to look right.
    std::size_t passing = 1 + scene.node_taps().size();
    scene.relay_tap().on_answer([passing](Tap::Message& message) mutable {
        if (message.path != "/ohttp" || passing-- > 0) return;
        message.content.resize(message.content.size() - 40);
    });
    client::Profile profile = scene.profile();
    co_return co_await ask_under_attack(scene, std::move(profile));
}

net::Task<Finding> altered_by_gateway(Scene& scene) {
    for (auto& tap : scene.node_taps())
        tap->on_answer([](Tap::Message& message) {
            if (message.path == "/sealed" && message.status == 200) message.content[40] ^= 1;
        });
    client::Profile profile = scene.profile();
    co_return co_await ask_under_attack(scene, std::move(profile));
}

// The gateway changes the request on its way to a candidate; the node says why it refuses by its own count.
net::Task<Finding> altered_towards_node(Scene& scene) {
    const auto before = co_await scene.node_refusals(seal::kOpenFailed);
    for (auto& tap : scene.node_taps())
        tap->on_request([](Tap::Message& message) {
            if (message.path == "/sealed") message.content[message.content.size() - 1] ^= 1;
        });
    client::Profile profile = scene.profile();
    const Finding at_client = co_await ask_under_attack(scene, std::move(profile));
    const auto after = co_await scene.node_refusals(seal::kOpenFailed);
    if (at_client.by.empty() || after <= before) co_return Finding{};
    co_return Finding{std::string(seal::kOpenFailed.name), "node"};
}

net::Task<Finding> replayed_to_node(Scene& scene) {
    client::Profile profile = scene.profile();
    const Finding good = co_await ask_under_attack(scene, std::move(profile));
    if (!good.by.empty()) co_return Finding{};
    const auto before = co_await scene.node_refusals(seal::kReplayed);
    for (auto& tap : scene.node_taps()) {
        const Tap::Message* request = tap->last("/sealed");
        if (request == nullptr) continue;
        const Tap::Message copy = *request;
        const auto answer = co_await tap->replay(copy);
        if (!answer || answer->status == 200) co_return Finding{};
    }
    const auto after = co_await scene.node_refusals(seal::kReplayed);
    co_return after > before ? Finding{std::string(seal::kReplayed.name), "node"} : Finding{};
}

net::Task<Finding> replayed_to_gateway(Scene& scene) {
    client::Profile profile = scene.profile();
    const Finding good = co_await ask_under_attack(scene, std::move(profile));
    const Tap::Message* request = scene.relay_tap().last("/ohttp");
    if (!good.by.empty() || request == nullptr) co_return Finding{};
    const Tap::Message copy = *request;
    const auto before = co_await scene.refusals("tapped gateway", ohttp::kReplayed);
    const auto answer = co_await scene.relay_tap().replay(copy);
    const auto after = co_await scene.refusals("tapped gateway", ohttp::kReplayed);
    if (!answer || answer->status == 200 || after <= before) co_return Finding{};
    co_return Finding{std::string(ohttp::kReplayed.name), "gateway"};
}

net::Task<Finding> key_substituted(Scene& scene) {
    const TimePoint now = Scene::wall_clock();
    const auto own_service_key = std::make_shared<crypto::SigningKey>(crypto::SigningKey::generate_ed25519());
    auto own_key = hpke::PrivateKey::generate(hpke::Kem::kX25519, scene.random());
    if (!own_key) co_return Finding{};
    service::GatewayKeys keys{now, now + Seconds(3600), {}};
    keys.configs.push_back({1, own_key->public_key(), {ohttp::SymmetricSuite{}}});
    const auto document = keys.sign(*own_service_key);
    if (!document) co_return Finding{};
    scene.relay_tap().on_answer([&](Tap::Message& message) {
        if (message.path == "/gateway-keys") message.content = *document;
    });
    client::Profile profile = scene.profile();
    co_return co_await ask_under_attack(scene, std::move(profile));
}

// Nothing leaves this machine: the client refuses before it connects.
net::Task<Finding> simulated_elsewhere(Scene& scene) {
    client::Profile profile = scene.profile();
    profile.relay = {net::Endpoint::Kind::kTcp, "192.0.2.1", 80};  // RFC 5737: nobody's address
    co_return co_await ask_under_attack(scene, std::move(profile));
}

constexpr Attack kAttacks[] = {
    {"stream truncated by the relay", "client.truncated", truncated_by_relay},
    {"chunk altered by the gateway", "client.unreadable", altered_by_gateway},
    {"request altered towards another candidate", "seal.open_failed", altered_towards_node},
    {"request replayed to the node", "seal.replayed", replayed_to_node},
    {"request replayed to the gateway", "ohttp.replayed", replayed_to_gateway},
    {"gateway key substituted by the relay", "service.bad_signature", key_substituted},
    {"simulated node over a non-loopback address", "client.not_local", simulated_elsewhere},
};

net::Task<int> run_all(Stage& stage, net::Loop& loop, bool json) {
    auto scene = Scene::make(stage, loop);
    if (!scene) co_return cli::report(scene.error(), json);
    const auto ready = co_await (*scene)->wait_until_ready();
    if (!ready) co_return cli::report(ready.error(), json);

    json::Value list = json::Value::array();
    int through = 0;
    std::vector<Attack> attacks(evidence_attacks().begin(), evidence_attacks().end());
    attacks.insert(attacks.end(), std::begin(kAttacks), std::end(kAttacks));
    for (const Attack& attack : attacks) {
        (*scene)->pass_all();
        const Finding finding = co_await attack.run(**scene);
        const bool stopped = finding.by == attack.check;
        through += stopped ? 0 : 1;
        if (json) {
            json::Value entry = json::Value::object();
            entry.set("attack", json::Value::string(attack.name));
            entry.set("stopped", json::Value::boolean(stopped));
            entry.set("by", json::Value::string(finding.by));
            entry.set("at", json::Value::string(finding.where));
            list.push(std::move(entry));
        } else if (stopped) {
            fmt::print("  stopped      {:<44} by {} ({})\n", attack.name, finding.by, finding.where);
        } else {
            fmt::print("  GOT THROUGH  {:<44} expected {}, found {}\n", attack.name, attack.check,
                       finding.by.empty() ? "nothing" : finding.by);
        }
        std::fflush(stdout);
    }
    if (json) {
        json::Value out = json::Value::object();
        out.set("attacks", std::move(list));
        out.set("through", json::Value::integer(through));
        fmt::print("{}\n", out.to_text());
    } else {
        fmt::print("{} of {} attacks stopped\n", attacks.size() - static_cast<std::size_t>(through), attacks.size());
    }
    co_return through == 0 ? cli::kOk : cli::kRefused;
}

}  // namespace

int attack(Stage& stage, bool json) {
    if (!json) fmt::print("\nattacks on the live system, from every hop\n");
    net::Loop loop;
    return loop.run_until_done(run_all(stage, loop, json));
}

}  // namespace openpcc::demo

// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/demo/scene.hpp"

#include <fmt/format.h>

#include "apps/openpcc/chat.hpp"

namespace openpcc::demo {

namespace {
using namespace std::chrono_literals;
}

Result<std::unique_ptr<Scene>> Scene::make(Stage& stage, net::Loop& loop) {
    std::unique_ptr<Scene> scene(new Scene(stage, loop));
    const std::string& folder = stage.folder();
    std::string nodes;
    std::vector<net::Endpoint> targets;
    for (const Stage::Role& role : stage.roles())
        if (role.name.starts_with("node")) targets.push_back(role.endpoint);
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const auto listen = net::Endpoint::parse(fmt::format("unix:{}/tap-{}.sock", folder, i + 1));
        OPENPCC_TRY(auto tap, Tap::make(loop, *listen, targets[i]));
        nodes += fmt::format("{}\"{}\"", nodes.empty() ? "" : ", ", listen->to_text());
        scene->node_taps_.push_back(std::move(tap));
    }
    OPENPCC_CHECK(stage.start_role("tapped gateway", "gatewayd",
                                   fmt::format("listen = \"unix:{0}/tapped-gateway.sock\"\nmetrics = \"unix:{0}/tapped-gateway.metrics\"\n"
                                               "nodes = [{1}]\nservice_key = \"{0}/service.key\"\n",
                                               folder, nodes)));
    const auto listen = net::Endpoint::parse(fmt::format("unix:{}/tap-relay.sock", folder));
    OPENPCC_TRY(scene->relay_tap_, Tap::make(loop, *listen, stage.role("tapped gateway").endpoint));
    OPENPCC_CHECK(stage.start_role("tapped relay", "relayd",
                                   fmt::format("listen = \"http://127.0.0.1:0\"\nmetrics = \"unix:{0}/tapped-relay.metrics\"\n"
                                               "gateway = \"{1}\"\n",
                                               folder, listen->to_text())));
    return scene;
}

void Scene::pass_all() {
    relay_tap_->pass();
    for (auto& tap : node_taps_) tap->pass();
}

client::Profile Scene::profile() const {
    client::Profile profile = stage_.profile();
    profile.relay = stage_.role("tapped relay").endpoint;
    return profile;
}

net::Task<Result<void>> Scene::wait_until_ready() {
    client::Session checking = session(profile());
    const net::Deadline until = net::after(30s);
    while (true) {
        const auto judged = co_await checking.judge_nodes();
        if (judged && (*judged)->nodes.size() == node_taps_.size()) co_return Result<void>{};
        if (net::Clock::now() > until) co_return fail(kCannotStart, "the tapped path does not come up");
        const net::Deadline next = net::after(100ms);
        OPENPCC_CO_CHECK(co_await net::sleep_until(next));
    }
}

net::Task<Result<void>> Scene::ask(client::Session& session) {
    cli::ChatOptions options;
    options.prompt = "Hello";
    options.temperature = 0.0;
    const Plaintext body = cli::chat_body(options);
    cli::ChatAnswer answer(false);
    http::RequestHead head{"POST", "https", "openpcc", "/v1/chat/completions", {{"content-type", "application/json"}}};
    const auto receipt = co_await session.ask(std::move(head), body, answer);
    if (!receipt) co_return std::unexpected(receipt.error());
    if (const auto refusal = answer.refusal()) co_return std::unexpected(*refusal);
    co_return Result<void>{};
}

net::Task<std::int64_t> Scene::refusals(std::string_view role, const ErrorCode& reason) {
    const auto client = http::Client::make(loop_, stage_.role(role).metrics, http::ClientLimits{}, nullptr);
    http::RequestHead head{"GET", "", "", "/metrics", {{"content-length", "0"}}};
    const auto answer = co_await client->fetch(std::move(head), ByteView(), 1 << 20);
    if (!answer) co_return -1;
    const std::string wanted = fmt::format("{{reason=\"{}\"}} ", reason.name);
    const std::string_view text = as_text(answer->content);
    const std::size_t at = text.find(wanted);
    co_return at == std::string_view::npos ? 0 : std::atoll(text.data() + at + wanted.size());
}

net::Task<std::int64_t> Scene::node_refusals(const ErrorCode& reason) {
    std::int64_t sum = 0;
    for (std::size_t i = 1; i <= node_taps_.size(); ++i) {
        const std::string name = fmt::format("node {}", i);
        sum += co_await refusals(name, reason);
    }
    co_return sum;
}

}  // namespace openpcc::demo

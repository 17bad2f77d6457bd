// SPDX-License-Identifier: Apache-2.0
#include "hops/gateway/node_pool.hpp"

#include <algorithm>
#include <tuple>

#include "core/text.hpp"
#include "wire/json.hpp"

namespace openpcc::gateway {

namespace {

constexpr std::size_t kMaxStatus = 16 * 1024;

std::vector<seal::KeyId> read_keys(const json::Value* list) {
    std::vector<seal::KeyId> keys;
    if (list == nullptr || !list->is_array()) return keys;
    for (const json::Value& element : list->elements())
        if (const auto id = array_from_hex<seal::KeyId>(element.as_string().value_or(""))) keys.push_back(*id);
    return keys;
}

std::string hex64(const json::Value* value) {
    const auto text = value == nullptr ? std::nullopt : value->as_string();
    const auto digest = array_from_hex<Digest256>(text.value_or(""));
    return digest ? to_hex(*digest) : std::string();
}

}  // namespace

NodePool::NodePool(net::Loop& loop, std::vector<std::unique_ptr<http::Client>> clients, net::Clock::duration patience)
    : loop_(loop), patience_(patience) {
    for (auto& client : clients) {
        nodes_.push_back(std::make_shared<Node>());
        nodes_.back()->client = std::move(client);
    }
}

// Keys and statements belong to the node that named them first: otherwise one bad node could draw away, and drop, what is
// sealed to the others.
bool NodePool::claimed_by_another(const Node& node, const std::string& statement,
                                  const std::vector<seal::KeyId>& keys) const {
    return std::ranges::any_of(nodes_, [&](const auto& other) {
        return other.get() != &node && (other->statement == statement || std::ranges::any_of(keys, [&](const auto& key) {
                                            return std::ranges::find(other->keys, key) != other->keys.end();
                                        }));
    });
}

// A status that is not whole makes the node not ready, and changes nothing else.
void NodePool::take_status(Node& node, ByteView body) {
    node.ready = false;
    const auto status = json::parse(body);
    if (!status || !status->is_object()) return;
    const std::string statement = hex64(status->get("statement"));
    const std::string model = hex64(status->get("model"));
    auto keys = read_keys(status->get("keys"));
    auto current = read_keys(status->get("current"));
    const json::Value* ready = status->get("ready");
    const json::Value* load = status->get("in_flight");
    if (statement.empty() || model.empty() || keys.empty() || current.empty() || ready == nullptr) return;
    if (claimed_by_another(node, statement, keys)) return;
    node.statement = statement;
    node.model = model;
    node.keys = std::move(keys);
    node.current = std::move(current);
    node.reported_load = load == nullptr ? 0 : static_cast<std::uint32_t>(load->as_int().value_or(0));
    node.ready = ready->as_bool().value_or(false);
}

net::Task<void> NodePool::ask(Node& node, net::Event& answered, bool& done) {
    http::RequestHead head{"GET", "", "", "/status", {{"content-length", "0"}}};
    const auto answer = co_await node.client->fetch(std::move(head), ByteView(), kMaxStatus);
    if (!answer || answer->head.status != 200) {
        node.ready = false;
    } else {
        take_status(node, answer->content);
        node.failures = 0;
    }
    done = true;
    answered.notify();
}

net::Task<void> NodePool::ask_in_time(Node& node) {
    net::Event answered(loop_);
    bool done = false;
    const net::Deadline deadline = net::after(patience_);
    const auto asking = net::spawn_child(loop_, ask(node, answered, done));
    Result<void> waited;
    while (!done && waited) waited = co_await answered.wait(deadline);
    asking->cancel();  // which makes it not ready
    co_await asking->done();
}

net::Task<void> NodePool::watch_one(Node& node, net::Clock::duration interval) {
    while (true) {
        co_await ask_in_time(node);
        const net::Deadline next = net::after(interval);
        const auto slept = co_await net::sleep_until(next);
        if (!slept) co_return;
    }
}

net::Task<void> NodePool::refresh() {
    std::vector<std::unique_ptr<net::Child>> asking;
    for (const auto& node : nodes_) asking.push_back(net::spawn_child(loop_, ask_in_time(*node)));
    for (const auto& one : asking) co_await one->done();
}

net::Task<void> NodePool::watch(net::Clock::duration interval) {
    std::vector<std::unique_ptr<net::Child>> watching;
    for (const auto& node : nodes_) watching.push_back(net::spawn_child(loop_, watch_one(*node, interval)));
    for (const auto& one : watching) co_await one->done();
}

std::shared_ptr<Node> NodePool::by_key(const seal::KeyId& key) {
    const auto found = std::ranges::find_if(
        nodes_, [&](const auto& node) { return std::ranges::find(node->keys, key) != node->keys.end(); });
    return found == nodes_.end() ? nullptr : *found;
}

std::shared_ptr<Node> NodePool::by_statement(std::string_view statement_hex) {
    const auto found = std::ranges::find_if(
        nodes_, [&](const auto& node) { return !statement_hex.empty() && node->statement == statement_hex; });
    return found == nodes_.end() ? nullptr : *found;
}

std::vector<std::size_t> NodePool::order(const std::vector<seal::Entry>& entries) {
    std::vector<std::pair<std::size_t, std::shared_ptr<const Node>>> known;
    for (std::size_t i = 0; i < entries.size(); ++i)
        if (auto node = by_key(entries[i].key_id)) known.emplace_back(i, std::move(node));
    std::ranges::sort(known, {}, [](const auto& entry) {
        const Node& node = *entry.second;
        return std::tuple(node.failures > 0, !node.ready, node.in_flight + node.reported_load, entry.first);
    });
    std::vector<std::size_t> out;
    for (const auto& [index, node] : known) out.push_back(index);
    return out;
}

std::string NodePool::directory(std::string_view collateral) const {
    json::Value list = json::Value::array();
    for (const auto& node : nodes_) {
        if (!node->ready) continue;
        json::Value entry = json::Value::object();
        entry.set("statement", json::Value::string(node->statement));
        json::Value keys = json::Value::array();
        for (const seal::KeyId& key : node->current) keys.push(json::Value::string(to_hex(key)));
        entry.set("keys", std::move(keys));
        entry.set("model", json::Value::string(node->model));
        list.push(std::move(entry));
    }
    json::Value directory = json::Value::object();
    directory.set("nodes", std::move(list));
    if (!collateral.empty()) directory.set("collateral", json::Value::string(std::string(collateral)));
    return directory.to_text();
}

bool NodePool::any_ready() const {
    return std::ranges::any_of(nodes_, [](const auto& node) { return node->ready; });
}

}  // namespace openpcc::gateway

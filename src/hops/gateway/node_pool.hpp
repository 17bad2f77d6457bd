// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/http/client.hpp"
#include "io/net/event.hpp"
#include "io/net/loop.hpp"
#include "protocol/seal/header.hpp"

namespace openpcc::gateway {

// Node is one node as the gateway knows it: where it is, and what it last said of itself. Nothing here is trusted for
// more than routing: clients verify the evidence themselves.
struct Node {
    std::unique_ptr<http::Client> client;
    bool ready = false;
    std::string statement;             // hex of its current statement's name
    std::string model;                 // hex
    std::vector<seal::KeyId> keys;     // every key that it still opens
    std::vector<seal::KeyId> current;  // the keys of the current statement
    std::uint32_t reported_load = 0;
    std::uint32_t in_flight = 0;  // ours
    std::uint32_t failures = 0;   // in a row; a node that failed is tried after the others until it answers again
};

// NodePool keeps the nodes' states and chooses among them. One loop owns it.
class NodePool {
  public:
    // patience: how long a node may take to say its state; one that takes longer is not ready.
    NodePool(net::Loop& loop, std::vector<std::unique_ptr<http::Client>> clients,
             net::Clock::duration patience = std::chrono::seconds(5));

    // watch asks every node for its state, for ever, and each on its own: one that stalls holds up nobody else.
    net::Task<void> watch(net::Clock::duration interval);
    // refresh asks all of them once.
    net::Task<void> refresh();

    // A request may outlive the pool: it keeps its node.
    std::shared_ptr<Node> by_key(const seal::KeyId& key);
    std::shared_ptr<Node> by_statement(std::string_view statement_hex);
    // order gives the indexes of the entries whose nodes are known, the best first: not failing, then ready, then least
    // loaded; entries of unknown nodes are left out.
    std::vector<std::size_t> order(const std::vector<seal::Entry>& entries);
    // directory is the list that clients read (docs/reference/directory.md), with the name of the collateral on offer.
    std::string directory(std::string_view collateral) const;
    bool any_ready() const;

  private:
    net::Task<void> watch_one(Node& node, net::Clock::duration interval);
    net::Task<void> ask_in_time(Node& node);
    net::Task<void> ask(Node& node, net::Event& answered, bool& done);
    void take_status(Node& node, ByteView body);
    bool claimed_by_another(const Node& node, const std::string& statement, const std::vector<seal::KeyId>& keys) const;

    net::Loop& loop_;
    const net::Clock::duration patience_;
    std::vector<std::shared_ptr<Node>> nodes_;
};

}  // namespace openpcc::gateway

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/signature.hpp"
#include "evidence/simulated/authority.hpp"
#include "hops/client/profile.hpp"
#include "io/confine/process.hpp"

namespace openpcc::demo {

inline constexpr ErrorCode kCannotStart{"demo.cannot_start", Category::kUnavailable};

struct StageOptions {
    std::string programs;     // the folder of relayd, gatewayd, noded
    std::string engine_root;  // `tools/engine/fetch --print-root`
    std::string model;        // a GGUF file
    std::size_t nodes = 2;
};

// Stage runs every role as its own process on this machine: nodes with real engines in their sandboxes, a gateway and a
// relay, over UNIX sockets and, for the relay, a loopback port. Everything is made for this one run in a private folder
// and gone after it: keys, throwaway root of trust, policy. Destroying it stops all.
class Stage {
  public:
    using Progress = std::function<void(std::string_view)>;
    static Result<std::unique_ptr<Stage>> start(const StageOptions& options, const Progress& progress);
    ~Stage();

    // Role is one running process.
    struct Role {
        std::string name;  // "relay", "gateway", "node 1"
        confine::Process process;
        net::Endpoint endpoint;
        net::Endpoint metrics;
    };
    std::vector<Role>& roles() { return roles_; }
    Role& role(std::string_view name);
    // start_role starts a daemon with an own configuration text in the stage's folder, and waits until it listens.
    Result<void> start_role(const std::string& name, const std::string& program, const std::string& configuration);
    void stop_role(std::string_view name);

    client::Profile profile() const;
    const std::string& folder() const { return folder_; }
    std::string client_config() const { return folder_ + "/client.toml"; }
    const crypto::SigningKey& service_key() const { return *service_key_; }
    const simulated::RootAuthority& root() const { return *root_; }
    const collateral::Collection& collateral() const { return collateral_; }

  private:
    Stage() = default;
    Result<void> make_folder();
    Result<void> make_keys();
    Result<void> start_nodes(const StageOptions& options, const Progress& progress);
    Result<void> make_collateral();
    Result<void> make_policy(const std::string& description);
    Result<std::string> describe_node(const std::string& configuration_path);

    std::string programs_;
    std::string folder_;
    std::unique_ptr<crypto::SigningKey> service_key_;
    std::unique_ptr<simulated::RootAuthority> root_;
    policy::Policy policy_;
    collateral::Collection collateral_;
    std::vector<Role> roles_;
};

}  // namespace openpcc::demo

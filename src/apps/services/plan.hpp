// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "apps/services/files.hpp"
#include "core/result.hpp"
#include "io/net/endpoint.hpp"

// What a new service consists of: a folder for each party, with its configuration and nobody else's secrets.
namespace openpcc::services {

inline constexpr ErrorCode kBadPlan{"services.bad_plan", Category::kBadInput};

// Where roles find each other when nothing else is said: all on this machine.
inline constexpr std::uint16_t kRelayPort = 8440;
inline constexpr std::uint16_t kGatewayPort = 8441;
inline constexpr std::uint16_t kNodePort = 8442;
inline constexpr std::uint16_t kMetricsPort = 9440;  // of the relay; the gateway's and the node's follow

enum class Place { kOneMachine, kSplit };
enum class Hardware { kGenuine, kSimulated };

// Plan is what the operator says.
struct Plan {
    std::string name;     // letters, digits and - ; it names systemd's instances
    std::string release;  // what the node calls what it runs
    Place place = Place::kOneMachine;
    Hardware hardware = Hardware::kGenuine;
    net::Endpoint relay, gateway;      // as others reach them
    std::vector<net::Endpoint> nodes;  // the same port and kind each: they share one configuration
    std::string engine_kind = "llama-server";
    std::string engine_root, model, model_name;  // paths on the nodes
    std::string run_folder;                      // the node's, for its engine's socket
    std::vector<std::string> fmspc, products;    // platforms that the gateway fetches collateral about
    std::string state_folder;                    // the gateway's, for that collateral
};

// check is services.bad_plan with what is wrong.
Result<void> check(const Plan& plan);

// files are those that need no key and no node: configurations, and what each party reads first. `service_key` is the
// text that clients pin.
std::vector<File> files(const Plan& plan, const std::string& service_key);

// listen_for is where a role listens that others reach at `endpoint`: the same on this machine, else every address.
net::Endpoint listen_for(const net::Endpoint& endpoint);

}  // namespace openpcc::services

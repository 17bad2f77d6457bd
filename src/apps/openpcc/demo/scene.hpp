// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "apps/openpcc/demo/stage.hpp"
#include "apps/openpcc/demo/tap.hpp"
#include "crypto/random.hpp"
#include "hops/client/session.hpp"

namespace openpcc::demo {

// Scene is a second gateway and relay beside the stage's own, with taps between: relay -> [relay tap] -> gateway ->
// [node taps] -> the stage's nodes.
class Scene {
  public:
    static Result<std::unique_ptr<Scene>> make(Stage& stage, net::Loop& loop);

    Stage& stage() { return stage_; }
    Random& random() { return random_; }
    Tap& relay_tap() { return *relay_tap_; }
    std::vector<std::unique_ptr<Tap>>& node_taps() { return node_taps_; }
    void pass_all();

    client::Profile profile() const;
    client::Session session(client::Profile profile) { return {loop_, std::move(profile), random_, wall_clock}; }
    net::Task<Result<void>> wait_until_ready();
    // ask sends one short prompt; how it went is the result.
    net::Task<Result<void>> ask(client::Session& session);
    // refusals is how often a role has refused for a reason, by its own count.
    net::Task<std::int64_t> refusals(std::string_view role, const ErrorCode& reason);
    net::Task<std::int64_t> node_refusals(const ErrorCode& reason);

    static TimePoint wall_clock() { return std::chrono::floor<Seconds>(std::chrono::system_clock::now()); }

  private:
    Scene(Stage& stage, net::Loop& loop) : stage_(stage), loop_(loop) {}
    Stage& stage_;
    net::Loop& loop_;
    crypto::SystemRandom random_;
    std::unique_ptr<Tap> relay_tap_;
    std::vector<std::unique_ptr<Tap>> node_taps_;
};

}  // namespace openpcc::demo

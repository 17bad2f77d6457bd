// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "apps/vendors/refresh.hpp"
#include "hops/gateway/gateway.hpp"
#include "io/obs/metrics.hpp"

namespace openpcc::gatewayd {

// Offer is the file of collateral that gatewayd offers to clients. Where the configuration names platforms, gatewayd
// asks the vendors and keeps the file fresh; where it names none, somebody else replaces the file, and it is read again
// once a minute. A file that cannot be read takes nothing away from what is held.
class Offer {
  public:
    struct Settings {
        std::optional<std::string> file;  // none: nothing is offered
        vendors::Settings vendors;
        static Settings read(config::File& file);
    };

    // start reads the file, and spawns what keeps it fresh on the loop. `random` and `registry` outlive the loop.
    static Result<std::unique_ptr<Offer>> start(Settings settings, net::Loop& loop, Random& random,
                                                obs::Registry& registry);

    gateway::OfferedCollateral now() const;

  private:
    Offer(Settings settings, net::Loop& loop, Random& random, obs::Registry& registry);
    void report(const Result<void>& outcome);
    void show();

    Settings settings_;
    vendors::Refresher refresher_;
    obs::Counter failures_;
    obs::Gauge fetched_;
};

}  // namespace openpcc::gatewayd

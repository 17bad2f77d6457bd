// SPDX-License-Identifier: Apache-2.0
#include "apps/gatewayd/offer.hpp"

#include <fmt/format.h>

#include "apps/daemon/daemon.hpp"
#include "core/text.hpp"

namespace openpcc::gatewayd {

Offer::Settings Offer::Settings::read(config::File& file) {
    Settings out;
    out.file = file.optional_path("collateral.file");
    out.vendors = vendors::Settings::read(file);
    if (!out.file && !out.vendors.wanted.empty())
        file.problem("collateral.file",
                     "platforms are named, and there is no file to keep what vendors publish about them");
    return out;
}

Offer::Offer(Settings settings, net::Loop& loop, Random& random, obs::Registry& registry)
    : settings_(std::move(settings)),
      refresher_(
          settings_.file.value_or(""),
          [this, &loop] {
              return vendors::fetch(loop, settings_.vendors.sources, settings_.vendors.wanted, daemon::wall_clock());
          },
          vendors::Schedule{}, random, daemon::wall_clock),
      failures_(registry, "openpcc_gateway_collateral_failures_total",
                "refreshes of collateral that failed in part or whole"),
      fetched_(registry, "openpcc_gateway_collateral_fetched_seconds",
               "when the vendors last answered everything, in seconds since 1970; 0 without collateral") {}

Result<std::unique_ptr<Offer>> Offer::start(Settings settings, net::Loop& loop, Random& random,
                                            obs::Registry& registry) {
    const bool asks = !settings.vendors.wanted.empty();
    if (asks) OPENPCC_CHECK(settings.vendors.trust());
    std::unique_ptr<Offer> offer(new Offer(std::move(settings), loop, random, registry));
    if (!offer->settings_.file) return offer;
    OPENPCC_CHECK(offer->refresher_.load());
    offer->show();
    Offer& self = *offer;
    if (asks)
        loop.spawn(self.refresher_.run([&self](const Result<void>& outcome) { self.report(outcome); }));
    else
        loop.spawn(daemon::every(std::chrono::minutes(1), [&self] { self.report(self.refresher_.load()); }));
    return offer;
}

void Offer::report(const Result<void>& outcome) {
    show();
    if (outcome) return;
    failures_.add();
    fmt::print(stderr, "gatewayd: warning: collateral: {}\n", outcome.error().describe());
}

void Offer::show() {
    const auto held = refresher_.held();
    fetched_.set(held == nullptr ? 0 : held->collection.fetched.time_since_epoch().count());
}

gateway::OfferedCollateral Offer::now() const {
    const auto held = refresher_.held();
    if (held == nullptr) return {};
    return {to_hex(held->name), std::shared_ptr<const std::string>(held, &held->file)};
}

}  // namespace openpcc::gatewayd

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/rules/rules.hpp"
#include "trust/collateral/items.hpp"

// How old a collection is, for people and for whoever watches over it.
namespace openpcc::collateral {

// Ages are those of a policy, for each vendor; none where the policy refuses the vendor altogether.
struct Ages {
    std::optional<evidence::CollateralAge> snp;
    std::optional<evidence::CollateralAge> tdx;
    // usual is what is shown by without a policy: for Intel amber after 30 days and red after 60, for AMD 300 and 380.
    static Ages usual();
};

enum class Light : std::uint8_t { kGreen, kAmber, kRed };
std::string_view to_string(Light light);

// Shown is an item with what its age means at one time.
struct Shown {
    Item item;
    Light light = Light::kRed;
    std::string why;                   // empty when green
    std::optional<TimePoint> changes;  // when the light changes next, if nothing newer comes
};

struct Overview {
    Digest256 name;
    TimePoint fetched;
    TimePoint now;
    std::vector<Shown> items;
    Light light = Light::kRed;  // the worst of them; red when there is none

    // to_json is schema openpcc-collateral-1 (docs/reference/collateral.md).
    std::string to_json() const;
    // render is one line, then one for each item.
    std::string render() const;
};

// look_at judges ages alone: what is in date here can still be forged, which is for a verdict to find.
Overview look_at(const Collection& collection, const Digest256& name, const Ages& ages, TimePoint now);

}  // namespace openpcc::collateral

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "apps/openpcc/demo/scene.hpp"

namespace openpcc::demo {

// Finding is what stopped an attack: the name of a check or of an error, and who it was that refused.
struct Finding {
    std::string by;  // empty: nothing stopped it
    std::string_view where = "client";
};

struct Attack {
    std::string_view name;
    std::string_view check;  // what must stop it
    net::Task<Finding> (*run)(Scene&);
};

// evidence_attacks are those of somebody who has machines of the right make and stands between client and nodes.
std::span<const Attack> evidence_attacks();

}  // namespace openpcc::demo

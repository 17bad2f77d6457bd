// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/hpke/hpke.hpp"
#include "vectors/topics.hpp"

namespace openpcc::vectors {

// replay_hpke_case replays one object in the form of the RFC 9180 vectors, or skips it with its reason.
void replay_hpke_case(const json::object& test, std::string_view where, Tally& tally);

}  // namespace openpcc::vectors

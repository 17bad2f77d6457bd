// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/openpcc/demo/stage.hpp"

namespace openpcc::demo {

// attack attacks a running stage from every hop, and prints for each attack the check that stopped it. It returns kOk
// only when all were stopped, each by the check that it should be stopped by; otherwise kRefused.
int attack(Stage& stage, bool json);

}  // namespace openpcc::demo

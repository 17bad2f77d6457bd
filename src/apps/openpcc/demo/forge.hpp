// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "evidence/simulated/platform.hpp"
#include "trust/statement/statement.hpp"

namespace openpcc::demo {

// What an attacker with a machine of the right make can do to evidence.

// altered_bundle parses a bundle, lets `change` alter it and writes it again; the hardware's signature stays as it was.
Bytes altered_bundle(ByteView bundle, const std::function<void(statement::Bundle&)>& change);

// Change is what an attacker wants to be different, before the machine signs.
struct Change {
    std::function<void(statement::Bundle&)> statement = [](statement::Bundle&) {};
    std::function<void(simulated::Draft&)> quote = [](simulated::Draft&) {};
};

// reissued_bundle alters a bundle and has a genuine machine of the attacker's sign it: every signature is good.
Bytes reissued_bundle(ByteView bundle, const simulated::Platform& machine, const Change& change);

}  // namespace openpcc::demo

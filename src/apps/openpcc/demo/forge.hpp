// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/random.hpp"
#include "evidence/simulated/authority.hpp"
#include "evidence/tdx/quote.hpp"
#include "trust/statement/statement.hpp"

namespace openpcc::demo {

// What an attacker with a machine of the right make can do to evidence.

// altered_bundle parses a bundle, lets `change` alter it and writes it again; the hardware's signature stays as it was.
Bytes altered_bundle(ByteView bundle, const std::function<void(statement::Bundle&)>& change);

// reissued_bundle alters a bundle and has another genuine machine sign it: statement and measurements are what the
// attacker wants, and every signature is good.
Bytes reissued_bundle(ByteView bundle, const simulated::RootAuthority& root, Random& random, TimePoint now,
                      const std::function<void(statement::Bundle&)>& change,
                      const std::function<void(tdx::TdReport&)>& measure);

}  // namespace openpcc::demo

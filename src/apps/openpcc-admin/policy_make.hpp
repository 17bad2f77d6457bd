// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/openpcc-admin/options.hpp"
#include "core/time.hpp"
#include "trust/policy/policy.hpp"

namespace openpcc::admin {

// make_policy is the preset, issued now, with what the options add to it.
Result<policy::Policy> make_policy(const MakeOptions& options, TimePoint now);

}  // namespace openpcc::admin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/bytes.hpp"
#include "core/verdict.hpp"
#include "trust/policy/policy.hpp"

namespace openpcc::verify {

// excuse applies the policy's exceptions: a check that failed or did not run, and that an exception in force names for
// this platform or this release, becomes a note that shows the exception, and the verdict holds until its end at most.
// Only checks of policy::excusable_checks() can be excused; the platform is the one that the hardware signed for.
Verdict excuse(const Verdict& verdict, const policy::Policy& policy, const std::optional<Digest256>& platform,
               const std::string& release, TimePoint now);

}  // namespace openpcc::verify

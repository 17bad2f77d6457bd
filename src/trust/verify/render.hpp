// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "trust/verify/verify.hpp"

namespace openpcc::verify {

// verdict_to_json is the machine's form of a verification; its schema is docs/reference/verdict.schema.json. Equal
// input gives equal bytes.
std::string verdict_to_json(const Verification& verification);

// Detail says how much a person wants to see: the reasons alone, every check, or every check with its meaning, its
// signer and its age.
enum class Detail { kReasons, kChecks, kExplained };

// render_verdict is the form for people: one sentence; what failed, could not run or is a note, with what was expected
// and what to do; the checks that passed, as `detail` asks; until when it holds.
std::string render_verdict(const Verification& verification, Detail detail);

}  // namespace openpcc::verify

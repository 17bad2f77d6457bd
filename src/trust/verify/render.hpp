// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "trust/verify/verify.hpp"

namespace openpcc::verify {

// verdict_to_json is the machine's form of a verification; its schema is docs/reference/verdict.md.
std::string verdict_to_json(const Verification& verification);

// render_verdict is the form for people: one sentence, one line per check, then what to do.
std::string render_verdict(const Verification& verification);

}  // namespace openpcc::verify

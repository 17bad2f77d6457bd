// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/checklist.hpp"
#include "trust/statement/statement.hpp"

namespace openpcc::verify {

// The tables of checks: of the bundle before the CPU evidence, and of the statement after it. Paragraphs are those of
// docs/protocol/statement.md.
std::vector<CheckSpec> bundle_checks(statement::TeeType tee);
std::vector<CheckSpec> statement_checks(statement::TeeType tee);

}  // namespace openpcc::verify

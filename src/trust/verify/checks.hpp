// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/checklist.hpp"

namespace openpcc::verify {

// The tables of checks: before the CPU evidence, and after it. Paragraphs are those of docs/protocol/statement.md.
std::span<const CheckSpec> bundle_checks();
std::span<const CheckSpec> statement_checks();

}  // namespace openpcc::verify

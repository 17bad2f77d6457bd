// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/result.hpp"
#include "trust/verify/verify.hpp"

namespace openpcc::cli {

// asked_beside reads BUNDLE.challenge, which `verify --save` writes: what was asked, and when. None when there is no such
// file; one that is there and cannot be read is an error.
Result<std::optional<verify::Expectation::SentChallenge>> asked_beside(const std::string& bundle);

}  // namespace openpcc::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/result.hpp"
#include "trust/verify/verify.hpp"

namespace openpcc::cli {

// asked_beside reads BUNDLE.challenge, which `verify --save` writes: what was asked, and when. None without the file.
Result<std::optional<verify::Expectation::SentChallenge>> asked_beside(const std::string& bundle);

}  // namespace openpcc::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.hpp"

namespace openpcc::snp {

inline constexpr ErrorCode kMalformed{"snp.malformed", Category::kBadInput};
inline constexpr ErrorCode kBadCertificate{"snp.bad_certificate", Category::kBadInput};  // AMD's names and extensions

}  // namespace openpcc::snp

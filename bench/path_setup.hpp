// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.hpp"

// What a stage needs before its roles start: the same as `openpcc demo` makes for itself.
namespace openpcc::bench {

// write_keys makes service.key, service.txt (the client's form), root.key and root.pem.
Result<void> write_keys(const std::string& folder);
// write_policy accepts what `noded --describe` has said.
Result<void> write_policy(const std::string& description_path, const std::string& policy_path);

}  // namespace openpcc::bench

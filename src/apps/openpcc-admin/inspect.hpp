// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "apps/openpcc-admin/options.hpp"
#include "io/device/inspection.hpp"

namespace openpcc::admin {

// The two forms of what it prints.
std::string to_text(const device::Machine& machine, const device::Inspection& inspection);
std::string to_json(const device::Machine& machine, const device::Inspection& inspection);

}  // namespace openpcc::admin

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "apps/openpcc-admin/service.hpp"
#include "trust/policy/lint.hpp"

namespace openpcc::admin {

// Made is what `service init` has made, beside the files.
struct Made {
    std::string service_key;                // the text that clients pin
    std::string signer;                     // the text of the key that signs the service's profile
    std::string fingerprint;                // of the profile, which users compare
    std::vector<policy::Finding> findings;  // about the policy
    std::vector<std::string> not_given;     // folders whose user is not on this machine
};

// is_packaged: whether the packages' units find the service where it is.
bool is_packaged(const ServiceInitOptions& options);

std::string to_text(const ServiceInitOptions& options, const Made& made);
std::string to_json(const ServiceInitOptions& options, const Made& made);

}  // namespace openpcc::admin

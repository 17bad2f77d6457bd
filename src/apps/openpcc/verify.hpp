// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/openpcc/choice.hpp"

namespace openpcc::cli {

struct VerifyOptions {
    ServiceChoice choice;               // a live service
    std::optional<std::string> bundle;  // or a saved bundle, a folder of them, or CPU evidence by itself, with a policy
    std::optional<std::string> policy;
    PolicySigners policy_signers;
    std::optional<std::string> collateral;
    std::vector<std::string> certificates;  // DER or PEM, of an SNP report by itself: leaf, then its issuer
    std::optional<std::string> event_log;
    std::optional<std::string> simulated_roots;
    std::optional<std::string> challenge;  // hex; with `sent`: what the saved bundle was asked for
    std::optional<std::string> sent;       // RFC 3339
    std::optional<std::string> at;         // RFC 3339; now when absent
    std::optional<std::string> save;       // folder for the bundles of a live service
    bool explain = false;
    bool json = false;
};

int verify(const VerifyOptions& options);

}  // namespace openpcc::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openpcc/openpcc.h>

#include <memory>
#include <string>
#include <vector>

#include "hops/client/nodes.hpp"

struct openpcc_verdict {
    openpcc_status status;
    std::string json, statement;
    std::string bundle, challenge;
    std::int64_t sent = 0;
};

struct openpcc_verdicts {
    std::vector<openpcc_verdict> all;
};

namespace openpcc::library {

// verdicts_of is one for each node, as the command line shows them.
std::unique_ptr<openpcc_verdicts> verdicts_of(const client::Judged& judged);
openpcc_status worst_of(const openpcc_verdicts& verdicts);

}  // namespace openpcc::library

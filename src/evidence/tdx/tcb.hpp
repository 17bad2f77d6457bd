// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evidence/tdx/pck.hpp"
#include "evidence/tdx/quote.hpp"
#include "evidence/tdx/rules.hpp"
#include "evidence/tdx/tcb_info.hpp"

namespace openpcc::tdx {

// Tcb is what Intel's collateral says of a platform: of its parts, and of the whole, which is as good as the worst.
struct Tcb {
    // Part has no grade when no level fits: such a version is not supported.
    struct Part {
        std::optional<Grade> grade;
        std::optional<TimePoint> up_to_date_since;  // date of the lowest level that is UpToDate
        friend bool operator==(const Part&, const Part&) = default;
    };
    Part platform;
    std::optional<Part> module;  // none: major version 0, which the platform's levels cover
    Part qe;
    std::optional<TcbStatus> status;      // none: not supported
    std::vector<std::string> advisories;  // of all parts, sorted, each once
    // When the first part that is out of date got a successor; none when nothing is, or where no level is UpToDate.
    std::optional<TimePoint> out_of_date_since;
    friend bool operator==(const Tcb&, const Tcb&) = default;
};

// evaluate_tcb follows Intel's order: first platform level that fits, module by TEE_TCB_SVN, quoting enclave by ISVSVN,
// then the worst of the three, and for TD 1.5 bodies whether the module that is loaded now has replaced an old one
// (DCAP quote verification library, 4.1.2.4.17). It assumes that FMSPC, module and enclave are those of the documents.
Tcb evaluate_tcb(const TcbInfo& info, const QeIdentity& identity, const PckPlatform& platform, const Quote& quote);

}  // namespace openpcc::tdx

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <vector>

#include "crypto/hash.hpp"
#include "evidence/eventlog/log.hpp"

namespace openpcc::eventlog {

// Layout is whose registers a log is about.
enum class Layout {
    kPcr,  // a TPM's, 0 to 23
    kTdx,  // measurement registers 1 to 4 are RTMR0 to RTMR3; 0 is MRTD, which the processor measures and no log
};

crypto::Hash hash_of(Bank bank);

// Registers are what a log extends them to, each from its start value.
struct Registers {
    std::vector<Bytes> values;         // by the log's index
    std::bitset<kRegisters> extended;  // by at least one event
};

// replay extends each event's digest in turn: R = H(R | digest). EV_NO_ACTION extends nothing. PCRs start at zero, 17
// to 22 at ones (TPM 2.0 PTP, table "PCR initial and reset values"), and PCR 0 at the locality of a StartupLocality
// event (PFP 10.4.5.3). eventlog.malformed: no such bank, a register that the layout does not have, or a
// StartupLocality that is not one.
Result<Registers> replay(const Log& log, Bank bank, Layout layout);

}  // namespace openpcc::eventlog

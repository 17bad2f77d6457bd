// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "trust/verify/attested.hpp"
#include "trust/verify/verify.hpp"

namespace openpcc::verify {

// Judge holds what the checks after the CPU evidence need: a bundle whose CPU evidence is signed. One use, one thread.
struct Judge {
    const statement::Bundle& bundle;
    const Attested& attested;
    const policy::Policy& policy;
    const Expectation& expectation;
    TimePoint now;
    Verdict& verdict;  // for its window; the checks go into `list`
    Checklist& list;

    // run judges everything of `statement_checks()`, or stops at a binding that does not hold.
    void run();

  private:
    bool bindings();
    void validity();
    void freshness();
    void challenge(const Expectation::SentChallenge& sent);
    void measurement();
    void tdx_measurement(const tdx::TdReport& report);
    void snp_measurement(const snp::Report& report);
    void release(bool named, std::size_t measurements);
    void policy_in_force();
    void contents();
    void platform();
    void root();
};

// post_quantum_keys of a statement, in its order.
std::vector<seal::KeyConfig> post_quantum_keys(const statement::Core& core);

}  // namespace openpcc::verify

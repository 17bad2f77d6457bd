// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "evidence/simulated/authority.hpp"
#include "hops/node/keeper.hpp"
#include "trust/policy/policy.hpp"

namespace openpcc::node {

// simulated_measurement is what the simulated platform measures: MRTD is SHA-384 of this very program, so that another
// build is another measurement; RTMR3 is extended with the role, as measured init will do; RTMR0..2 stand for firmware,
// kernel and image that a simulation does not have.
Result<policy::TdxMeasurement> simulated_measurement(const std::string& release, const std::string& program);

// make_simulated_attester is a TDX machine under a throwaway root: genuine formats that protect nothing.
Result<std::unique_ptr<Attester>> make_simulated_attester(const simulated::RootAuthority& root,
                                                          const policy::TdxMeasurement& measurement, Random& random,
                                                          TimePoint now);

}  // namespace openpcc::node

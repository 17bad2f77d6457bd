// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <utility>

#include "crypto/random.hpp"
#include "evidence/simulated/snp_authority.hpp"
#include "verifier/node.hpp"

namespace openpcc::hostile {

// SnpMachine is a good machine and who vouches for it.
struct SnpMachine {
    simulated::SnpLeafSpec leaf;
    simulated::SnpPlatform platform;
};

// Authorities are the throwaway vendors, their good machines and the client that accepts them. Made once: keys take
// long. Only what a recipe touches is signed again.
struct Authorities {
    mutable crypto::SystemRandom random;
    TimePoint now;
    simulated::RootAuthority intel;
    TdxSide tdx;
    simulated::Platform platform;
    std::shared_ptr<const simulated::SnpCaKeys> keys;
    std::map<snp::Product, simulated::SnpAuthority> amd;
    std::map<Base, SnpMachine> machines;
    Said said;
    Client client;
    collateral::Collection collection;
    std::shared_ptr<const verify::SignedCollateral> collateral;

    static const Authorities& get();
    const simulated::SnpAuthority& amd_of(Base base) const;
};

snp::Product product_of(Base base);
snp::KeyKind kind_of(Base base);

}  // namespace openpcc::hostile

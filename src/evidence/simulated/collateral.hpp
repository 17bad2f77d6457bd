// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "evidence/simulated/authority.hpp"
#include "evidence/tdx/collateral.hpp"
#include "evidence/tdx/pck.hpp"
#include "evidence/tdx/signed_collateral.hpp"
#include "evidence/tdx/tcb_info.hpp"
#include "wire/json.hpp"

namespace openpcc::simulated {

// CollateralDraft is what an authority publishes about platforms like one, before it is signed: every field can be set.
// Its defaults make that platform good; a negative test changes one.
struct CollateralDraft {
    tdx::TcbInfo tcb_info;
    tdx::QeIdentity qe_identity;
    // Changes of the JSON before it is signed, for what the structures cannot say.
    std::function<void(json::Value&)> change_tcb_info;
    std::function<void(json::Value&)> change_qe_identity;

    struct Signer {
        std::string name = std::string(tdx::kTcbSigningName);
        std::uint64_t serial = 0x7cb;
        bool is_ca = false;
        TimePoint not_before;
        TimePoint not_after;
    } signer;

    struct List {
        TimePoint this_update;
        TimePoint next_update;
        std::vector<Bytes> revoked;  // serial numbers
    };
    List root_crl;
    List pck_crl;

    static CollateralDraft good(const tdx::PckPlatform& platform, TimePoint now);
};

// published_by is what an authority publishes about all its good platforms, as of `now`.
Result<tdx::Collateral> published_by(const RootAuthority& root, Random& random, TimePoint now);

// publish signs a draft: TCB info, QE identity, and the lists of the root and of the PCK CA, in this order.
Result<tdx::Collateral> publish(const RootAuthority& root, const CollateralDraft& draft);

}  // namespace openpcc::simulated

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/checklist.hpp"
#include "evidence/tdx/signed_collateral.hpp"
#include "evidence/tdx/verify.hpp"

// The inside of verify_quote: what is judged once the signatures of a quote hold.
namespace openpcc::tdx {

// PckChain is a chain that has been verified.
struct PckChain {
    x509::Certificate leaf;
    x509::Certificate ca;
    x509::Certificate root;
    RootKind kind;
};

bool all_zero(ByteView bytes);
std::string hex_number(std::uint64_t value);
std::string describe(const Grade& grade);  // "OutOfDate of 2024-03-13"

// judge_configuration decides what the quote itself shows: enclave, attributes, state components, module, service TD.
void judge_configuration(const Quote& quote, const Rules& rules, Checklist& list);

// CollateralJudge decides what Intel says of the platform now: revocation, identities, TCB. One use, one thread.
class CollateralJudge {
  public:
    CollateralJudge(const Quote& quote, const PckPlatform& platform, const PckChain& chain,
                    const SignedCollateral& collateral, const Rules& rules, TimePoint now, Verdict& verdict,
                    Checklist& list)
        : quote_(quote),
          platform_(platform),
          chain_(chain),
          collateral_(collateral),
          rules_(rules),
          now_(now),
          verdict_(verdict),
          list_(list) {}

    // run gives what current collateral says, when there is some.
    std::optional<Tcb> run();

  private:
    using InfoItem = SignedCollateral::Item<TcbInfo>;
    using QeItem = SignedCollateral::Item<QeIdentity>;

    // Revocations are the lists of one issuer: any of them says who is revoked, the newest in force how fresh that is.
    struct Revocations {
        std::vector<x509::Crl> lists;
        std::optional<x509::Crl> newest;
    };

    Revocations judge_crl(std::string_view id, const x509::Certificate& issuer);
    void judge_revocation();
    bool judge_tcb_info();
    void judge_evaluation();
    void judge_age();
    bool judge_qe_identity();
    bool judge_module_identity();
    void judge_module_floor();
    void judge_tcb(const Tcb& tcb);

    template <class T>
    bool present(std::string_view id, const SignedCollateral::Documents<T>& documents,
                 const SignedCollateral::Item<T>* item, std::string_view what);
    template <class T>
    void rest_on(std::string_view id, const SignedCollateral::Item<T>& item);

    const Quote& quote_;
    const PckPlatform& platform_;
    const PckChain& chain_;
    const SignedCollateral& collateral_;
    const Rules& rules_;
    TimePoint now_;
    Verdict& verdict_;
    Checklist& list_;

    Revocations by_root_;
    Revocations by_ca_;
    const InfoItem* info_ = nullptr;
    const QeItem* qe_ = nullptr;
};

// grade_tcb is the judgement of a status by rules.
struct TcbJudgement {
    Outcome outcome = Outcome::kFail;
    std::string why;                    // empty when it passes
    std::optional<TimePoint> deadline;  // amber ends then
};
TcbJudgement grade_tcb(const Tcb& tcb, const Rules& rules, TimePoint now);

}  // namespace openpcc::tdx

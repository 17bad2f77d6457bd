// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "evidence/snp/anchors.hpp"
#include "evidence/snp/collateral.hpp"
#include "evidence/snp/issuers.hpp"

namespace openpcc::snp {

// SignedCollateral is collateral whose signatures were checked, once, against the ARKs that are pinned. It knows no
// time: what is out of date, or too old for a policy, is decided at each verification. Immutable but for what it
// remembers of ASKs and ASVKs; cheap to copy, safe to share between threads.
class SignedCollateral {
  public:
    // Any list may revoke: of more than these none is read, so that what is left over hides nothing.
    static constexpr std::size_t kMostLists = 256;
    static constexpr std::size_t kLongestList = 1 << 20;

    // List is a revocation list that this ARK has signed.
    struct List {
        x509::Crl crl;
        x509::Certificate ark;
        std::vector<Bytes> serials;  // as x509::Crl::revoked has them
    };
    // Refused is an item that is no such list, and why.
    struct Refused {
        std::size_t index;
        std::string why;
    };

    SignedCollateral() = default;  // nothing is known
    SignedCollateral(const Collateral& collateral, const Anchors& anchors);

    const std::vector<List>& lists() const { return lists_; }
    const std::vector<Refused>& refused() const { return refused_; }
    Issuers& issuers() const { return *issuers_; }

  private:
    std::vector<List> lists_;
    std::vector<Refused> refused_;
    std::shared_ptr<Issuers> issuers_ = std::make_shared<Issuers>();
};

}  // namespace openpcc::snp

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "evidence/snp/anchors.hpp"
#include "evidence/snp/certificate.hpp"

namespace openpcc::snp {

// Issuer is an ASK or ASVK that an ARK has signed. That is true for ever; whether both are in date is another question.
struct Issuer {
    x509::Certificate certificate;
    x509::Certificate ark;
    Product product;
    KeyKind kind;  // of the leaves that it issues
};

// verify_issuer: snp.bad_certificate or the reason of x509::verify_chain unless `der` is the ASK or ASVK of a product,
// named so, and signed, the way AMD signs, by the ARK of that product among `roots`. It judges no date.
Result<Issuer> verify_issuer(ByteView der, const std::vector<x509::Certificate>& roots);

// Issuers remembers those that were verified, because all machines of a product share them. It keeps good ones only,
// and few: what is refused, and what comes when it is full, is verified again each time. Safe to share between threads.
class Issuers {
  public:
    static constexpr std::size_t kMost = 32;  // AMD has six

    Result<Issuer> verify(ByteView der, const std::vector<x509::Certificate>& roots);
    std::size_t size() const;

  private:
    std::shared_ptr<const Issuer> find(ByteView der) const;

    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<const Issuer>> known_;
};

}  // namespace openpcc::snp

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/random.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "crypto/signature.hpp"
#include "crypto/x509/x509.hpp"
#include "evidence/snp/certificate.hpp"

namespace openpcc::simulated {

// SnpCaKeys are the RSA keys of an ARK and of what it signs. Making them takes seconds at AMD's size, so that several
// authorities may share one set; certificates of different names are different all the same.
struct SnpCaKeys {
    static constexpr std::size_t kAmdBits = 4096;

    crypto::SigningKey ark;
    crypto::SigningKey ask;
    crypto::SigningKey asvk;
    static std::shared_ptr<const SnpCaKeys> generate(std::size_t bits = kAmdBits);
};

// SnpAuthoritySpec is what the certificates of ARK, ASK and ASVK say. Its defaults are a good authority; a negative
// test changes one.
struct SnpAuthoritySpec {
    struct Ca {
        std::string name;
        TimePoint not_before;
        TimePoint not_after;
        std::uint64_t serial = 0;
        bool is_ca = true;
        crypto::Scheme scheme = crypto::Scheme::kRsaPssSha384;
    };
    snp::Product product = snp::Product::kGenoa;
    Ca ark;
    Ca ask;
    Ca asvk;

    static SnpAuthoritySpec good(snp::Product product, TimePoint now);
};

// SnpAuthority plays AMD for one product: ARK, ASK, ASVK, and their revocation lists. Immutable, cheap to copy.
class SnpAuthority {
  public:
    static Result<SnpAuthority> create(const SnpAuthoritySpec& spec, std::shared_ptr<const SnpCaKeys> keys);

    snp::Product product() const { return product_; }
    const x509::Certificate& ark() const { return ark_; }
    // issuer is the ASK for VCEKs, the ASVK for VLEKs.
    const x509::Certificate& issuer(snp::KeyKind kind) const { return kind == snp::KeyKind::kVcek ? ask_ : asvk_; }
    const crypto::SigningKey& issuer_key(snp::KeyKind kind) const {
        return kind == snp::KeyKind::kVcek ? keys_->ask : keys_->asvk;
    }
    // crl is a list of the ARK's, in DER.
    Result<Bytes> crl(TimePoint this_update, TimePoint next_update, const std::vector<Bytes>& revoked_serials,
                      crypto::Scheme scheme = crypto::Scheme::kRsaPssSha384) const;

  private:
    SnpAuthority(snp::Product product, std::shared_ptr<const SnpCaKeys> keys, x509::Certificate ark,
                 x509::Certificate ask, x509::Certificate asvk)
        : product_(product),
          keys_(std::move(keys)),
          ark_(std::move(ark)),
          ask_(std::move(ask)),
          asvk_(std::move(asvk)) {}

    snp::Product product_;
    std::shared_ptr<const SnpCaKeys> keys_;
    x509::Certificate ark_;
    x509::Certificate ask_;
    x509::Certificate asvk_;
};

}  // namespace openpcc::simulated

// SPDX-License-Identifier: Apache-2.0
#include "evidence/snp/endorses.hpp"

#include <algorithm>

#include "evidence/snp/certificate.hpp"
#include "evidence/snp/issuers.hpp"

namespace openpcc::snp {

namespace {

bool is_for(const Endorsement& endorsement, const Report& report) {
    const bool vcek = endorsement.kind == KeyKind::kVcek;
    const ByteView chip = report.chip_id.view().first(endorsement.hardware_id.size());
    return report.signing_key() == (vcek ? SigningKey::kVcek : SigningKey::kVlek) &&
           tcb_of(report.reported_tcb, endorsement.product) == endorsement.tcb &&
           (!vcek || equal(chip, endorsement.hardware_id));
}

}  // namespace

bool endorses(std::span<const Bytes> certificates, ByteView report, const std::vector<x509::Certificate>& arks) {
    const auto parsed = Report::parse(report);
    if (certificates.size() != 2 || !parsed) return false;
    const auto leaf = x509::Certificate::parse_der(certificates[0]);
    const auto issuer = verify_issuer(certificates[1], arks);
    if (!leaf || !issuer || !signed_as_by_amd(certificates[0])) return false;
    // A moment at which both have begun; whether they hold now is not asked.
    const TimePoint time = std::max(leaf->not_before(), issuer->certificate.not_before());
    if (!x509::verify_chain({*leaf}, {issuer->certificate}, time)) return false;
    const auto endorsement = read_endorsement(*leaf, issuer->product);
    return endorsement && endorsement->kind == issuer->kind && is_for(*endorsement, parsed->claimed()) &&
           leaf->key()
               .verify(crypto::Scheme::kEcdsaP384Sha384, parsed->claimed().signed_part,
                       big_endian_signature(parsed->claimed()))
               .has_value();
}

}  // namespace openpcc::snp

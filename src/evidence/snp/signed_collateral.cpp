// SPDX-License-Identifier: Apache-2.0
#include "evidence/snp/signed_collateral.hpp"

#include <algorithm>

namespace openpcc::snp {

namespace {

Result<SignedCollateral::List> read_list(ByteView der, const std::vector<x509::Certificate>& roots) {
    if (der.size() > SignedCollateral::kLongestList)
        return fail(kBadCertificate, "a revocation list longer than 1 MiB");
    OPENPCC_TRY(auto crl, x509::Crl::parse_der(der));
    if (!signed_as_by_amd(der))
        return fail(kBadCertificate, "not signed with RSASSA-PSS, SHA-384 and 48 bytes of salt");
    Error reason(kBadCertificate, "a revocation list of another issuer than the ARKs");
    for (const x509::Certificate& ark : roots) {
        if (!product_of_ark(ark) || crl.issuer_common_name() != ark.subject_common_name()) continue;
        const auto verified = crl.verify(ark);
        if (verified) return SignedCollateral::List{crl, ark, crl.revoked()};
        reason = verified.error();
    }
    return std::unexpected(std::move(reason));
}

}  // namespace

SignedCollateral::SignedCollateral(const Collateral& collateral, const Anchors& anchors) {
    const std::vector<x509::Certificate> roots = all_roots(anchors);
    for (std::size_t i = 0; i < collateral.crls.size(); ++i) {
        auto list = collateral.crls.size() <= kMostLists
                        ? read_list(collateral.crls[i], roots)
                        : Result<List>(fail(kBadCertificate, "more than 256 revocation lists"));
        if (list)
            lists_.push_back(*std::move(list));
        else
            refused_.push_back({i, list.error().describe()});
    }
}

std::vector<x509::Certificate> all_roots(const Anchors& anchors) {
    std::vector<x509::Certificate> out = anchors.genuine;
#if OPENPCC_SIMULATED_HARDWARE
    out.insert(out.end(), anchors.simulated.begin(), anchors.simulated.end());
#endif
    return out;
}

bool contains(const std::vector<x509::Certificate>& list, const x509::Certificate& certificate) {
    return std::ranges::any_of(list, [&](const auto& other) { return other.der() == certificate.der(); });
}

}  // namespace openpcc::snp

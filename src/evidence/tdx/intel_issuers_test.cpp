// SPDX-License-Identifier: Apache-2.0
#include "evidence/tdx/intel_issuers.hpp"

#include <gtest/gtest.h>

#include "evidence/tdx/pck.hpp"
#include "evidence/tdx/signed_collateral.hpp"

namespace openpcc::tdx {
namespace {

// The signature that verifications leave out is verified here.
TEST(IntelIssuers, AreSignedByTheRoot) {
    std::vector<IntelIssuer> all(intel_pck_cas().begin(), intel_pck_cas().end());
    all.push_back(intel_tcb_signer());
    for (const IntelIssuer& issuer : all) {
        const auto reached =
            x509::verify_chain({issuer.certificate, intel_root()}, {intel_root()}, issuer.certificate.not_before());
        ASSERT_TRUE(reached.has_value()) << issuer.certificate.subject_common_name();
        EXPECT_TRUE(same_certificate(*reached, intel_root()));
        const auto chain = x509::Certificate::parse_pem_chain(as_bytes(issuer.pem), 2).value();
        ASSERT_EQ(chain.size(), 2U);
        EXPECT_TRUE(same_certificate(chain[0], issuer.certificate));
        EXPECT_TRUE(same_certificate(chain[1], intel_root()));
    }
}

// Each may do what its name says and nothing else.
TEST(IntelIssuers, AreWhatTheirNamesSay) {
    const auto cas = intel_pck_cas();
    ASSERT_EQ(cas.size(), 2U);
    EXPECT_EQ(cas[0].certificate.subject_common_name(), kPlatformCaName);
    EXPECT_EQ(cas[1].certificate.subject_common_name(), kProcessorCaName);
    for (const IntelIssuer& ca : cas) EXPECT_TRUE(is_ca(ca.certificate));
    EXPECT_EQ(intel_tcb_signer().certificate.subject_common_name(), kTcbSigningName);
    EXPECT_FALSE(is_ca(intel_tcb_signer().certificate));
}

// Whoever does not trust Intel's root does not trust these either.
TEST(IntelIssuers, CountUnderIntelsRootOnly) {
    const Anchors none;
    const Anchors intel{.genuine = {intel_root()}};
    for (const IntelIssuer& ca : intel_pck_cas()) {
        EXPECT_FALSE(SignedCollateral({}, none).known_issuers(ca.pem));
        EXPECT_TRUE(SignedCollateral({}, intel).known_issuers(ca.pem));
    }
}

}  // namespace
}  // namespace openpcc::tdx

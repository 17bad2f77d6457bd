// SPDX-License-Identifier: Apache-2.0
// VCEKs, VLEKs, their issuers and revocation lists from anybody: what is read of AMD's extensions is within its bounds,
// and nothing is signed by AMD.
#include "core/assert.hpp"
#include "evidence/snp/verify.hpp"

namespace openpcc::snp {
namespace {

void check_leaf(const x509::Certificate& leaf) {
    for (Product product : {Product::kMilan, Product::kGenoa, Product::kTurin}) {
        const auto read = read_endorsement(leaf, product);
        if (!read) {
            OPENPCC_ASSERT(read.error() == kBadCertificate);
            continue;
        }
        const bool vcek = read->kind == KeyKind::kVcek;
        OPENPCC_ASSERT(read->product == product && read->product_name.starts_with(to_string(product)));
        OPENPCC_ASSERT(read->hardware_id.size() == (!vcek ? 0 : product == Product::kTurin ? 8 : 64));
        OPENPCC_ASSERT(read->provider.empty() == vcek && read->provider.size() <= 256);
        OPENPCC_ASSERT(product == Product::kTurin || read->tcb.fmc == 0);
        OPENPCC_ASSERT(leaf.issuer_common_name() == issuer_name(product, read->kind));
    }
}

// AMD's own roots are the only inputs that are signed by AMD, and they are no ASK.
void check(ByteView bytes) {
    (void)signed_as_by_amd(bytes);
    if (const auto leaf = x509::Certificate::parse_der(bytes)) check_leaf(*leaf);
    OPENPCC_ASSERT(!verify_issuer(bytes, amd_roots()));
    Anchors anchors;
    anchors.genuine = amd_roots();
    const SignedCollateral collateral(Collateral{{Bytes(bytes)}}, anchors);
    OPENPCC_ASSERT(collateral.lists().empty() && collateral.refused().size() == 1);
}

}  // namespace
}  // namespace openpcc::snp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::snp::check({data, size});
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// SEV-SNP reports: what parses is complete and exact, and nothing made up reaches AMD's roots.
#include "core/assert.hpp"
#include "evidence/snp/verify.hpp"

namespace openpcc::snp {
namespace {

void check_parts(const Report& report, ByteView bytes) {
    OPENPCC_ASSERT(bytes.size() == kReportSize && report.version >= 2 && report.version <= 5);
    OPENPCC_ASSERT(equal(report.signed_part, bytes.first(kSignedSize)));
    const Bytes signature = big_endian_signature(report);
    OPENPCC_ASSERT(signature.size() == 96);
    for (std::size_t i = 0; i < 48; ++i) {
        OPENPCC_ASSERT(signature[i] == bytes[kSignedSize + 47 - i]);
        OPENPCC_ASSERT(signature[48 + i] == bytes[kSignedSize + 72 + 47 - i]);
    }
    for (Product product : {Product::kMilan, Product::kGenoa, Product::kTurin}) {
        const Tcb tcb = tcb_of(report.reported_tcb, product);
        OPENPCC_ASSERT(covers(tcb, tcb) && covers(tcb, Tcb{}));
        OPENPCC_ASSERT(product == Product::kTurin || tcb.fmc == 0);
        (void)reserved_zero(report, product);
    }
    (void)product_of(report.cpuid);
}

void check(ByteView bytes) {
    if (const auto report = Report::parse(bytes)) check_parts(report->claimed(), bytes);
    Anchors anchors;
    anchors.genuine = amd_roots();
    static const SignedCollateral none({}, anchors);
    const std::vector<Bytes> certificates = {amd_roots()[0].der(), amd_roots()[1].der()};
    Verdict verdict;
    OPENPCC_ASSERT(!verify_report(bytes, certificates, anchors, none, {}, TimePoint(Seconds(1'764'000'000)), verdict));
    OPENPCC_ASSERT(verdict.state() == State::kNotVerified && verdict.checks().size() == checks().size());
}

}  // namespace
}  // namespace openpcc::snp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::snp::check({data, size});
    return 0;
}

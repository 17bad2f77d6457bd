// SPDX-License-Identifier: Apache-2.0
// TDX quotes, PCK extensions and PCK chains: what parses is complete and exact, and nothing made up reaches Intel's
// root.
#include "core/assert.hpp"
#include "evidence/tdx/verify.hpp"

namespace openpcc::tdx {
namespace {

void check_parts(const Quote& quote, ByteView bytes) {
    OPENPCC_ASSERT(quote.header.version == 4 || quote.header.version == 5);
    OPENPCC_ASSERT(bytes.size() <= kMaxQuote && quote.qe_report_bytes.size() == kQeReportSize);
    OPENPCC_ASSERT(equal(bytes.first(quote.signed_part.size()), quote.signed_part));
    // Nothing is left over: the parts and their five lengths are the quote.
    const std::size_t lengths = 4 + 6 + 2 + 6;
    OPENPCC_ASSERT(bytes.size() == quote.signed_part.size() + lengths + 64 + 64 + kQeReportSize + 64 +
                                       quote.qe_auth_data.size() + quote.pck_chain.size());
    OPENPCC_ASSERT(equal(bytes.last(quote.pck_chain.size()), quote.pck_chain));
    OPENPCC_ASSERT(equal(without_padding(bytes).value(), bytes));
}

void check(ByteView bytes) {
    if (const auto quote = Quote::parse(bytes)) check_parts(quote->claimed(), bytes);
    if (const auto cut = without_padding(bytes)) OPENPCC_ASSERT(equal(without_padding(*cut).value(), *cut));
    if (const auto chain = parse_pck_chain(bytes)) OPENPCC_ASSERT(chain->size() == 3);
    (void)parse_pck_extension(bytes);

    Anchors anchors;
    anchors.genuine = {intel_root()};
    Verdict verdict;
    (void)verify_quote(bytes, anchors, SignedCollateral(), Rules(), TimePoint(Seconds(1'764'000'000)), verdict);
    OPENPCC_ASSERT(!verdict.good() && verdict.state() != State::kSimulated);
    OPENPCC_ASSERT(verdict.checks().size() == checks().size());
}

}  // namespace
}  // namespace openpcc::tdx

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::tdx::check({data, size});
    return 0;
}

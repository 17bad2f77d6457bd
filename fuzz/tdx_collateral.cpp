// SPDX-License-Identifier: Apache-2.0
// A quote and its collateral together, under the throwaway root that the corpus was made with: list of parts, each a
// kind (one byte), a length (four) and bytes. No bytes are ever *good*, and only the collateral that the root signed
// lets a quote pass.
#include "core/assert.hpp"
#include "core/text.hpp"
#include "corpus_tdx.hpp"
#include "crypto/hash.hpp"
#include "evidence/tdx/verify.hpp"
#include "wire/reader.hpp"

namespace openpcc::tdx {
namespace {

struct Setting {
    Anchors anchors;
    Rules rules;
    TimePoint now = parse_rfc3339(corpus::kTdxTime).value();

    Setting() {
        anchors.genuine = {intel_root()};
        anchors.simulated = x509::Certificate::parse_pem_chain(as_bytes(corpus::kTdxRoot), 1).value();
        rules.least_tcb_evaluation = 19;
        rules.least_qe_evaluation = 19;
        rules.modules = {{1, 0x0b}};
        rules.collateral_age = {Seconds(std::chrono::days(31)), Seconds(std::chrono::days(31))};
        rules.attributes.fill(evidence::Must::kAny);
        rules.xfam.fill(evidence::Must::kAny);
    }
};

struct Parts {
    Bytes quote;
    Collateral collateral;
};

void place(std::uint8_t kind, ByteView bytes, Parts& out) {
    switch (kind % 6) {
        case 0:
            out.quote = Bytes(bytes);
            return;
        case 1:
            out.collateral.tcb_infos.push_back({Bytes(bytes), {}});
            return;
        case 2:
            if (!out.collateral.tcb_infos.empty()) out.collateral.tcb_infos.back().issuer_chain = Bytes(bytes);
            return;
        case 3:
            out.collateral.qe_identities.push_back({Bytes(bytes), {}});
            return;
        case 4:
            if (!out.collateral.qe_identities.empty()) out.collateral.qe_identities.back().issuer_chain = Bytes(bytes);
            return;
        default:
            out.collateral.crls.emplace_back(bytes);
    }
}

Parts read(ByteView bytes) {
    Parts out;
    wire::Reader reader(bytes);
    for (int i = 0; i < 32; ++i) {
        const auto kind = reader.u8();
        const auto part = kind ? reader.vec32(1 << 20) : Result<ByteView>(fail(wire::kTruncated));
        if (!part) break;
        place(*kind, *part, out);
    }
    return out;
}

void check(ByteView bytes) {
    static const Setting setting;
    const Parts parts = read(bytes);
    const SignedCollateral collateral(parts.collateral, setting.anchors);
    State first{};
    for (int i = 0; i < 2; ++i) {  // what is remembered changes nothing
        Verdict verdict;
        const auto quote = verify_quote(parts.quote, setting.anchors, collateral, setting.rules, setting.now, verdict);
        OPENPCC_ASSERT(!verdict.good() && verdict.checks().size() == checks().size());
        OPENPCC_ASSERT(i == 0 || verdict.state() == first);
        first = verdict.state();
        if (first != State::kSimulated || collateral.empty()) continue;
        OPENPCC_ASSERT(quote && (*quote)->tcb && (*quote)->tcb->status == TcbStatus::kUpToDate);
        OPENPCC_ASSERT(to_hex(collateral.tcb_infos().items.at(0).content.fmspc) == corpus::kTdxFmspc);
    }
    OPENPCC_ASSERT(first == State::kSimulated || to_hex(crypto::sha256(bytes)) != corpus::kGoodTdx);
}

}  // namespace
}  // namespace openpcc::tdx

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::tdx::check({data, size});
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// Envelopes: what was read has one text, that text reads as the same envelope, and nobody's signature gets in.
#include "core/assert.hpp"
#include "trust/envelope/envelope.hpp"

namespace openpcc::envelope {
namespace {

// No bytes that a fuzzer makes are signed by this key.
constexpr std::string_view kNobody =
    "openpcc-signer:ed25519:3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29";

void check(ByteView bytes) {
    (void)looks_like_envelope(bytes);
    (void)Signer::parse(as_text(bytes));
    const auto parsed = Envelope::parse(bytes);
    if (!parsed) return;
    const Envelope& envelope = parsed->claimed();
    OPENPCC_ASSERT(!envelope.signatures.empty() && envelope.signatures.size() <= kMaxSignatures);
    const auto again = Envelope::parse(as_bytes(envelope.to_json()));
    OPENPCC_ASSERT(again && again->claimed() == envelope);
    static const SignerSet nobody = SignerSet::make({Signer::parse(kNobody).value()}, 1).value();
    OPENPCC_ASSERT(open(bytes, envelope.type, nobody).error() == kUnderSigned);
}

}  // namespace
}  // namespace openpcc::envelope

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::envelope::check({data, size});
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
// A whole verification, under the throwaway root that the corpus was made with. No bytes are ever *good*; under a
// strict policy none give a key at all; under the development policy only the statement that the platform signed does.
#include "core/assert.hpp"
#include "core/text.hpp"
#include "corpus_root.hpp"
#include "crypto/hash.hpp"
#include "trust/verify/render.hpp"

namespace openpcc::verify {
namespace {

struct Setting {
    Roots roots = genuine_roots();
    policy::Policy development = policy::Policy::parse(as_bytes(corpus::kPolicy)).value();
    policy::Policy strict = development;
    SignedCollateral collateral;
    Expectation expectation;
    TimePoint now = parse_rfc3339(corpus::kTime).value();

    Setting() {
        roots.simulated.tdx = x509::Certificate::parse_pem_chain(as_bytes(corpus::kRoot), 1).value();
        collateral = sign_checked(collateral::Collection::parse(as_bytes(corpus::kCollateral)).value().claimed(), roots);
        strict.preset = policy::Preset::kStrict;
        expectation.challenge = {corpus::kChallenge, now};
    }
};

bool is_good_one(ByteView bytes) { return to_hex(crypto::sha256(bytes)) == corpus::kGoodBundle; }

void check(ByteView bytes) {
    static const Setting setting;
    for (const policy::Policy* policy : {&setting.development, &setting.strict}) {
        const Verification result = 
            verify_bundle(bytes, setting.collateral, *policy, setting.roots, setting.expectation, setting.now);
        OPENPCC_ASSERT(!result.verdict.good() && !std::holds_alternative<Verified<NodeKey>>(result.key));
        OPENPCC_ASSERT(result.verdict.checks().size() == checks(result.bundle ? result.bundle->tee : statement::TeeType::kTdx).size());
        OPENPCC_ASSERT(!verdict_to_json(result).empty() && !render_verdict(result, Detail::kExplained).empty());
        const auto* key = std::get_if<Simulated<NodeKey>>(&result.key);
        OPENPCC_ASSERT((key != nullptr) == (result.verdict.state() == State::kSimulated));
        // The corpus still reaches the end of a verification: its good bundle is accepted.
        if (policy == &setting.development) OPENPCC_ASSERT(key != nullptr || !is_good_one(bytes));
        if (key == nullptr) continue;
        OPENPCC_ASSERT(policy == &setting.development);
        OPENPCC_ASSERT(to_hex((*key)->statement) == corpus::kStatement);
    }
}

}  // namespace
}  // namespace openpcc::verify

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::verify::check({data, size});
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/checklist.hpp"
#include "core/trust.hpp"
#include "core/verdict.hpp"
#include "crypto/x509/x509.hpp"
#include "evidence/snp/signed_collateral.hpp"
#include "evidence/tdx/signed_collateral.hpp"
#include "protocol/seal/key.hpp"
#include "trust/collateral/collection.hpp"
#include "trust/policy/policy.hpp"
#include "trust/statement/statement.hpp"

// Verification as a pure function: (bundle, collateral, policy, roots, expectation, time) -> Verdict.
namespace openpcc::verify {

// Roots of trust. The genuine ones are built in (evidence/tdx pins Intel's, evidence/snp AMD's); the simulated ones are
// a separate, explicit input that exists only in builds with OPENPCC_SIMULATED_HARDWARE, and whatever they vouch for is
// at best *simulated*.
struct SimulatedRoots {
    std::vector<x509::Certificate> tdx;
    std::vector<x509::Certificate> snp;
};
struct Roots {
    std::vector<x509::Certificate> tdx;
    std::vector<x509::Certificate> snp;
#if OPENPCC_SIMULATED_HARDWARE
    SimulatedRoots simulated;
#endif
};
// genuine_roots has the vendors' roots, pinned as bytes, and no simulated one.
Roots genuine_roots();

// SignedCollateral is what vendors publish about platforms, its signatures checked once under these roots. It knows no
// time, and serves any number of verifications and threads. An empty one leaves the checks of collateral `not run`.
struct SignedCollateral {
    tdx::SignedCollateral tdx;
    snp::SignedCollateral snp;
};
SignedCollateral sign_checked(const collateral::Collection& collection, const Roots& roots);

// Expectation is what this one verification wants to be shown.
struct Expectation {
    statement::Role role = statement::Role::kNode;
    // The challenge that was sent and when. Without one, freshness can only be `none`, which fails except under the
    // development policy (there it is a note).
    struct SentChallenge {
        statement::Challenge challenge;
        TimePoint sent;
    };
    std::optional<SentChallenge> challenge;
    // Platforms of other nodes of the same service: one machine that poses as two nodes is refused.
    std::vector<Digest256> other_platforms;
    // A boot log that came with the bundle, for TDX. It is judged when it is there; registers are compared as a whole
    // anyway (policy.measurement).
    std::optional<Bytes> event_log;
};

// NodeKey is what a prompt may be sealed to: made only from a bundle whose verdict allows it, and only when a node was
// expected. Under require_pq it holds the post-quantum keys alone.
struct NodeKey {
    seal::StatementName statement;
    std::vector<seal::KeyConfig> keys;
    Digest256 model;
    TimePoint valid_until;
    struct Verifier;
};

// Simulated marks a key that rests on a simulated root: its users must check the path (hops/client).
template <class T>
class Simulated {
  public:
    const T& operator*() const { return value_; }
    const T* operator->() const { return &value_; }

  private:
    friend typename T::Verifier;
    explicit Simulated(T value) : value_(std::move(value)) {}
    T value_;
};

// JudgedVerdict is the verdict of a verification, and the only kind that is rendered. The verifier alone fills it;
// others can add a check that failed or did not run, so that nobody else makes a verdict, or makes one better. Without
// any check it is incomplete.
class JudgedVerdict {
  public:
    JudgedVerdict() = default;

    State state() const { return verdict_.state(); }
    bool good() const { return verdict_.good(); }
    const std::vector<Check>& checks() const { return verdict_.checks(); }
    const Check* first_problem() const { return verdict_.first_problem(); }
    std::optional<TimePoint> valid_until() const { return verdict_.valid_until(); }
    // As a plain verdict, to look at; there is no way back.
    operator Verdict() const { return verdict_; }

    // add takes no check that passed, not even with a note (asserted); refuse adds one that failed.
    void add(Check check);
    void refuse(std::string id, std::string paragraph, std::string expected, std::string found);

  private:
    friend struct NodeKey::Verifier;
    explicit JudgedVerdict(Verdict verdict) : verdict_(std::move(verdict)) {}
    Verdict verdict_;
};

struct Verification {
    TimePoint at;  // when it was judged
    JudgedVerdict verdict;
    // monostate when the verdict allows no prompt.
    std::variant<std::monostate, Verified<NodeKey>, Simulated<NodeKey>> key;
    std::optional<statement::Bundle> bundle;  // for display
    std::optional<Digest256> platform;        // whose signature was good
};

// verify_bundle judges a bundle at time `now`. The verdict lists every check of `checks()` for its kind of CPU
// evidence, in that order, whatever the outcome of those before; nothing of the statement is judged before the
// hardware's signature covers it.
Verification verify_bundle(ByteView bundle, const SignedCollateral& collateral, const policy::Policy& policy,
                           const Roots& roots, const Expectation& expectation, TimePoint now);

// CpuEvidence is a quote or a report by itself, without a statement.
struct CpuEvidence {
    statement::TeeType tee = statement::TeeType::kTdx;
    Bytes evidence;
    std::vector<Bytes> certificates;
};
// verify_evidence judges CPU evidence alone: what hardware and firmware it comes from. No statement says whose keys it
// is about, so that this is never more than *incomplete*, and there is no key.
Verification verify_evidence(const CpuEvidence& evidence, const SignedCollateral& collateral,
                             const policy::Policy& policy, const Roots& roots, TimePoint now);

// Limits of docs/protocol/statement.md section 6. The clocks of a node and a client may differ by the skew when a
// statement begins; its end is exact.
inline constexpr Seconds kClockSkew{300};
inline constexpr Seconds kMaxLifetime{3600 + 600};

// checks lists what a verification of such a bundle judges, in order; docs/reference/verdict.md has the same lists.
std::vector<CheckSpec> checks(statement::TeeType tee);

}  // namespace openpcc::verify

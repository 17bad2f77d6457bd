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
#include "protocol/seal/key.hpp"
#include "trust/policy/policy.hpp"
#include "trust/statement/statement.hpp"

// Verification as a pure function: (bundle, collateral, policy, roots, expectation, time) -> Verdict.
namespace openpcc::verify {

// Roots of trust. The genuine ones are built in (evidence/tdx pins Intel's); the simulated ones are a separate,
// explicit input that exists only in builds with OPENPCC_SIMULATED_HARDWARE, and whatever they vouch for is at best
// *simulated*.
struct SimulatedRoots {
    std::vector<x509::Certificate> tdx;
};
struct Roots {
    std::vector<x509::Certificate> tdx;
#if OPENPCC_SIMULATED_HARDWARE
    SimulatedRoots simulated;
#endif
};
// genuine_roots has the vendors' roots, pinned as bytes, and no simulated one.
Roots genuine_roots();

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

struct Verification {
    TimePoint at;  // when it was judged
    Verdict verdict;
    // monostate when the verdict allows no prompt.
    std::variant<std::monostate, Verified<NodeKey>, Simulated<NodeKey>> key;
    std::optional<statement::Bundle> bundle;  // for display
};

// verify_bundle judges a bundle at time `now`. The verdict lists every check of `checks()` in that order, whatever
// the outcome of those before; nothing of the statement is judged before the hardware's signature covers it.
Verification verify_bundle(ByteView bundle, const policy::Policy& policy, const Roots& roots,
                           const Expectation& expectation, TimePoint now);

// Limits of docs/protocol/statement.md section 6. The clocks of a node and a client may differ by the skew when a
// statement begins; its end is exact.
inline constexpr Seconds kClockSkew{300};
inline constexpr Seconds kMaxLifetime{3600 + 600};

// checks lists what a verification of a TDX bundle judges, in order; docs/reference/verdict.md has the same list.
std::vector<CheckSpec> checks();

}  // namespace openpcc::verify

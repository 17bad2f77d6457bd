// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace openpcc {

// Outcome of one check. kNotRun is failure unless the policy names the check: absence never disables one.
enum class Outcome { kPass, kNote, kFail, kNotRun };

// State of a whole verdict; never merged, in this order of precedence when derived (docs/architecture.md).
enum class State {
    kVerified,
    kVerifiedWithNotes,
    kNotVerified,  // a check failed
    kIncomplete,   // nothing failed, but a check that is needed could not run
    kSimulated,    // all checks passed, and the root of trust is a simulated one
};

std::string_view to_string(Outcome outcome);
std::string_view to_string(State state);

// Basis says on whose word a check rests and for how long: who signed what was judged, since when, until when. It is
// empty where the verifier's own arithmetic decides.
struct Basis {
    std::string signer;
    std::optional<TimePoint> issued;
    std::optional<TimePoint> until;
};

// Check is one judgement: what was asked for by which paragraph, and what was found. `id` is stable
// ("tdx.quote_signature"); `expected` and `found` are printable and bounded: digests, names, numbers, times.
struct Check {
    std::string id;
    std::string paragraph;
    Outcome outcome = Outcome::kNotRun;
    std::string expected;
    std::string found;
    Basis basis{};
};

// Verdict is the result of a verification: every check in order, and until when it holds. It is not an error type. Only
// `add` changes it and the state is derived, so a verdict that contradicts its checks cannot be built; a verdict without
// any check is incomplete.
class Verdict {
  public:
    void add(Check check) { checks_.push_back(std::move(check)); }
    // require adds a check that passes or fails by `ok`; it returns `ok`.
    bool require(bool ok, std::string id, std::string paragraph, std::string expected, std::string found);
    // without_checks keeps the window and the mark, for checks that are added anew.
    Verdict without_checks() const;
    // holds_until narrows valid_until to the earliest end of any window that the verdict rests on.
    void holds_until(TimePoint end);
    void mark_simulated() { simulated_ = true; }

    State state() const;
    // good: verified, with or without notes. A simulated verdict is not good; it is its own state.
    bool good() const { return state() == State::kVerified || state() == State::kVerifiedWithNotes; }
    const std::vector<Check>& checks() const { return checks_; }
    // first_problem is the first check that failed, else the first that did not run.
    const Check* first_problem() const;
    std::optional<TimePoint> valid_until() const { return valid_until_; }

  private:
    std::vector<Check> checks_;
    std::optional<TimePoint> valid_until_;
    bool simulated_ = false;
};

}  // namespace openpcc

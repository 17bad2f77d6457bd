// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/assert.hpp"
#include "core/verdict.hpp"

namespace openpcc {

// kNotReached stands in a check that was never judged, because one before it failed.
inline constexpr std::string_view kNotReached = "not reached: an earlier check failed";

// CheckSpec is one row of a verifier's table: what will be asked, by which paragraph, and what is expected.
struct CheckSpec {
    std::string_view id;
    std::string_view paragraph;
    std::string_view expected;
};

// Checklist holds every check of a table from the start, all of them `not run`: a verifier that returns early, or
// forgets one, leaves it in the verdict as what it is. Texts are cut and cleaned here, so that nothing found in
// evidence can be long or leave a line. One judgement per check (asserted).
class Checklist {
  public:
    static constexpr std::size_t kMaxText = 200;

    explicit Checklist(std::span<const CheckSpec> specs) {
        checks_.reserve(specs.size());
        for (const CheckSpec& spec : specs)
            checks_.push_back({std::string(spec.id),
                               std::string(spec.paragraph),
                               Outcome::kNotRun,
                               std::string(spec.expected),
                               {},
                               {}});
    }

    // require passes or fails; it returns `ok`.
    bool require(std::string_view id, bool ok, std::string_view found) {
        return judge(id, ok ? Outcome::kPass : Outcome::kFail, found), ok;
    }
    bool require(std::string_view id, bool ok, std::string_view expected, std::string_view found) {
        at(id).expected = clean(expected);
        return require(id, ok, found);
    }
    void note(std::string_view id, std::string_view found) { judge(id, Outcome::kNote, found); }
    // rests_on says on whose word the check rests; before or after it is judged.
    void rests_on(std::string_view id, const Basis& basis) {
        at(id).basis = {clean(basis.signer), basis.issued, basis.until};
    }
    // not_run says why a check could not run, where "an earlier check failed" is not the reason.
    void not_run(std::string_view id, std::string_view why) { judge(id, Outcome::kNotRun, why); }

    // into hands the checks on to a verdict, or what takes checks as one does; those that nobody judged say so.
    template <class Taker>
    void into(Taker& verdict) const& {
        Checklist(*this).move_into(verdict);
    }
    template <class Taker>
    void into(Taker& verdict) && {
        move_into(verdict);
    }

    static std::string clean(std::string_view text) {
        std::string out(text.substr(0, kMaxText));
        std::ranges::replace_if(out, [](char c) { return c < 0x20 || c > 0x7e; }, '?');
        return text.size() > kMaxText ? out + "..." : out;
    }

  private:
    template <class Taker>
    void move_into(Taker& verdict) {
        for (Check& check : checks_) {
            if (check.outcome == Outcome::kNotRun && check.found.empty()) check.found = kNotReached;
            verdict.add(std::move(check));
        }
        checks_.clear();
    }

    Check& at(std::string_view id) {
        const auto check = std::ranges::find(checks_, id, &Check::id);
        OPENPCC_ASSERT(check != checks_.end());
        return *check;
    }
    void judge(std::string_view id, Outcome outcome, std::string_view found) {
        Check& check = at(id);
        OPENPCC_ASSERT(check.outcome == Outcome::kNotRun && check.found.empty());
        check.outcome = outcome;
        check.found = clean(found);
    }

    std::vector<Check> checks_;
};

}  // namespace openpcc

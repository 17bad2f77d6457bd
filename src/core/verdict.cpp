// SPDX-License-Identifier: Apache-2.0
#include "core/verdict.hpp"

#include <algorithm>

namespace openpcc {

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::kPass: return "pass";
        case Outcome::kNote: return "note";
        case Outcome::kFail: return "fail";
        case Outcome::kNotRun: return "not_run";
    }
    return "not_run";
}

std::string_view to_string(State state) {
    switch (state) {
        case State::kVerified: return "verified";
        case State::kVerifiedWithNotes: return "verified with notes";
        case State::kNotVerified: return "not verified";
        case State::kIncomplete: return "incomplete";
        case State::kSimulated: return "simulated";
    }
    return "incomplete";
}

bool Verdict::require(bool ok, std::string id, std::string paragraph, std::string expected, std::string found) {
    add({std::move(id), std::move(paragraph), ok ? Outcome::kPass : Outcome::kFail, std::move(expected),
         std::move(found)});
    return ok;
}

Verdict Verdict::without_checks() const {
    Verdict out;
    out.valid_until_ = valid_until_;
    out.simulated_ = simulated_;
    return out;
}

void Verdict::holds_until(TimePoint end) {
    valid_until_ = valid_until_ ? std::min(*valid_until_, end) : end;
}

State Verdict::state() const {
    const auto any = [this](Outcome outcome) {
        return std::ranges::any_of(checks_, [&](const Check& check) { return check.outcome == outcome; });
    };
    if (any(Outcome::kFail)) return State::kNotVerified;
    if (checks_.empty() || any(Outcome::kNotRun)) return State::kIncomplete;
    if (simulated_) return State::kSimulated;
    return any(Outcome::kNote) ? State::kVerifiedWithNotes : State::kVerified;
}

const Check* Verdict::first_problem() const {
    for (Outcome outcome : {Outcome::kFail, Outcome::kNotRun})
        for (const Check& check : checks_)
            if (check.outcome == outcome) return &check;
    return nullptr;
}

}  // namespace openpcc

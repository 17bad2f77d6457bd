// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/exceptions.hpp"

#include <algorithm>

#include "core/checklist.hpp"
#include "core/text.hpp"

namespace openpcc::verify {

namespace {

// An exception for a release needs a platform all the same: without a signature of the hardware the release is a claim.
bool covers(const policy::Exception& exception, const Check& check, const std::optional<Digest256>& platform,
            const std::string& release, TimePoint now) {
    if (exception.check != check.id || now >= exception.until || !platform) return false;
    const auto excusable = policy::excusable_checks();
    if (std::ranges::find(excusable, exception.check) == excusable.end()) return false;
    if (const auto* id = std::get_if<Digest256>(&exception.scope)) return *id == *platform;
    return std::get<std::string>(exception.scope) == release;
}

Check excused(Check check, const policy::Exception& exception) {
    check.outcome = Outcome::kNote;
    // What failed comes before the reason: a long reason must not hide it.
    const std::string failed = check.found.substr(0, 100);
    check.found = Checklist::clean("excused until " + to_rfc3339(exception.until) + " (" + exception.advisory +
                                   "): " + failed + "; " + exception.reason);
    return check;
}

}  // namespace

Verdict excuse(const Verdict& verdict, const policy::Policy& policy, const std::optional<Digest256>& platform,
               const std::string& release, TimePoint now) {
    if (policy.exceptions.empty()) return verdict;
    Verdict out = verdict.without_checks();
    for (const Check& check : verdict.checks()) {
        const bool problem = check.outcome == Outcome::kFail || check.outcome == Outcome::kNotRun;
        const auto exception = std::ranges::find_if(policy.exceptions, [&](const policy::Exception& candidate) {
            return problem && covers(candidate, check, platform, release, now);
        });
        if (exception == policy.exceptions.end()) {
            out.add(check);
            continue;
        }
        out.add(excused(check, *exception));
        out.holds_until(exception->until);
    }
    return out;
}

}  // namespace openpcc::verify

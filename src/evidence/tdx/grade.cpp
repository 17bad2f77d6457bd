// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evidence/tdx/judge.hpp"

namespace openpcc::tdx {

namespace {

template <class T>
bool contains(const std::vector<T>& list, const T& value) {
    return std::ranges::find(list, value) != list.end();
}

// ends_with_grace: the patch is missing; the others are patched and miss a setting.
bool ends_with_grace(TcbStatus status) {
    return status == TcbStatus::kOutOfDate || status == TcbStatus::kOutOfDateConfigurationNeeded ||
           status == TcbStatus::kTdRelaunchAdvised || status == TcbStatus::kTdRelaunchAdvisedConfigurationNeeded;
}

TcbJudgement grade_by_grace(const Tcb& tcb, const Rules& rules, TimePoint now) {
    if (!tcb.out_of_date_since) return {Outcome::kFail, "no level is UpToDate", {}};
    // Dates of levels are days of our era and graces are years at most; the sum cannot overflow below that.
    const Seconds grace = std::clamp(rules.grace, Seconds(0), Seconds(std::chrono::years(100)));
    const TimePoint deadline = *tcb.out_of_date_since + grace;
    if (now < deadline) return {Outcome::kNote, "tolerated until " + to_rfc3339(deadline), deadline};
    return {Outcome::kFail, "tolerated until " + to_rfc3339(deadline) + " only", {}};
}

TcbJudgement grade_by_advisories(const std::vector<std::string>& advisories, const Rules& rules) {
    for (const std::string& advisory : advisories)
        if (!contains(rules.accepted_advisories, advisory)) return {Outcome::kFail, advisory + " is not accepted", {}};
    return {Outcome::kNote, "advisories accepted", {}};
}

// Being out of date besides does not excuse a part from review: a worse part never makes a better verdict. The first
// part that by itself would fail decides.
std::optional<TcbJudgement> unreviewed(const Tcb& tcb, const Rules& rules) {
    for (const Tcb::Part* part : {&tcb.platform, tcb.module ? &*tcb.module : nullptr, &tcb.qe}) {
        if (part == nullptr || !part->grade) continue;
        const TcbStatus status = part->grade->status;
        if (status == TcbStatus::kUpToDate || ends_with_grace(status)) continue;
        if (!contains(rules.amber, status))
            return TcbJudgement{Outcome::kFail, std::string(to_string(status)) + " is not tolerated", {}};
        if (auto graded = grade_by_advisories(part->grade->advisories, rules); graded.outcome == Outcome::kFail)
            return graded;
    }
    return std::nullopt;
}

}  // namespace

std::string describe(const Grade& grade) {
    return std::string(to_string(grade.status)) + " of " + to_rfc3339(grade.date).substr(0, 10);
}

TcbJudgement grade_tcb(const Tcb& tcb, const Rules& rules, TimePoint now) {
    if (!tcb.status) return {Outcome::kFail, "no level fits: not supported", {}};
    for (const std::string& advisory : tcb.advisories)
        if (contains(rules.denied_advisories, advisory)) return {Outcome::kFail, advisory + " is denied", {}};
    if (*tcb.status == TcbStatus::kUpToDate) return {Outcome::kPass, {}, {}};
    if (*tcb.status == TcbStatus::kRevoked || !contains(rules.amber, *tcb.status))
        return {Outcome::kFail, "not tolerated", {}};
    if (!ends_with_grace(*tcb.status)) return grade_by_advisories(tcb.advisories, rules);
    if (auto failing = unreviewed(tcb, rules)) return *std::move(failing);
    return grade_by_grace(tcb, rules, now);
}

}  // namespace openpcc::tdx

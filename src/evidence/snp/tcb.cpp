// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evidence/snp/judge.hpp"

namespace openpcc::snp {

namespace {

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) out.append(out.empty() ? "" : ", ").append(name);
    return out;
}

int badness(Outcome outcome) {
    switch (outcome) {
        case Outcome::kPass:
            return 0;
        case Outcome::kNote:
            return 1;
        default:
            return 2;
    }
}

std::string to_string(const Firmware& firmware) {
    return std::to_string(firmware.major) + "." + std::to_string(firmware.minor) + "." + std::to_string(firmware.build);
}

// Amber needs its advisories named: without them nobody would learn what is left open.
bool amber_holds(const ProductRule& rule, const Tcb& tcb, TimePoint now) {
    return rule.amber && !rule.amber->advisories.empty() && now < rule.amber->until && covers(tcb, rule.amber->least);
}

Outcome grade(const ProductRule& rule, const Tcb& tcb, TimePoint now) {
    if (covers(tcb, rule.green)) return Outcome::kPass;
    return amber_holds(rule, tcb, now) ? Outcome::kNote : Outcome::kFail;
}

// SNP-ABI: the host can take CURRENT back to COMMITTED, a guest that was started under LAUNCH was measured by it, and
// REPORTED is what the key was derived for: each has to be good enough.
Outcome judge_one(const Case& is, std::string_view id, const RawTcb& raw, Checklist& list) {
    const Tcb tcb = tcb_of(raw, is.product);
    const std::string found = to_string(tcb, is.product);
    const Outcome outcome = grade(*is.rule, tcb, is.now);
    if (outcome == Outcome::kNote)
        list.note(id, "amber until " + to_rfc3339(is.rule->amber->until) +
                          ", open: " + joined(is.rule->amber->advisories) + "; " + found);
    else
        list.require(id, outcome == Outcome::kPass, to_string(is.rule->green, is.product), found);
    return outcome;
}

void judge_current(const Case& is, Checklist& list) {
    const Tcb reported = tcb_of(is.report.reported_tcb, is.product);
    const Tcb current = tcb_of(is.report.current_tcb, is.product);
    const std::string found = to_string(current, is.product);
    if (covers(current, reported) && current != reported && is.rules.provisional_tcb) {
        list.note("snp.tcb.current", "reported below current: " + found);
        return;
    }
    list.require("snp.tcb.current", current == reported, to_string(reported, is.product), found);
}

void judge_firmware(const Case& is, Checklist& list) {
    const Firmware& least = is.rule->least_firmware;
    list.require("snp.firmware", is.report.current >= least && is.report.committed >= least,
                 "at least " + to_string(least),
                 "current " + to_string(is.report.current) + ", committed " + to_string(is.report.committed));
}

}  // namespace

TcbGrade judge_tcb(const Case& is, Checklist& list, Verdict& verdict) {
    const Tcb reported = tcb_of(is.report.reported_tcb, is.product);
    list.require("snp.tcb_certificate", is.endorsement.tcb == reported,
                 "certificate: " + to_string(is.endorsement.tcb, is.product),
                 "report: " + to_string(reported, is.product));
    list.rests_on("snp.tcb_certificate", basis_of(is.chain.leaf));
    judge_current(is, list);
    TcbGrade out;
    if (is.rule == nullptr) return out;
    out.outcome = Outcome::kPass;
    for (const Outcome outcome : {judge_one(is, "snp.tcb.reported", is.report.reported_tcb, list),
                                  judge_one(is, "snp.tcb.committed", is.report.committed_tcb, list),
                                  judge_one(is, "snp.tcb.launch", is.report.launch_tcb, list)}) {
        if (badness(outcome) > badness(out.outcome)) out.outcome = outcome;
        // Each amber grade ends the verdict, also where another one is worse and excused.
        if (outcome == Outcome::kNote) verdict.holds_until(is.rule->amber->until);
    }
    judge_firmware(is, list);
    if (out.outcome == Outcome::kNote) {
        out.advisories = is.rule->amber->advisories;
        out.until = is.rule->amber->until;
    }
    return out;
}

}  // namespace openpcc::snp

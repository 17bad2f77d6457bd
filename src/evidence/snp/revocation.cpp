// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evidence/snp/judge.hpp"

namespace openpcc::snp {

namespace {

using List = SignedCollateral::List;

std::vector<const List*> lists_of(const SignedCollateral& collateral, const x509::Certificate& ark) {
    std::vector<const List*> out;
    for (const List& list : collateral.lists())
        if (list.ark.der() == ark.der()) out.push_back(&list);
    return out;
}

// The newest list decides how old what we know is.
const List* newest(const std::vector<const List*>& lists) {
    const auto found = std::ranges::max_element(lists, {}, [](const List* list) { return list->crl.this_update(); });
    return found == lists.end() ? nullptr : *found;
}

Outcome judge_age(const Case& is, const x509::Crl& crl, Checklist& list, Verdict& verdict) {
    const TimePoint issued = crl.this_update();
    const auto until = crl.next_update();
    list.rests_on("snp.crl", {crl.issuer_common_name(), issued, until});
    const std::string found = "issued " + to_rfc3339(issued) + ", next " + (until ? to_rfc3339(*until) : "never");
    Outcome outcome = is.rules.collateral_age.grade(issued, is.now);
    if (!until || is.now >= *until) outcome = Outcome::kFail;
    if (outcome == Outcome::kNote)
        list.note("snp.crl", "old: " + found);
    else
        list.require("snp.crl", outcome == Outcome::kPass, found);
    if (outcome != Outcome::kFail) {
        verdict.holds_until(*until);
        verdict.holds_until(issued + is.rules.collateral_age.red + Seconds(1));
    }
    return outcome;
}

bool lists_serial_of(const List& list, const x509::Certificate& certificate) {
    const Bytes serial = certificate.serial();
    ByteView bytes = serial;
    while (!bytes.empty() && bytes.front() == 0) bytes = bytes.subspan(1);
    return std::ranges::binary_search(list.serials, Bytes(bytes));
}

// A list of the ARK's names ASKs and ASVKs by serial number. Leaves have the serial number 0, and AMD revokes a VLEK by
// listing it although another CA has issued it; so the leaf's number counts too, whoever is said to have issued it.
const List* revoking(const Chain& chain, const std::vector<const List*>& lists) {
    const auto found = std::ranges::find_if(lists, [&](const List* list) {
        return list->crl.revokes(chain.issuer.certificate) || list->crl.revokes(chain.issuer.ark) ||
               lists_serial_of(*list, chain.leaf);
    });
    return found == lists.end() ? nullptr : *found;
}

}  // namespace

// Being on a list is for ever: an old list can still refuse. Not being on it says something only while it is in date.
void judge_revocation(const Case& is, const SignedCollateral& collateral, Checklist& list, Verdict& verdict) {
    const auto lists = lists_of(collateral, is.chain.issuer.ark);
    const List* last = newest(lists);
    Outcome age = Outcome::kNotRun;
    if (last == nullptr)
        list.not_run("snp.crl", "no revocation list of " + is.chain.issuer.ark.subject_common_name());
    else
        age = judge_age(is, last->crl, list, verdict);
    if (const List* by = revoking(is.chain, lists)) {
        list.require("snp.revocation", false, "revoked by the list of " + to_rfc3339(by->crl.this_update()));
        list.rests_on("snp.revocation", {by->crl.issuer_common_name(), by->crl.this_update(), by->crl.next_update()});
    } else if (age == Outcome::kPass || age == Outcome::kNote) {
        list.require("snp.revocation", true, "not on it");
        list.rests_on("snp.revocation",
                      {last->crl.issuer_common_name(), last->crl.this_update(), last->crl.next_update()});
    } else {
        list.not_run("snp.revocation", "no revocation list in date");
    }
}

}  // namespace openpcc::snp

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evidence/run.hpp"

namespace openpcc::collected {

namespace {

bool contains(const std::vector<std::string>& list, std::string_view value) {
    return std::ranges::find(list, value) != list.end();
}

std::string join(const auto& list) {
    std::string out;
    for (const auto& each : list) out += (out.empty() ? "" : ", ") + std::string(each);
    return out;
}

void compare_refusal(std::string_view words, const Verdict& verdict, Complaints& out) {
    auto failing = with_outcome(verdict, Outcome::kFail);
    // What is missing under the root is nobody's refusal, unless the words are about that.
    constexpr std::string_view kDated[] = {"snp.crl", "tdx.root_crl", "tdx.pck_crl", "tdx.tcb_info", "tdx.qe_identity"};
    if (!says(words, "expired") && !says(words, "crl") && !says(words, "collateral") && !says(words, "mrsigner"))
        std::erase_if(failing,
                      [&](const std::string& id) { return std::ranges::find(kDated, id) != std::end(kDated); });
    if (failing.empty()) return out.push_back("expected REJECT, got " + summary(verdict));
    const auto known = reasons(words);
    std::vector<std::string_view> wanted;
    for (const Reason& reason : known) wanted.insert(wanted.end(), reason.checks.begin(), reason.checks.end());
    const auto fits = [&](std::string_view id) { return contains(failing, id); };
    if (!known.empty() && std::ranges::none_of(wanted, fits))
        out.push_back("expected REJECT by one of " + join(wanted) + ", got " + summary(verdict));
    const bool alone = says(words, "only the debug check");
    if (alone && failing.size() != 1) out.push_back("expected no other failure, got " + summary(verdict));
}

}  // namespace

std::vector<std::string> with_outcome(const Verdict& verdict, Outcome outcome) {
    std::vector<std::string> out;
    for (const Check& check : verdict.checks())
        if (check.outcome == outcome) out.push_back(check.id);
    return out;
}

const Row* Stage::row_of(const Stored& file) const {
    const auto row = std::ranges::find(rows, file.path, &Row::file);
    return row == rows.end() ? nullptr : &*row;
}

Today today(const Verdict& verdict, const std::vector<std::string_view>& dated) {
    if (verdict.good()) return Today::kGood;
    const Check* problem = verdict.first_problem();
    return problem != nullptr && std::ranges::find(dated, problem->id) != dated.end() ? Today::kExpired
                                                                                      : Today::kRefused;
}

std::string summary(const Verdict& verdict) {
    std::string out(to_string(verdict.state()));
    for (const Outcome outcome : {Outcome::kFail, Outcome::kNotRun})
        for (const Check& check : verdict.checks())
            if (check.outcome == outcome && check.found != kNotReached)
                out += "; " + check.id + ": " + check.found + (outcome == Outcome::kNotRun ? " (not run)" : "");
    return out;
}

void compare_verdict(std::string_view words, const Verdict& verdict, bool signatures, Complaints& out) {
    // Under a root of its own, what the words call valid is valid for that root alone.
    const bool ours =
        !says(words, "own root") && !says(words, "synthetic") && !says(words, "sgx quote") && !says(words, "tee type");
    if (says_signatures(words) && ours && !signatures)
        out.push_back("expected valid signatures, got " + summary(verdict));
    switch (decision(words)) {
        case Decision::kAccept:
            if (!verdict.good()) out.push_back("expected ACCEPT, got " + summary(verdict));
            break;
        case Decision::kReject:
            compare_refusal(words, verdict, out);
            break;
        case Decision::kSignatures:
            if (!signatures && ours) out.push_back("expected valid signatures, got " + summary(verdict));
            break;
        case Decision::kUnsaid:
            break;
    }
}

}  // namespace openpcc::collected

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "evidence/tdx/judge.hpp"

namespace openpcc::tdx {

namespace {

std::string span(TimePoint from, TimePoint until) { return "from " + to_rfc3339(from) + " until " + to_rfc3339(until); }

// What is issued a little later than our clock says is issued now.
bool current(TimePoint issued, TimePoint until, TimePoint now) {
    return issued <= now + evidence::CollateralAge::kSkew && now < until;
}

template <class T>
bool in_date(const SignedCollateral::Item<T>& item, TimePoint now) {
    return item.certificates.holds(now) && current(item.content.issued, item.content.until, now);
}

// The answer that counts: in date before out of date, then the highest evaluation, then the newest.
template <class T, class Fits>
const SignedCollateral::Item<T>* choose(const SignedCollateral::Documents<T>& documents, TimePoint now, Fits fits) {
    const SignedCollateral::Item<T>* best = nullptr;
    const auto rank = [&](const auto& item) {
        return std::tuple(in_date(item, now), item.content.evaluation, item.content.issued);
    };
    for (const auto& item : documents.items)
        if (fits(item) && (best == nullptr || rank(item) > rank(*best))) best = &item;
    return best;
}

bool masked_equal(ByteView found, ByteView mask, ByteView wanted) {
    for (std::size_t i = 0; i < found.size(); ++i)
        if ((found[i] & mask[i]) != wanted[i]) return false;
    return true;
}

template <std::size_t N>
ByteArray<N> little_endian(std::uint64_t value) {
    ByteArray<N> out;
    for (std::size_t i = 0; i < N; ++i) out.bytes[i] = static_cast<std::uint8_t>(value >> 8 * i);
    return out;
}

bool signed_as(const ModuleSigner& signer, const TdReport& report) {
    return report.mr_signer_seam == signer.mr_signer &&
           masked_equal(little_endian<8>(report.seam_attributes), signer.attributes_mask, signer.attributes);
}

std::string describe(const Tcb::Part& part) { return part.grade ? describe(*part.grade) : "no level"; }

std::string describe(const Tcb& tcb) {
    std::string out = tcb.status ? std::string(to_string(*tcb.status)) : std::string("not supported");
    out += " (platform " + describe(tcb.platform);
    if (tcb.module) out += ", module " + describe(*tcb.module);
    return out + ", QE " + describe(tcb.qe) + ")";
}

// As many advisories as a check's text holds, and how many more there are.
void append_advisories(const std::vector<std::string>& advisories, std::string& text) {
    for (std::size_t i = 0; i < advisories.size(); ++i) {
        if (text.size() + advisories[i].size() + 16 > Checklist::kMaxText) {
            text += " and " + std::to_string(advisories.size() - i) + " more";
            return;
        }
        text += (i == 0 ? "; " : " ") + advisories[i];
    }
}

}  // namespace

std::optional<Tcb> CollateralJudge::run() {
    judge_module_floor();
    const auto& root = chain_.root;
    info_ = choose(collateral_.tcb_infos(), now_, [&](const InfoItem& item) {
        return item.content.fmspc == platform_.fmspc && same_certificate(item.root, root);
    });
    qe_ = choose(collateral_.qe_identities(), now_,
                 [&](const QeItem& item) { return same_certificate(item.root, root); });
    by_root_ = judge_crl("tdx.root_crl", root);
    by_ca_ = judge_crl("tdx.pck_crl", chain_.ca);
    judge_revocation();
    const bool info = judge_tcb_info();
    judge_evaluation();
    judge_age();
    const bool qe = judge_qe_identity();
    const bool module = info && judge_module_identity();
    if (!info || !qe || !module) return std::nullopt;
    Tcb tcb = evaluate_tcb(info_->content, qe_->content, platform_, quote_);
    judge_tcb(tcb);
    return tcb;
}

// RFC 5280 section 6.3: the newest list of this issuer that is in force now.
CollateralJudge::Revocations CollateralJudge::judge_crl(std::string_view id, const x509::Certificate& issuer) {
    auto lists = collateral_.lists_of(issuer);
    const auto refused = [&](std::string_view why) {
        list_.require(id, false, why);
        return Revocations{};
    };
    if (lists.good.empty()) {
        if (lists.forged > 0) return refused("one of that name, not signed by the issuer");
        if (!collateral_.crls_refused().empty())
            return refused("none; one was refused: " + collateral_.crls_refused()[0]);
        list_.not_run(id, "there is none");
        return {};
    }
    const auto rank = [&](const x509::Crl& crl) {
        return std::pair(current(crl.this_update(), *crl.next_update(), now_), crl.this_update());
    };
    const x509::Crl best = *std::ranges::max_element(lists.good, {}, rank);
    list_.rests_on(id, {best.issuer_common_name(), best.this_update(), best.next_update()});
    const bool good = current(best.this_update(), *best.next_update(), now_);
    list_.require(id, good, span(best.this_update(), *best.next_update()));
    verdict_.holds_until(*best.next_update());
    return {std::move(lists.good), good ? std::optional(best) : std::nullopt};
}

// Being on a list is for ever: one that is old, or that another has the number of, still refuses. Not being on any says
// something only while one of them is in date.
void CollateralJudge::judge_revocation() {
    struct Asked {
        std::string_view name;
        const x509::Certificate* certificate;
        const Revocations* by;
    };
    std::vector<Asked> asked = {{"PCK certificate", &chain_.leaf, &by_ca_}, {"PCK CA", &chain_.ca, &by_root_}};
    if (info_ != nullptr) asked.push_back({"TCB signing certificate", &info_->signer, &by_root_});
    if (qe_ != nullptr) asked.push_back({"TCB signing certificate", &qe_->signer, &by_root_});
    for (const auto& [name, certificate, by] : asked) {
        const auto list = std::ranges::find_if(by->lists, [&](const auto& crl) { return crl.revokes(*certificate); });
        if (list == by->lists.end()) continue;
        list_.require("tdx.revocation", false,
                      std::string(name) + " revoked, serial " + to_hex(certificate->serial()) + ", by the list of " +
                          to_rfc3339(list->this_update()));
        return;
    }
    if (by_root_.newest && by_ca_.newest)
        list_.require("tdx.revocation", true, "not listed");
    else
        list_.not_run("tdx.revocation", "without both lists in date");
}

template <class T>
bool CollateralJudge::present(std::string_view id, const SignedCollateral::Documents<T>& documents,
                              const SignedCollateral::Item<T>* item, std::string_view what) {
    if (item != nullptr) return true;
    // What says that it is of other platforms is missed here no more than if it had not come; what does not say may be
    // of this one.
    const auto concerns = [&](const SignedCollateral::Refused& each) {
        return !each.fmspc || *each.fmspc == platform_.fmspc;
    };
    const auto refused = std::ranges::find_if(documents.refused, concerns);
    if (refused == documents.refused.end())
        list_.not_run(id, "no " + std::string(what));
    else
        list_.require(id, false, "no " + std::string(what) + "; one was refused: " + refused->why);
    return false;
}

template <class T>
void CollateralJudge::rest_on(std::string_view id, const SignedCollateral::Item<T>& item) {
    list_.rests_on(id, {std::string(kTcbSigningName), item.content.issued, item.content.until});
    verdict_.holds_until(std::min(item.content.until, item.certificates.until));
}

bool CollateralJudge::judge_tcb_info() {
    constexpr std::string_view kId = "tdx.tcb_info";
    const std::string what = "TCB info for FMSPC " + to_hex(platform_.fmspc);
    if (!present(kId, collateral_.tcb_infos(), info_, what)) return false;
    const TcbInfo& info = info_->content;
    rest_on(kId, *info_);
    const std::string found = what + ", PCEID " + to_hex(info.pce_id) + ", " + span(info.issued, info.until);
    if (!info_->certificates.holds(now_))
        return list_.require(kId, false, found + "; its signing certificate is out of date");
    return list_.require(kId, info.pce_id == platform_.pce_id && in_date(*info_, now_), found);
}

void CollateralJudge::judge_evaluation() {
    constexpr std::string_view kId = "tdx.tcb_evaluation";
    std::string found;
    bool good = true;
    const auto say = [](std::string& text, std::string_view name, std::uint32_t number) {
        text += (text.empty() ? "" : ", ") + std::string(name) + " " + std::to_string(number);
    };
    const auto judge = [&](std::string_view name, std::uint32_t number, std::uint32_t least) {
        say(found, name, number);
        good = good && number >= least;
    };
    std::string wanted;
    say(wanted, "TCB info", rules_.least_tcb_evaluation);
    say(wanted, "QE identity", rules_.least_qe_evaluation);
    if (info_ != nullptr) judge("TCB info", info_->content.evaluation, rules_.least_tcb_evaluation);
    if (qe_ != nullptr) judge("QE identity", qe_->content.evaluation, rules_.least_qe_evaluation);
    if (good && (info_ == nullptr || qe_ == nullptr))
        list_.not_run(kId, "without TCB info and QE identity");
    else
        list_.require(kId, good, "at least " + wanted, found);
}

// The root's list is made once a year, and has only its own end.
void CollateralJudge::judge_age() {
    constexpr std::string_view kId = "tdx.collateral_age";
    std::vector<TimePoint> issued;
    if (info_ != nullptr) issued.push_back(info_->content.issued);
    if (qe_ != nullptr) issued.push_back(qe_->content.issued);
    if (by_ca_.newest) issued.push_back(by_ca_.newest->this_update());
    if (issued.empty()) return list_.not_run(kId, "there is none");
    const auto grade = [&](TimePoint time) { return rules_.collateral_age.grade(time, now_); };
    const auto any = [&](Outcome outcome) {
        return std::ranges::any_of(issued, [&](TimePoint time) { return grade(time) == outcome; });
    };
    const auto [oldest, newest] = std::ranges::minmax(issued);
    const std::string found = "issued " + to_rfc3339(oldest) + (oldest == newest ? "" : " to " + to_rfc3339(newest));
    if (any(Outcome::kFail))
        list_.require(kId, false, found);
    else if (issued.size() < 3)
        list_.not_run(kId, "without TCB info, QE identity and PCK CRL");
    else if (any(Outcome::kNote))
        list_.note(kId, found);
    else
        list_.require(kId, true, found);
    verdict_.holds_until(oldest + std::clamp(rules_.collateral_age.red, Seconds(0), Seconds(std::chrono::years(100))));
}

bool CollateralJudge::judge_qe_identity() {
    constexpr std::string_view kId = "tdx.qe_identity";
    if (!present(kId, collateral_.qe_identities(), qe_, "TD_QE identity")) return false;
    const QeIdentity& wanted = qe_->content;
    const QeReport& qe = quote_.qe_report;
    rest_on(kId, *qe_);
    const auto refused = [&](const std::string& why) { return list_.require(kId, false, why); };
    if (!qe_->certificates.holds(now_)) return refused("its signing certificate is out of date");
    if (!in_date(*qe_, now_)) return refused(span(wanted.issued, wanted.until));
    if (qe.mr_signer != wanted.mr_signer) return refused("MRSIGNER " + to_hex(qe.mr_signer));
    if (qe.isv_prod_id != wanted.isv_prod_id) return refused("ISVPRODID " + std::to_string(qe.isv_prod_id));
    if (!masked_equal(little_endian<4>(qe.misc_select), wanted.misc_select_mask, wanted.misc_select))
        return refused("MISCSELECT " + hex_number(qe.misc_select));
    if (!masked_equal(qe.attributes, wanted.attributes_mask, wanted.attributes))
        return refused("ATTRIBUTES " + to_hex(qe.attributes));
    return list_.require(kId, true, "ISVSVN " + std::to_string(qe.isv_svn) + ", " + span(wanted.issued, wanted.until));
}

// Intel's library looks for the module that runs now only where the one at launch is out of date; here a module that
// TCB info does not know is refused in either place.
bool CollateralJudge::judge_module_identity() {
    constexpr std::string_view kId = "tdx.module_identity";
    const TcbInfo& info = info_->content;
    const std::uint8_t major = quote_.report.tee_tcb_svn.bytes[1];
    rest_on(kId, *info_);
    const auto unknown = [&](std::uint8_t version) { return version > 0 && info.module_of(version) == nullptr; };
    const auto refuse_unknown = [&](std::string_view which, std::uint8_t version) {
        return list_.require(kId, false,
                             std::string(which) + " of major version " + std::to_string(version) + ", not in TCB info");
    };
    if (unknown(major)) return refuse_unknown("module", major);
    const std::uint8_t loaded = quote_.report.tee_tcb_svn2.bytes[1];
    if (quote_.body_type == BodyType::kTd15 && unknown(loaded)) return refuse_unknown("loaded module", loaded);
    const ModuleSigner& signer = major > 0 ? info.module_of(major)->signer : info.module;
    return list_.require(kId, signed_as(signer, quote_.report),
                         "module of major version " + std::to_string(major) + ", SEAMATTRIBUTES " +
                             hex_number(quote_.report.seam_attributes));
}

void CollateralJudge::judge_module_floor() {
    const auto good = [&](const ByteArray<16>& svn) {
        const auto floor = std::ranges::find(rules_.modules, svn.bytes[1], &ModuleFloor::major);
        return floor != rules_.modules.end() && svn.bytes[0] >= floor->least;
    };
    const auto version = [](const ByteArray<16>& svn) {
        return std::to_string(svn.bytes[1]) + "." + std::to_string(svn.bytes[0]);
    };
    const TdReport& report = quote_.report;
    const bool later = quote_.body_type == BodyType::kTd15;
    std::string wanted;
    for (const ModuleFloor& floor : rules_.modules)
        wanted +=
            (wanted.empty() ? "at least " : " or ") + std::to_string(floor.major) + "." + std::to_string(floor.least);
    list_.require("tdx.module_floor", good(report.tee_tcb_svn) && (!later || good(report.tee_tcb_svn2)),
                  wanted.empty() ? "none is accepted" : wanted,
                  version(report.tee_tcb_svn) + (later ? ", loaded now " + version(report.tee_tcb_svn2) : ""));
}

void CollateralJudge::judge_tcb(const Tcb& tcb) {
    constexpr std::string_view kId = "tdx.tcb";
    const TcbJudgement judgement = grade_tcb(tcb, rules_, now_);
    rest_on(kId, *info_);
    std::string found = describe(tcb);
    if (!judgement.why.empty()) found += "; " + judgement.why;
    append_advisories(tcb.advisories, found);
    if (judgement.outcome == Outcome::kNote)
        list_.note(kId, found);
    else
        list_.require(kId, judgement.outcome == Outcome::kPass, found);
    if (judgement.deadline) verdict_.holds_until(*judgement.deadline);
}

}  // namespace openpcc::tdx

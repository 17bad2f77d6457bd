// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/text.hpp"
#include "crypto/hash.hpp"
#include "evidence/eventlog/judge.hpp"
#include "evidence/run.hpp"
#include "evidence/tdx/verify.hpp"

namespace openpcc::collected {

namespace {

using std::chrono::days;

// INDEX.md, "How verdicts were found": UpToDate only, debug off, no service TD; nothing about other bits and ages.
tdx::Rules strict_rules() {
    tdx::Rules out;
    out.least_tcb_evaluation = 0;
    out.least_qe_evaluation = 0;
    for (unsigned major = 0; major < 256; ++major) out.modules.push_back({static_cast<std::uint8_t>(major), 0});
    out.collateral_age = {days(3650), days(3650)};
    out.attributes.fill(evidence::Must::kAny);
    out.xfam.fill(evidence::Must::kAny);
    return out;
}

struct Judged {
    Verdict verdict;
    std::optional<Verified<tdx::SignedQuote>> quote;
    const std::optional<tdx::Tcb>* tcb() const { return quote ? &(*quote)->tcb : nullptr; }
};

Judged verify(ByteView bytes, const tdx::SignedCollateral& collateral, TimePoint time) {
    static const tdx::Rules kRules = strict_rules();
    const auto alone = tdx::without_padding(bytes);
    Judged out;
    out.quote = tdx::verify_quote(alone ? *alone : bytes, intel(), collateral, kRules, time, out.verdict);
    return out;
}

// A check that lacks something to be judged by: other collateral may have it.
bool lacks_collateral(const Verdict& verdict) {
    return std::ranges::any_of(verdict.checks(), [](const Check& check) {
        return check.outcome == Outcome::kNotRun && check.found != kNotReached;
    });
}

std::string status_of(const tdx::Tcb& tcb) {
    return tcb.status ? std::string(to_string(*tcb.status)) : "not supported";
}

void compare_status(std::string_view words, std::string_view label, const Judged& judged, Complaints& out) {
    const auto labelled = statuses(label);
    const auto wanted = labelled.empty() ? statuses(words) : labelled;
    if (wanted.empty() || !judged.quote) return;
    const auto* tcb = judged.tcb();
    const auto failing = with_outcome(judged.verdict, Outcome::kFail);
    const bool unknown = std::ranges::find(failing, "tdx.module_identity") != failing.end();
    if (!*tcb && unknown && std::ranges::find(wanted, "not supported") != wanted.end()) return;
    if (!*tcb) return out.push_back("expected status " + wanted[0] + ", got none: " + summary(judged.verdict));
    const std::string status = status_of(**tcb);
    if (std::ranges::find(wanted, status) == wanted.end())
        out.push_back("expected status " + wanted[0] + ", got " + status + ": " + summary(judged.verdict));
    if (status == "UpToDate" || status == "not supported") return;
    for (const std::string& advisory : advisories(words))
        if (std::ranges::find((*tcb)->advisories, advisory) == (*tcb)->advisories.end())
            out.push_back("expected advisory " + advisory + ", got " + summary(judged.verdict));
}

void compare_facts(const Row& row, const tdx::SignedQuote& quote, Complaints& out) {
    const auto family = fmspc(row.words());
    if (family && *family != to_hex(quote.platform.fmspc))
        out.push_back("expected FMSPC " + *family + ", got " + to_hex(quote.platform.fmspc));
    const auto svn = module_svn(row.what);
    const ByteView found = quote.quote.report.tee_tcb_svn.view().first(std::min<std::size_t>(svn.size(), 16));
    if (!equal(found, svn)) out.push_back("expected SVN " + to_hex(svn) + ", got " + to_hex(found));
    const bool zero = std::ranges::all_of(quote.quote.report.mr_service_td.bytes, [](auto byte) { return byte == 0; });
    if (says(row.verdict, "mrservicetd non-zero") && zero) out.push_back("expected a service TD, got none");
}

// The certificate of dstack's RA-TLS: its key is in the report data of the quote inside.
void compare_key_binding(const Stored& file, const tdx::SignedQuote& quote, Complaints& out) {
    for (const x509::Certificate& each : file.content.certificates) {
        if (!each.extension(kQuoteExtension)) continue;
        const Bytes spki = each.key().spki();
        const auto wanted = crypto::sha512({as_bytes("ratls-cert:"), spki});
        if (!equal(wanted, quote.quote.report.report_data))
            out.push_back("report data does not bind the certificate's key");
    }
}

void compare_logs(const Stored& file, const tdx::SignedQuote& quote, bool replays, Complaints& out) {
    std::vector<ByteArray<48>> rtmrs;
    for (const auto& rtmr : quote.quote.report.rtmr) rtmrs.push_back(ByteArray<48>::from_view(rtmr));
    for (const Bytes& log : file.content.logs) {
        Verdict verdict;
        const auto good = eventlog::judge_tdx_log(log, std::span<const ByteArray<48>, 4>(rtmrs), verdict);
        if (good.has_value() != replays)
            out.push_back(std::string("expected a log that ") + (replays ? "replays" : "does not replay") + ", got " +
                          summary(verdict));
    }
}

class QuoteRow {
  public:
    QuoteRow(const Stage& stage, const Row& row, const Stored& file) : stage_(stage), row_(row), file_(file) {}

    Finding run() {
        const auto pieces = divided();
        auto times = moments(row_.t);
        if (times.empty()) times.push_back({stage_.now, ""});
        for (const Bytes& quote : file_.content.quotes) {
            for (const Moment& moment : times) judge(quote, pieces[0], moment);
            for (std::size_t i = 1; i < pieces.size(); ++i) judge_apart(quote, pieces[i]);
        }
        return std::move(finding_);
    }

  private:
    // A sentence about other collateral is judged by that; what names no file of ours stays with the rest.
    std::vector<std::string> divided() const {
        std::vector<std::string> out;
        for (std::string& part : parts(row_.verdict)) {
            if (!out.empty() && collateral_in(part).empty())
                out.back() += ". " + part;
            else
                out.push_back(std::move(part));
        }
        return out;
    }

    std::vector<const Stored*> collateral_in(std::string_view words) const {
        auto files = stage_.archive.named(words, row_.file);
        std::erase_if(files, [](const Stored* each) { return !each->content.collateral(); });
        return files;
    }

    Judged judged_by(ByteView quote, std::string_view words, TimePoint time) const {
        const auto files = collateral_in(words);
        if (!files.empty()) {
            const tdx::SignedCollateral named(stage_.archive.tdx_collateral(files), intel());
            Judged out = verify(quote, named, time);
            if (!lacks_collateral(out.verdict)) return out;
        }
        return verify(quote, stage_.archive.tdx(), time);
    }

    void judge(const Bytes& quote, const std::string& words, const Moment& moment) {
        ByteView bytes = quote;
        if (says(words, "trailing")) {
            const Judged whole = judged_by(quote, words, moment.time);
            if (with_outcome(whole.verdict, Outcome::kFail) != std::vector<std::string>{"tdx.format"})
                finding_.complaints.push_back("expected trailing bytes to be refused, got " + summary(whole.verdict));
            if (const std::size_t size = quote_size(quote); size > 0) bytes = bytes.first(size);
        }
        const Judged judged = judged_by(bytes, words, moment.time);
        compare(words, moment.label, judged);
        if (judged.verdict.good())
            finding_.today = today(verify(bytes, stage_.archive.tdx(), stage_.now).verdict,
                                   {"tdx.pck_chain", "tdx.root_crl", "tdx.pck_crl", "tdx.tcb_info", "tdx.qe_identity"});
        if (finding_.complaints.empty() || !judged.quote || !facts_) return;
        const auto& platform = (*judged.quote)->platform;
        if (!has_collateral(platform, moment.time))
            finding_.skipped = "no collateral in date for the row's time and FMSPC " + to_hex(platform.fmspc);
        else if (decision(words) == Decision::kAccept && only_lists_missing(judged.verdict))
            finding_.skipped = "no revocation list in date for the row's time";
    }

    static bool only_lists_missing(const Verdict& verdict) {
        constexpr std::string_view kLists[] = {"tdx.root_crl", "tdx.pck_crl", "tdx.revocation", "tdx.collateral_age"};
        return std::ranges::all_of(verdict.checks(), [&](const Check& check) {
            const bool passed = check.outcome == Outcome::kPass || check.outcome == Outcome::kNote;
            return passed || std::ranges::find(kLists, check.id) != std::end(kLists);
        });
    }

    // Without it a row that asks for a status cannot be judged, whoever is right.
    bool has_collateral(const tdx::PckPlatform& platform, TimePoint time) const {
        const auto in_date = [&](const auto& item) {
            return item.content.issued <= time && time < item.content.until && item.certificates.holds(time);
        };
        const auto& infos = stage_.archive.tdx().tcb_infos().items;
        const bool info = std::ranges::any_of(
            infos, [&](const auto& item) { return item.content.fmspc == platform.fmspc && in_date(item); });
        return info && std::ranges::any_of(stage_.archive.tdx().qe_identities().items, in_date);
    }

    void judge_apart(const Bytes& quote, const std::string& words) {
        const tdx::SignedCollateral named(stage_.archive.tdx_collateral(collateral_in(words)), intel());
        // "At its own time": when all of it was in date, from the last issue on.
        TimePoint time{};
        for (const auto& item : named.tcb_infos().items) time = std::max(time, item.content.issued);
        for (const auto& item : named.qe_identities().items) time = std::max(time, item.content.issued);
        compare(words, "", verify(quote, named, time + days(1)));
    }

    void compare(std::string_view words, std::string_view label, const Judged& judged) {
        Complaints& out = finding_.complaints;
        compare_verdict(words, judged.verdict, judged.quote.has_value(), out);
        compare_status(words, label, judged, out);
        if (!judged.quote) return;
        Complaints facts;
        compare_facts(row_, **judged.quote, facts);
        compare_key_binding(file_, **judged.quote, facts);
        facts_ = facts_ && facts.empty();
        out.insert(out.end(), facts.begin(), facts.end());
        if (says(words, "replay")) compare_logs(file_, **judged.quote, !says(words, "not replay"), out);
        if (decision(words) == Decision::kSignatures && !judged.verdict.good())
            finding_.remarks.push_back("signatures hold; " + summary(judged.verdict));
    }

    const Stage& stage_;
    const Row& row_;
    const Stored& file_;
    Finding finding_;
    bool facts_ = true;  // what needs no collateral agrees
};

}  // namespace

Finding judge_quote(const Stage& stage, const Row& row, const Stored& file) { return QuoteRow(stage, row, file).run(); }

}  // namespace openpcc::collected

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/text.hpp"
#include "evidence/run.hpp"
#include "evidence/snp/verify.hpp"

namespace openpcc::collected {

namespace {

using std::chrono::days;

// INDEX.md: debug off, VMPL 0, the certificate's TCB is the reported one, no roll-back; nothing about levels and other
// bits, and all products and providers.
snp::Rules strict_rules(const std::string& provider) {
    snp::Rules out;
    for (const snp::Product product : {snp::Product::kMilan, snp::Product::kGenoa, snp::Product::kTurin}) {
        snp::ProductRule rule;
        rule.product = product;
        rule.policy.fill(evidence::Must::kAny);
        for (std::size_t i = 0; i < snp::kPolicyBits.size(); ++i)
            if (snp::kPolicyBits[i].name == "debug" || snp::kPolicyBits[i].name == "migrate_ma")
                rule.policy[i] = evidence::Must::kZero;
        rule.platform.fill(evidence::Must::kAny);
        rule.platform_unknown = evidence::Must::kAny;
        out.products.push_back(rule);
    }
    if (!provider.empty()) out.vlek_providers = {provider};
    out.collateral_age = {days(3650), days(3650)};
    return out;
}

struct Judged {
    Verdict verdict;
    bool signatures = false;
    std::optional<snp::Product> product;
};

class ReportRow {
  public:
    ReportRow(const Stage& stage, const Row& row, const Stored& file) : stage_(stage), row_(row), file_(file) {}

    Finding run() {
        for (const Bytes& report : file_.content.reports) {
            const auto leaves = candidates(report);
            if (leaves.empty())
                return Finding::skip("an SEV-SNP report, and no VCEK or VLEK under the root can be its own");
            if (std::ranges::none_of(leaves, [&](const auto& leaf) { return has_issuer(leaf); }))
                return Finding::skip("an SEV-SNP report, and the ASK or ASVK above its key is not under the root");
            auto times = moments(row_.t);
            if (times.empty()) times.push_back({leaves[0].not_before() + days(1), ""});
            for (const Moment& moment : times) judge(report, leaves, moment.time);
        }
        return std::move(finding_);
    }

  private:
    // The certificates that can be the report's: by chip id and TCB; a VLEK by TCB alone. First those that the words
    // name, then those beside it, then all others.
    std::vector<x509::Certificate> candidates(ByteView bytes) const {
        std::vector<x509::Certificate> out;
        const auto report = snp::Report::parse(bytes);
        const auto take = [&](const Stored& file) {
            for (const x509::Certificate& each : file.content.certificates)
                if (!report || fits(each, report->claimed())) out.push_back(each);
        };
        for (const Stored* each : stage_.archive.named(row_.verdict, row_.file)) take(*each);
        if (!out.empty()) return out;
        take(file_);
        for (const Stored& each : stage_.archive.files())
            if (each.folder() == file_.folder()) take(each);
        if (out.empty())
            for (const Stored& each : stage_.archive.files()) take(each);
        return out;
    }

    static bool fits(const x509::Certificate& leaf, const snp::Report& report) {
        for (const snp::Product product : {snp::Product::kMilan, snp::Product::kGenoa, snp::Product::kTurin}) {
            const auto endorsement = snp::read_endorsement(leaf, product);
            if (!endorsement || endorsement->tcb != snp::tcb_of(report.reported_tcb, product)) continue;
            const bool vlek = report.signing_key() == snp::SigningKey::kVlek;
            if (vlek != (endorsement->kind == snp::KeyKind::kVlek)) continue;
            if (vlek || equal(report.chip_id.view().first(endorsement->hardware_id.size()), endorsement->hardware_id))
                return true;
        }
        return false;
    }

    bool has_issuer(const x509::Certificate& leaf) const {
        return !stage_.archive.certificates_named(leaf.issuer_common_name()).empty();
    }

    Judged verify(ByteView report, const x509::Certificate& leaf, TimePoint time) const {
        const auto chain = stage_.archive.chain_of(leaf, snp::amd_roots());
        std::vector<Bytes> certificates = {leaf.der()};
        if (chain.size() > 1) certificates.push_back(chain[1].der());
        std::string provider;
        for (const snp::Product product : {snp::Product::kMilan, snp::Product::kGenoa, snp::Product::kTurin})
            if (const auto endorsement = snp::read_endorsement(leaf, product)) provider = endorsement->provider;
        Judged out;
        const auto good = snp::verify_report(report, certificates, amd(), stage_.archive.snp(), strict_rules(provider),
                                             time, out.verdict);
        out.signatures = good.has_value();
        if (good) out.product = (*good)->product;
        return out;
    }

    // Of several that can be its own the one counts whose signature it bears.
    Judged best(ByteView report, const std::vector<x509::Certificate>& leaves, TimePoint time) const {
        std::optional<Judged> out;
        for (const x509::Certificate& leaf : leaves) {
            Judged judged = verify(report, leaf, time);
            if (!out || (judged.signatures && !out->signatures)) out = std::move(judged);
        }
        return *std::move(out);
    }

    // AMD's lists are not part of every collection: what they alone hold up is said, and no row is refused for it.
    bool only_lists_missing(const Verdict& verdict) const {
        if (verdict.good()) return true;
        if (!with_outcome(verdict, Outcome::kFail).empty()) return false;
        const auto missing = with_outcome(verdict, Outcome::kNotRun);
        return std::ranges::all_of(missing,
                                   [](const std::string& id) { return id == "snp.crl" || id == "snp.revocation"; });
    }

    void judge(ByteView report, const std::vector<x509::Certificate>& leaves, TimePoint time) {
        const Judged judged = best(report, leaves, time);
        Complaints& out = finding_.complaints;
        if (decision(row_.verdict) != Decision::kAccept)
            compare_verdict(row_.verdict, judged.verdict, judged.signatures, out);
        else if (!only_lists_missing(judged.verdict))
            out.push_back("expected ACCEPT, got " + summary(judged.verdict));
        compare_facts(judged, out);
        if (judged.signatures && only_lists_missing(judged.verdict)) {
            finding_.today = today(best(report, leaves, stage_.now).verdict, {"snp.chain", "snp.crl"});
        } else if (out.empty() && decision(row_.verdict) != Decision::kReject) {
            finding_.remarks.push_back("signatures hold; " + summary(judged.verdict));
        }
    }

    void compare_facts(const Judged& judged, Complaints& out) const {
        if (!judged.product) return;
        const std::string product(to_string(*judged.product));
        for (const std::string_view name : {"milan", "genoa", "turin"})
            if (says(row_.what, std::string(name) + " report") && !says(product, name))
                out.push_back("expected product " + std::string(name) + ", got " + product);
        const auto vmpl = with_outcome(judged.verdict, Outcome::kFail);
        const bool refused = std::ranges::find(vmpl, "snp.vmpl") != vmpl.end();
        if (says(row_.verdict, "vmpl 0") && refused) out.push_back("expected VMPL 0, got " + summary(judged.verdict));
        if (says(row_.verdict, "vmpl 1") && !refused) out.push_back("expected VMPL 1 to be refused");
    }

    const Stage& stage_;
    const Row& row_;
    const Stored& file_;
    Finding finding_;
};

}  // namespace

Finding judge_report(const Stage& stage, const Row& row, const Stored& file) {
    return ReportRow(stage, row, file).run();
}

}  // namespace openpcc::collected

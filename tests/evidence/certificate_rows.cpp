// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evidence/run.hpp"
#include "evidence/snp/verify.hpp"
#include "evidence/tdx/pck.hpp"

namespace openpcc::collected {

namespace {

std::vector<x509::Certificate> all_roots() {
    std::vector<x509::Certificate> out = snp::amd_roots();
    out.push_back(tdx::intel_root());
    return out;
}

std::string day(TimePoint time) { return to_rfc3339(time).substr(0, 10); }

bool is_endorsement(const x509::Certificate& certificate) {
    const std::string name = certificate.subject_common_name();
    return name == snp::kVcekName || name == snp::kVlekName;
}

class CertificateRow {
  public:
    CertificateRow(const Stage& stage, const Row& row, const Stored& file) : stage_(stage), row_(row), file_(file) {}

    Finding run() {
        const bool refused = decision(row_.verdict) == Decision::kReject || says(row_.words(), "synthetic") ||
                             says(row_.words(), "own root");
        for (const x509::Certificate& each : file_.content.certificates) {
            const std::string problem = problem_of(each);
            if (refused && problem.empty())
                finding_.complaints.push_back("expected " + each.subject_common_name() + " to be refused, it is good");
            if (!refused && !problem.empty())
                finding_.complaints.push_back("expected a valid " + each.subject_common_name() + ", got: " + problem);
            if (!refused) compare_facts(each);
        }
        return std::move(finding_);
    }

  private:
    // Without a time the words are about the chain: it is judged when the last of it had begun.
    TimePoint time_for(const std::vector<x509::Certificate>& chain) const {
        const auto times = moments(row_.t);
        if (!times.empty()) return times[0].time;
        TimePoint out{};
        for (const x509::Certificate& each : chain) out = std::max(out, each.not_before());
        return out;
    }

    std::string problem_of(const x509::Certificate& certificate) const {
        const auto chain = stage_.archive.chain_of(certificate, all_roots());
        const auto root = x509::verify_chain(chain, all_roots(), time_for(chain));
        if (!root) return root.error().describe();
        const auto product = snp::product_of_ark(*root);
        if (product && is_endorsement(certificate)) {
            if (const auto read = snp::read_endorsement(certificate, *product); !read) return read.error().describe();
            return problem_with_reports(certificate, chain);
        }
        if (certificate.subject_common_name() == tdx::kPckCommonName) {
            const auto extension = certificate.extension(tdx::kPckExtensionOid);
            if (!extension || !tdx::parse_pck_extension(*extension)) return "its SGX extension cannot be read";
        }
        return {};
    }

    // A row may say of which report the certificate is not the signer.
    std::string problem_with_reports(const x509::Certificate& leaf, const std::vector<x509::Certificate>& chain) const {
        if (!says(row_.verdict, "does not sign") || chain.size() < 2) return {};
        const std::vector<Bytes> certificates = {leaf.der(), chain[1].der()};
        for (const Stored* named : stage_.archive.named(row_.verdict, row_.file))
            for (const Bytes& report : named->content.reports) {
                Verdict verdict;
                if (!snp::verify_report(report, certificates, amd(), stage_.archive.snp(), snp::Rules{},
                                        time_for(chain), verdict))
                    return summary(verdict);
            }
        return {};
    }

    void compare_facts(const x509::Certificate& certificate) {
        Complaints& out = finding_.complaints;
        const auto chain = stage_.archive.chain_of(certificate, all_roots());
        const auto root = x509::verify_chain(chain, all_roots(), time_for(chain));
        if (!root) return;
        for (const std::string_view product : {"Milan", "Genoa", "Turin"})
            if (row_.words().find("ARK " + std::string(product)) != std::string::npos &&
                root->subject_common_name() != "ARK-" + std::string(product))
                out.push_back("expected ARK " + std::string(product) + ", got " + root->subject_common_name());
        const Bytes serial = certificate.serial();
        const bool zero = std::ranges::all_of(serial, [](std::uint8_t byte) { return byte == 0; });
        if (says(row_.verdict, "serial number 0") && is_endorsement(certificate) && !zero)
            out.push_back("expected serial number 0");
        compare_dates(certificate, chain);
    }

    // The dates are those of the first certificate.
    void compare_dates(const x509::Certificate& certificate, const std::vector<x509::Certificate>& chain) {
        if (certificate.fingerprint() != file_.content.certificates[0].fingerprint()) return;
        auto wanted = windows(row_.verdict);
        std::erase_if(wanted, [](const Window& window) { return window.about != About::kCertificate; });
        const auto fits = [&](const Window& window) {
            return window.from == day(certificate.not_before()) && window.to == day(certificate.not_after());
        };
        if (!wanted.empty() && std::ranges::none_of(wanted, fits))
            finding_.complaints.push_back("expected it valid from " + wanted[0].from + " to " + wanted[0].to +
                                          ", got " + day(certificate.not_before()) + " to " +
                                          day(certificate.not_after()));
        const bool ends = says(row_.verdict, "expired afterwards");
        if (ends && x509::verify_chain(chain, all_roots(), certificate.not_after() + Seconds(1)))
            finding_.complaints.push_back("expected it refused after its end");
    }

    const Stage& stage_;
    const Row& row_;
    const Stored& file_;
    Finding finding_;
};

}  // namespace

Finding judge_certificates(const Stage& stage, const Row& row, const Stored& file) {
    return CertificateRow(stage, row, file).run();
}

// A trust anchor is not judged: it must be one that is pinned, or there is no place for it yet.
Finding judge_anchor(const Stage& stage, const Row& row, const Stored& file) {
    std::vector<x509::Certificate> roots = all_roots();
    const auto pinned = [&](const x509::Certificate& each) { return snp::contains(roots, each); };
    if (std::ranges::any_of(file.content.certificates, pinned)) return CertificateRow(stage, row, file).run();
    const bool ours = says(row.words(), "ark ") || says(row.words(), "intel sgx root");
    if (ours) return {.complaints = {"expected the pinned root, got another"}, .skipped = {}, .remarks = {}};
    return Finding::skip("no evidence of this vendor is judged yet, so its root is not pinned");
}

}  // namespace openpcc::collected

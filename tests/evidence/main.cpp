// SPDX-License-Identifier: Apache-2.0
// openpcc_evidence ROOT [BESIDE...] judges the rows of ROOT/manifest.json; what is under BESIDE completes issuers,
// collateral and logs. Exit status: 0 nothing failed, 1 something failed, 2 usage, 3 ROOT has no manifest.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>

#include "evidence/run.hpp"
#include "vectors/tally.hpp"

namespace openpcc::collected {

namespace {

using vectors::Tally;

// roots: those of the vendors whose evidence is judged.
constexpr std::string_view kBuilt[] = {"roots", "tdx", "snp", "eventlog"};

// What a file holds most of decides: a quote may have its log and certificates beside it, a set of collateral its
// chains.
Finding judge_content(const Stage& stage, const Row& row, const Stored& file) {
    const Content& content = file.content;
    if (!content.quotes.empty()) return judge_quote(stage, row, file);
    if (!content.reports.empty()) return judge_report(stage, row, file);
    if (content.collateral()) return judge_collateral(stage, row, file);
    if (!content.certificates.empty()) return judge_certificates(stage, row, file);
    if (content.oracle) return judge_oracle(stage, row, file);
    if (!content.logs.empty()) return judge_log(stage, row, file);
    return judge_unknown(stage, row, file);
}

Finding judge(const Stage& stage, const Row& row, const Stored& file) {
    if (row.kind == "roots") return judge_anchor(stage, row, file);
    const Decision said = decision(row.verdict);
    if (!file.content.empty() || said == Decision::kUnsaid) return judge_content(stage, row, file);
    const Stored opened{file.path, file.bytes, buried_in(file.bytes)};
    return judge_content(stage, row, opened);
}

Finding judge_safely(const Stage& stage, const Row& row) {
    const Stored* file = stage.archive.find(row.file);
    if (file == nullptr) return Finding::complain("the file is not there");
    try {
        return judge(stage, row, *file);
    } catch (const std::exception& error) {
        return Finding::complain(std::string("stopped: ") + error.what());
    }
}

// A time at midnight names a day: what begins later on it is judged at its end, and a remark says so.
Finding judge_by_day(const Stage& stage, const Row& row) {
    Finding first = judge_safely(stage, row);
    constexpr std::string_view kMidnight = "T00:00:00Z";
    if (first.complaints.empty() || !first.skipped.empty() || row.t.find(kMidnight) == std::string::npos) return first;
    Row evening = row;
    for (std::size_t at; (at = evening.t.find(kMidnight)) != std::string::npos;)
        evening.t.replace(at, kMidnight.size(), "T23:59:59Z");
    Finding second = judge_safely(stage, evening);
    if (!second.complaints.empty()) return first;
    second.remarks.push_back("judged at the end of the day: at midnight, " + first.complaints.front());
    return second;
}

std::string joined(const Complaints& complaints) {
    std::string out;
    for (const std::string& each : complaints) out += (out.empty() ? "" : " | ") + each;
    return out;
}

// Present is the second pass: what was good at its own time, by a clock of today.
class Present {
  public:
    void count(const Row& row, Today today) {
        if (today == Today::kNotAsked) return;
        ++asked_;
        if (today == Today::kExpired) ++expired_;
        if (today == Today::kGood) still_good_.push_back(row.file);
        if (today == Today::kRefused) otherwise_.push_back(row.file);
    }
    void print() const {
        for (const std::string& file : otherwise_)
            std::printf("present clock: refused, not for its age: %s\n", file.c_str());
        for (const std::string& file : still_good_) std::printf("present clock: still good: %s\n", file.c_str());
        std::printf("present clock: %d of %d rows that are good at their own time are refused for their age\n",
                    expired_, asked_);
    }

  private:
    int asked_ = 0;
    int expired_ = 0;
    std::vector<std::string> still_good_;
    std::vector<std::string> otherwise_;
};

class Run {
  public:
    Run(const Archive& archive, const std::vector<Row>& rows)
        : stage_{archive, rows, std::chrono::time_point_cast<Seconds>(std::chrono::system_clock::now())} {}

    bool all() {
        std::vector<std::string> kinds;
        for (const Row& row : stage_.rows)
            if (std::ranges::find(kinds, row.kind) == kinds.end()) kinds.push_back(row.kind);
        bool good = true;
        for (const std::string& kind : kinds) {
            Tally tally;
            for (const Row& row : stage_.rows)
                if (row.kind == kind) one(row, tally);
            tally.print(kind);
            good = good && tally.failed() == 0;
        }
        present_.print();
        return good;
    }

  private:
    void one(const Row& row, Tally& tally) {
        if (std::ranges::find(kBuilt, row.kind) == std::end(kBuilt)) return tally.skip("this kind is not built yet");
        const Finding finding = judge_by_day(stage_, row);
        if (!finding.skipped.empty()) return tally.skip(row.file + ": " + finding.skipped);
        for (const std::string& remark : finding.remarks)
            std::printf("%s: note: %s: %s\n", row.kind.c_str(), row.file.c_str(), remark.c_str());
        tally.check(finding.complaints.empty(), row.file,
                    "the row says \"" + row.verdict + "\" at " + row.t + ": " + joined(finding.complaints));
        present_.count(row, finding.today);
    }

    Stage stage_;
    Present present_;
};

int run(const std::vector<std::filesystem::path>& roots) {
    if (!std::filesystem::exists(roots[0] / "manifest.json")) {
        std::fprintf(stderr, "openpcc_evidence: error: there is no manifest: SKIPPED, nothing was judged\n");
        return 3;
    }
    const std::vector<Row> rows = load_rows(roots[0] / "manifest.json");
    const Archive archive(roots);
    return Run(archive, rows).all() ? 0 : 1;
}

}  // namespace

}  // namespace openpcc::collected

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: openpcc_evidence ROOT [BESIDE...]\n");
        return 2;
    }
    try {
        return openpcc::collected::run({argv + 1, argv + argc});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "openpcc_evidence: error: %s\n", error.what());
        return 1;
    }
}

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/text.hpp"
#include "evidence/eventlog/judge.hpp"
#include "evidence/eventlog/rules.hpp"
#include "evidence/run.hpp"
#include "evidence/snp/verify.hpp"
#include "evidence/tdx/verify.hpp"

namespace openpcc::collected {

namespace {

using eventlog::Bank;
using eventlog::Layout;
using eventlog::Log;

struct NamedBank {
    std::string_view name;
    Bank bank;
};
constexpr NamedBank kBanks[] = {{"sha256", Bank::kSha256}, {"sha384", Bank::kSha384}, {"sha512", Bank::kSha512}};

// Extended says whether the registers of two logs or of a log and an oracle agree; SHA-1 is never replayed.
void compare_oracle(const Log& log, const Oracle& oracle, std::string_view name, Complaints& out) {
    for (const NamedBank& each : kBanks) {
        const auto wanted = oracle.find(std::string(each.name));
        if (wanted == oracle.end()) continue;
        const auto registers = log.has(each.bank) ? eventlog::replay(log, each.bank, Layout::kPcr)
                                                  : Result<eventlog::Registers>(fail(eventlog::kMalformed));
        if (!registers) {
            out.push_back("expected bank " + wanted->first + ", the log has none that replays");
            continue;
        }
        for (const auto& [index, value] : wanted->second)
            if (index >= registers->values.size() || !equal(registers->values[index], value))
                out.push_back(std::string(name) + ": expected " + wanted->first + " register " + std::to_string(index) +
                              " " + to_hex(value) + ", got " +
                              (index < registers->values.size() ? to_hex(registers->values[index]) : "none"));
    }
}

// What a repository recorded is equal to the replay only where the row of the log says so.
bool must_equal(const Stage& stage, const Row& log, const Stored& oracle) {
    const Row* row = stage.row_of(oracle);
    return row == nullptr || !says(row->what, "recorded") || says(log.verdict, "replay equals");
}

bool has_comparable_bank(const Oracle& oracle) {
    return std::ranges::any_of(kBanks, [&](const NamedBank& each) { return oracle.contains(std::string(each.name)); });
}

// Every TDX quote of the collection, with its registers.
std::vector<std::pair<const Stored*, std::vector<ByteArray<48>>>> quoted_registers(const Archive& archive) {
    std::vector<std::pair<const Stored*, std::vector<ByteArray<48>>>> out;
    for (const Stored& file : archive.files())
        for (const Bytes& bytes : file.content.quotes) {
            const auto alone = tdx::without_padding(bytes);
            const auto quote =
                alone ? tdx::Quote::parse(*alone) : Result<Unverified<tdx::Quote>>(fail(tdx::kMalformed));
            if (!quote) continue;
            std::vector<ByteArray<48>> registers;
            for (const auto& each : quote->claimed().report.rtmr) registers.push_back(ByteArray<48>::from_view(each));
            out.emplace_back(&file, std::move(registers));
        }
    return out;
}

class LogRow {
  public:
    LogRow(const Stage& stage, const Row& row, const Stored& file) : stage_(stage), row_(row), file_(file) {}

    Finding run() {
        for (const Bytes& bytes : file_.content.logs) judge(bytes);
        return std::move(finding_);
    }

  private:
    void judge(const Bytes& bytes) {
        const auto log = Log::parse(bytes);
        const bool refused = says(row_.verdict, "not parseable") || says(row_.verdict, "legacy");
        if (refused && log) return finding_.complaints.push_back("expected a log that is refused, it was read");
        if (refused) return;
        if (!log && log.error() == eventlog::kSha1Only)
            return void(finding_.skipped = "a log of SHA-1 digests alone, which are never replayed");
        if (!log) return finding_.complaints.push_back("expected a log, got " + log.error().describe());
        compare_shape(*log, bytes);
        compare_beside(*log);
        if (says(row_.verdict, "replay")) compare_quotes(bytes);
        if (says(row_.verdict, "same boot")) compare_named_logs(*log);
    }

    void compare_shape(const Log& log, ByteView bytes) {
        Complaints& out = finding_.complaints;
        const auto count = event_count(row_.verdict);
        if (count && *count != log.events().size())
            out.push_back("expected " + std::to_string(*count) + " events, got " + std::to_string(log.events().size()));
        for (const std::string& name : banks(row_.verdict))
            for (const NamedBank& each : kBanks)
                if (name == each.name && !log.has(each.bank)) out.push_back("expected bank " + name);
        const bool locality = as_text(bytes).find("StartupLocality") != std::string_view::npos;
        if (says(row_.verdict, "startuplocality") && !locality) out.push_back("expected a StartupLocality event");
        if (!says(row_.verdict, "secure boot off")) return;
        for (const NamedBank& each : kBanks)
            if (log.has(each.bank)) {
                const auto findings = eventlog::examine(log, each.bank, Layout::kPcr);
                if (findings.secure_boot != eventlog::SecureBoot::kOff)
                    out.push_back("expected Secure Boot off, got " + std::string(to_string(findings.secure_boot)));
                break;
            }
    }

    // Registers that were computed or recorded for this very file stand beside it under its name.
    void compare_beside(const Log& log) {
        for (const Stored& each : stage_.archive.files())
            if (each.content.oracle && each.path.starts_with(file_.path + ".") && must_equal(stage_, row_, each))
                compare_oracle(log, *each.content.oracle, each.name(), finding_.complaints);
    }

    // The quotes that the words name, else all: to one of them the log replays, or to none.
    void compare_quotes(const Bytes& bytes) {
        const auto named = stage_.archive.named(row_.verdict, row_.file);
        auto quotes = quoted_registers(stage_.archive);
        const auto only = [&](auto keep) {
            auto some = quotes;
            std::erase_if(some, [&](const auto& each) { return !keep(*each.first); });
            if (!some.empty()) quotes = std::move(some);
        };
        only([&](const Stored& each) { return std::ranges::find(named, &each) != named.end(); });
        const bool none = says(row_.verdict, "not replay");
        std::string replayed;
        Verdict last;
        for (const auto& [file, registers] : quotes) {
            Verdict verdict;
            if (eventlog::judge_tdx_log(bytes, std::span<const ByteArray<48>, 4>(registers), verdict))
                replayed = file->path;
            last = verdict;
        }
        if (quotes.empty() || !with_bank(bytes)) return;
        if (none && !replayed.empty())
            finding_.complaints.push_back("expected no quote that it replays to, it does to " + replayed);
        if (!none && replayed.empty() && about_quotes() && names_what_is_absent())
            finding_.skipped = "a log, and the quote that it replays to is not under the root";
        if (!none && replayed.empty() && about_quotes())
            finding_.complaints.push_back("expected a quote that it replays to, got " + summary(last));
    }

    // The words name a file that is not here.
    bool names_what_is_absent() const {
        return std::ranges::any_of(names(row_.verdict), [&](const std::string& name) {
            return name.find('.') != std::string::npos && name.find("..") == std::string::npos &&
                   name.find_last_of('.') + 2 < name.size() && stage_.archive.named(name, row_.file).empty();
        });
    }
    bool about_quotes() const { return says(row_.verdict, "rtmr"); }
    static bool with_bank(ByteView bytes) {
        const auto log = Log::parse(bytes);
        return log && log->has(Bank::kSha384);
    }

    void compare_named_logs(const Log& log) {
        if (!log.has(Bank::kSha384)) return;
        const auto mine = eventlog::replay(log, Bank::kSha384, Layout::kTdx);
        bool found = false;
        for (const auto& [file, registers] : quoted_registers(stage_.archive)) {
            bool same = mine.has_value();
            for (std::size_t i = 0; same && i < registers.size(); ++i) same = equal(mine->values[i + 1], registers[i]);
            found = found || same;
        }
        if (!found) finding_.complaints.push_back("expected the boot of a quote here, its registers are no quote's");
    }

    const Stage& stage_;
    const Row& row_;
    const Stored& file_;
    Finding finding_;
};

}  // namespace

Finding judge_log(const Stage& stage, const Row& row, const Stored& file) { return LogRow(stage, row, file).run(); }

Finding judge_oracle(const Stage& stage, const Row&, const Stored& file) {
    if (!has_comparable_bank(*file.content.oracle))
        return Finding::skip("registers of SHA-1 alone, which is never replayed");
    // The log whose name the file's begins with, as collections of this layout have it.
    for (const Stored& each : stage.archive.files()) {
        if (!file.path.starts_with(each.path + ".")) continue;
        const Row* log_row = stage.row_of(each);
        const auto log = Log::parse(each.bytes);
        if (!log) return Finding::skip("registers of a log that is refused: " + std::string(log.error().name()));
        Finding out;
        compare_oracle(*log, *file.content.oracle, each.name(), out.complaints);
        if (!out.complaints.empty() && log_row != nullptr && !must_equal(stage, *log_row, file))
            out.skipped = "recorded registers that differ from the replay, and no row calls them equal";
        return out;
    }
    // Under other names: any log that extends to all of them.
    for (const Stored& each : stage.archive.files())
        for (const Bytes& bytes : each.content.logs) {
            const auto log = Log::parse(bytes);
            Complaints differences;
            if (log) compare_oracle(*log, *file.content.oracle, each.name(), differences);
            if (log && differences.empty()) return {};
        }
    return Finding::skip("registers without the log that they are of");
}

namespace {

// DER, PEM, JSON and other text are forms that are read here: who finds nothing in them has misread them.
bool is_known_form(ByteView bytes) {
    const auto printable = [](std::uint8_t byte) { return (byte >= 0x20 && byte < 0x7f) || (byte >= 9 && byte <= 13); };
    const ByteView head = bytes.first(std::min<std::size_t>(bytes.size(), 20));
    return !bytes.empty() && (bytes[0] == 0x30 || std::ranges::all_of(head, printable));
}

}  // namespace

Finding judge_unknown(const Stage& stage, const Row& row, const Stored& file) {
    Finding out;
    Verdict quote;
    tdx::verify_quote(file.bytes, intel(), stage.archive.tdx(), tdx::Rules{}, stage.now, quote);
    Verdict report;
    snp::verify_report(file.bytes, {}, amd(), stage.archive.snp(), snp::Rules{}, stage.now, report);
    const bool refused = with_outcome(quote, Outcome::kFail) == std::vector<std::string>{"tdx.format"} &&
                         with_outcome(report, Outcome::kFail) == std::vector<std::string>{"snp.format"} &&
                         !Log::parse(file.bytes);
    if (!refused) out.complaints.push_back("expected bytes that every reader refuses");
    const Decision said = decision(row.verdict);
    if (said == Decision::kAccept || said == Decision::kSignatures)
        return is_known_form(file.bytes) ? Finding::complain("expected evidence, and nothing in it can be read")
                                         : Finding::skip("evidence in a form that nothing here reads");
    const bool wanted = said == Decision::kReject || says(row.verdict, "not parseable") ||
                        says(row.verdict, "legacy") || file.content.acpi_table;
    if (out.complaints.empty() && !wanted)
        return Finding::skip(says(row.enc + row.verdict, "container")
                                 ? "a container of another system, which nothing here reads"
                                 : "no evidence, and every reader refuses it");
    return out;
}

}  // namespace openpcc::collected

// SPDX-License-Identifier: Apache-2.0
#include "evidence/words.hpp"

#include <algorithm>
#include <cctype>
#include <regex>

namespace openpcc::collected {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

std::vector<std::smatch> all(const std::string& text, const std::regex& pattern) {
    return {std::sregex_iterator(text.begin(), text.end(), pattern), std::sregex_iterator()};
}

std::string_view before(std::string_view text, std::ptrdiff_t at, std::size_t length) {
    const auto end = static_cast<std::size_t>(at);
    const std::size_t from = end > length ? end - length : 0;
    return text.substr(from, end - from);
}

// What a window or a number is about: the last of these that stands before it.
About about(std::string_view text, std::ptrdiff_t at) {
    struct Word {
        std::string_view word;
        About about;
    };
    static constexpr Word kWords[] = {
        {"tcb info", About::kTcbInfo},     {"identity", About::kIdentity},        {"root crl", About::kRootCrl},
        {"root ca crl", About::kRootCrl},  {"pck crl", About::kPckCrl},           {"platform crl", About::kPckCrl},
        {"processor crl", About::kPckCrl}, {"signing cert", About::kCertificate},
    };
    const std::string head = lower(text.substr(0, static_cast<std::size_t>(at)));
    if (head.ends_with("valid ")) return About::kCertificate;
    About out = About::kNothing;
    std::size_t best = 0;
    for (const Word& word : kWords) {
        const std::size_t found = head.rfind(word.word);
        if (found == std::string::npos || found + 1 <= best) continue;
        best = found + 1;
        out = word.about;
    }
    return out;
}

// A REJECT that is not about the time and the rules of its row.
bool conditional(std::string_view text, const std::smatch& match) {
    const std::string head = lower(before(text, match.position(), 24));
    const std::string tail = lower(text.substr(static_cast<std::size_t>(match.position() + match.length())));
    return head.find("afterwards") != std::string::npos || tail.starts_with(" when ") || tail.starts_with(" if ");
}

bool only_signatures(std::string_view tail) {
    for (const std::string_view what : {" signature", " key binding", " cryptographically", ": signature valid"})
        if (tail.starts_with(what)) return true;
    return false;
}

}  // namespace

bool says(std::string_view text, std::string_view phrase) { return lower(text).find(phrase) != std::string::npos; }

bool says_signatures(std::string_view text) {
    static const std::regex kValid(
        R"(signatures? (are )?valid|signatures? verif|chain(s)? (is )?valid|valid under|ACCEPT signature|self-consistent)",
        std::regex::icase);
    return std::regex_search(std::string(text), kValid);
}

Decision decision(std::string_view verdict) {
    static const std::regex kWord(R"(\b(ACCEPT|REJECT)\b)");
    const std::string text(verdict);
    for (const std::smatch& match : all(text, kWord)) {
        const auto end = static_cast<std::size_t>(match.position() + match.length());
        if (match[1] == "ACCEPT")
            return only_signatures(std::string_view(text).substr(end)) ? Decision::kSignatures : Decision::kAccept;
        if (!conditional(text, match)) return Decision::kReject;
    }
    return says_signatures(text) ? Decision::kSignatures : Decision::kUnsaid;
}

std::string_view to_string(Decision decision) {
    switch (decision) {
        case Decision::kUnsaid:
            return "nothing";
        case Decision::kAccept:
            return "ACCEPT";
        case Decision::kReject:
            return "REJECT";
        case Decision::kSignatures:
            return "valid signatures";
    }
    return "?";
}

std::vector<Reason> reasons(std::string_view verdict) {
    static const std::vector<Reason> kReasons = {
        {"debug", {"tdx.debug", "tdx.qe_debug", "snp.policy.debug"}},
        {"outofdate", {"tdx.tcb"}},
        {"out of date", {"tdx.tcb"}},
        {"no tcb level", {"tdx.tcb"}},
        {"no platform tcb level", {"tdx.tcb"}},
        {"tcb not supported", {"tdx.tcb"}},
        {"configurationneeded", {"tdx.tcb"}},
        {"swhardeningneeded", {"tdx.tcb"}},
        {"relaunch", {"tdx.tcb"}},
        {"revoked", {"tdx.revocation", "tdx.tcb", "snp.revocation"}},
        {"tee type", {"tdx.format", "tdx.tee_type"}},
        {"sgx quote", {"tdx.format", "tdx.tee_type"}},
        {"unknown version", {"tdx.format", "snp.format"}},
        {"unsupported version", {"tdx.format", "snp.format"}},
        {"malformed", {"tdx.format", "snp.format"}},
        {"truncated", {"tdx.format", "snp.format"}},
        {"not parseable", {"tdx.format", "snp.format"}},
        {"must reject type", {"tdx.format", "snp.format"}},
        {"trailing", {"tdx.format", "snp.format"}},
        {"mrservicetd", {"tdx.service_td"}},
        {"service td", {"tdx.service_td"}},
        {"mrsigner", {"tdx.qe_identity", "tdx.module", "tdx.module_identity", "tdx.pck_chain"}},
        {"own root", {"tdx.pck_chain", "tdx.format", "tdx.tee_type", "snp.chain"}},
        {"synthetic", {"tdx.pck_chain", "tdx.format", "tdx.tee_type", "snp.chain"}},
        {"another root", {"tdx.pck_chain", "snp.chain"}},
        {"wrong root", {"tdx.pck_chain", "snp.chain"}},
        {"untrusted", {"tdx.pck_chain", "snp.chain"}},
        {"does not chain", {"tdx.pck_chain", "snp.chain", "snp.certificate"}},
        {"does not sign", {"snp.signature", "tdx.quote_signature", "tdx.qe_report_signature"}},
        {"signature invalid",
         {"snp.signature", "tdx.quote_signature", "tdx.qe_report_signature", "tdx.attestation_key"}},
        {"invalid signature",
         {"snp.signature", "tdx.quote_signature", "tdx.qe_report_signature", "tdx.attestation_key"}},
        {"bad signature", {"snp.signature", "tdx.quote_signature", "tdx.qe_report_signature", "tdx.attestation_key"}},
        {"tampered", {"snp.signature", "tdx.quote_signature", "tdx.qe_report_signature", "tdx.attestation_key"}},
        {"expired",
         {"tdx.pck_chain", "tdx.tcb_info", "tdx.qe_identity", "tdx.root_crl", "tdx.pck_crl", "snp.chain", "snp.crl"}},
        {"collateral is for", {"tdx.tcb_info", "tdx.qe_identity"}},
        {"fmspc does not", {"tdx.tcb_info"}},
        {"migrat", {"tdx.attributes.migratable", "tdx.service_td", "snp.policy.migrate_ma", "snp.migration_agent"}},
        {"sept_ve", {"tdx.attributes.sept_ve_disable"}},
        {"perfmon", {"tdx.attributes.perfmon"}},
        {"vmpl", {"snp.vmpl"}},
        {"must equal current", {"snp.tcb.current"}},
        {"older than current", {"snp.tcb.current"}},
        {"roll-back", {"snp.tcb.current", "snp.tcb_certificate"}},
        {"certificate tcb", {"snp.tcb_certificate"}},
        {"reported tcb", {"snp.tcb_certificate", "snp.tcb.current", "snp.tcb.reported"}},
        {"chip id", {"snp.chip_id"}},
        {"hwid", {"snp.chip_id"}},
        {"product", {"snp.product", "snp.chain"}},
    };
    // What stands in brackets about another reading of the same bytes is no reason ("As SGX: ...").
    static const std::regex kAside(R"(\(As [^)]*\))");
    const std::string text = lower(std::regex_replace(std::string(verdict), kAside, ""));
    std::vector<Reason> out;
    for (const Reason& reason : kReasons)
        if (text.find(reason.phrase) != std::string::npos) out.push_back(reason);
    return out;
}

std::vector<std::string> statuses(std::string_view verdict) {
    static const std::regex kStatus(
        R"(\b(UpToDate|SWHardeningNeeded|ConfigurationNeeded|ConfigurationAndSWHardeningNeeded|OutOfDate|)"
        R"(OutOfDateConfigurationNeeded|TDRelaunchAdvised|TDRelaunchAdvisedConfigurationNeeded|Revoked)\b)");
    static const std::regex kAside(R"(\(As [^)]*\))");
    const std::string text = std::regex_replace(std::string(verdict), kAside, "");
    std::vector<std::string> out;
    // "REJECT OutOfDate" is about the whole, whatever follows about its parts.
    static const std::regex kWhole(R"(\b(?:ACCEPT|REJECT) (\w+))");
    std::smatch whole;
    const std::string first = std::regex_search(text, whole, kWhole) ? whole[1].str() : "";
    if (std::regex_match(first, kStatus)) return {first};
    for (const std::smatch& match : all(text, kStatus)) out.push_back(match[1]);
    for (const std::string_view phrase : {"no tcb level", "no platform tcb level", "tcb not supported"})
        if (says(text, phrase)) out.emplace_back("not supported");
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
    return out;
}

std::vector<std::string> advisories(std::string_view verdict) {
    static const std::regex kAdvisory(R"((INTEL-SA|, )-(\d{5}))");
    static const std::regex kAside(R"(\(As [^)]*\))");
    const std::string text = std::regex_replace(std::string(verdict), kAside, "");
    std::vector<std::string> out;
    for (const std::smatch& match : all(text, kAdvisory)) out.push_back("INTEL-SA-" + match[2].str());
    return out;
}

std::vector<Window> windows(std::string_view verdict) {
    static const std::regex kWindow(R"((\d{4})-(\d{2}-\d{2})\.\.(?:(\d{4})-)?(\d{2}-\d{2}))");
    const std::string text(verdict);
    std::vector<Window> out;
    for (const std::smatch& match : all(text, kWindow)) {
        const std::string from = match[1].str() + "-" + match[2].str();
        std::string year = match[3].matched ? match[3].str() : match[1].str();
        // "2025-12-13..01-12" ends in the next year.
        if (!match[3].matched && match[4].str() < match[2].str()) year = std::to_string(std::stoi(year) + 1);
        out.push_back({from, year + "-" + match[4].str(), about(text, match.position())});
    }
    return out;
}

std::vector<Number> evaluations(std::string_view verdict) {
    static const std::regex kEvaluation(R"(\beval(?:uation)?(?: (?:data )?number)? (\d+))", std::regex::icase);
    const std::string text(verdict);
    std::vector<Number> out;
    for (const std::smatch& match : all(text, kEvaluation))
        out.push_back({std::stoull(match[1]), about(text, match.position())});
    return out;
}

std::vector<Number> entries(std::string_view verdict) {
    static const std::regex kEntries(R"((\d+) entries|\bempty\b)");
    const std::string text(verdict);
    std::vector<Number> out;
    for (const std::smatch& match : all(text, kEntries))
        out.push_back({match[1].matched ? std::stoull(match[1]) : 0, about(text, match.position())});
    return out;
}

std::optional<std::string> fmspc(std::string_view words) {
    static const std::regex kFmspc(R"((?:FMSPC|TCB info(?: for)?(?: FMSPC)?)[ :]+([0-9A-Fa-f]{12})\b)");
    const std::string text(words);
    std::smatch match;
    if (!std::regex_search(text, match, kFmspc)) return std::nullopt;
    return lower(match[1].str());
}

std::vector<std::uint8_t> module_svn(std::string_view words) {
    static const std::regex kSvn(R"(SVN ([0-9a-f]{2}(?: [0-9a-f]{2})+)\b)");
    const std::string text(words);
    std::vector<std::uint8_t> out;
    std::smatch match;
    if (!std::regex_search(text, match, kSvn)) return out;
    const std::string digits = match[1];
    for (std::size_t i = 0; i < digits.size(); i += 3)
        out.push_back(static_cast<std::uint8_t>(std::stoul(digits.substr(i, 2), nullptr, 16)));
    return out;
}

std::optional<std::uint64_t> event_count(std::string_view words) {
    static const std::regex kEvents(R"((\d+) events)");
    const std::string text(words);
    std::smatch match;
    if (!std::regex_search(text, match, kEvents)) return std::nullopt;
    return std::stoull(match[1]);
}

std::vector<std::string> banks(std::string_view words) {
    static const std::regex kBanks(R"(banks? ((?:sha\d+/?)+))");
    const std::string text(words);
    std::vector<std::string> out;
    std::smatch match;
    if (!std::regex_search(text, match, kBanks)) return out;
    const std::string list = match[1];
    static const std::regex kBank(R"(sha\d+)");
    for (const std::smatch& bank : all(list, kBank)) out.push_back(bank[0]);
    return out;
}

std::vector<std::string> parts(std::string_view verdict) {
    std::vector<std::string> out;
    std::string_view rest = verdict;
    for (std::size_t at; (at = rest.find(". With ")) != std::string_view::npos; rest.remove_prefix(at + 2))
        out.emplace_back(rest.substr(0, at));
    out.emplace_back(rest);
    return out;
}

std::vector<std::string> names(std::string_view words) {
    static const std::regex kName(R"([A-Za-z0-9_][A-Za-z0-9_./*-]*[A-Za-z0-9_])");
    const std::string text(words);
    std::vector<std::string> out;
    for (const std::smatch& match : all(text, kName)) out.push_back(match[0]);
    return out;
}

}  // namespace openpcc::collected

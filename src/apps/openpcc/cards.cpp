// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/cards.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "trust/statement/statement.hpp"

namespace openpcc::cli {

namespace {

constexpr std::size_t kShortName = 12;
constexpr std::size_t kMaxHistory = 8;

std::string painted(bool colours, std::string_view code, const std::string& text) {
    return colours ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

// Which check answers which question of a card. Those of another kind of hardware are not among a node's checks.
struct Row {
    std::string_view label;
    std::string_view check;
};
constexpr std::array kMachine{Row{"CPU", "bundle.tee"},
                              Row{"security level", "tdx.tcb"},
                              Row{"module", "tdx.module_floor"},
                              Row{"security level", "snp.tcb.reported"},
                              Row{"firmware", "snp.firmware"},
                              Row{"revocation", "tdx.revocation"},
                              Row{"revocation", "snp.revocation"},
                              Row{"debug", "tdx.debug"},
                              Row{"debug", "snp.policy.debug"},
                              Row{"hardware", "policy.hardware"},
                              Row{"GPU", "devices.evidence"},
                              Row{"root", "root.trust"},
                              Row{"challenge", "freshness.challenge"}};
constexpr std::array kCode{Row{"release", "statement.release"},
                           Row{"measurement", "policy.measurement.mrtd"},
                           Row{"measurement", "policy.measurement"},
                           Row{"revoked", "policy.revoked_release"},
                           Row{"model", "policy.model"},
                           Row{"engine profile", "policy.engine_profile"},
                           Row{"isolation", "policy.isolation"},
                           Row{"keys", "binding.report_data"}};

std::string_view word(Outcome outcome) {
    switch (outcome) {
        case Outcome::kPass:
            return "ok";
        case Outcome::kNote:
            return "note";
        case Outcome::kFail:
            return "FAILED";
        case Outcome::kNotRun:
            return "not checked";
    }
    return "FAILED";
}

std::string short_name(const client::JudgedNode& node) { return node.statement.substr(0, kShortName); }

template <std::size_t N>
void add_rows(std::string& out, const client::JudgedNode& node, const std::array<Row, N>& rows, const Ink& ink) {
    const auto& checks = node.verification.verdict.checks();
    for (const Row& row : rows) {
        const auto found = std::ranges::find(checks, row.check, &Check::id);
        if (found == checks.end()) continue;
        const std::string mark = fmt::format("{:11}", word(found->outcome));
        out += fmt::format("    {} {:15} {}\n", ink(found->outcome, mark), row.label, found->found);
    }
}

// What did not pass, wherever it belongs: a card never hides it.
void add_problems(std::string& out, const client::JudgedNode& node, const Ink& ink) {
    for (const Check& check : node.verification.verdict.checks()) {
        if (check.outcome == Outcome::kPass) continue;
        std::string line = fmt::format("    {} {}: {}", ink(check.outcome, fmt::format("{:11}", word(check.outcome))),
                                       check.id, check.found);
        if (check.basis.until) line += ", until " + to_rfc3339(*check.basis.until);
        out += line + "\n";
    }
}

std::string counted(const client::JudgedNode& node) {
    std::array<int, 4> counts{};
    for (const Check& check : node.verification.verdict.checks()) ++counts[static_cast<std::size_t>(check.outcome)];
    return fmt::format("{} checks: {} ok, {} notes, {} failed, {} not checked",
                       node.verification.verdict.checks().size(), counts[0], counts[1], counts[2], counts[3]);
}

int rank(State state) {
    switch (state) {
        case State::kNotVerified:
            return 0;
        case State::kIncomplete:
            return 1;
        case State::kSimulated:
            return 2;
        case State::kVerifiedWithNotes:
            return 3;
        case State::kVerified:
            return 4;
    }
    return 0;
}

bool may_be_asked(const client::JudgedNode& node) {
    return !std::holds_alternative<std::monostate>(node.verification.key);
}

std::optional<TimePoint> holds_until(const client::Judged& judged) {
    std::optional<TimePoint> first;
    for (const client::JudgedNode& node : judged.nodes) {
        const auto until = node.verification.verdict.valid_until();
        if (may_be_asked(node) && until && (!first || *until < *first)) first = until;
    }
    return first;
}

std::string title(std::string_view text, const Ink& ink) { return "\n" + ink.bold(std::string(text)) + "\n"; }

}  // namespace

std::string Ink::operator()(State state, const std::string& text) const {
    switch (state) {
        case State::kVerified:
            return painted(colours, "32", text);
        case State::kVerifiedWithNotes:
            return painted(colours, "33", text);
        case State::kNotVerified:
            return painted(colours, "1;31", text);
        case State::kIncomplete:
            return painted(colours, "31", text);
        case State::kSimulated:
            return painted(colours, "7;35", text);
    }
    return text;
}

std::string Ink::operator()(Outcome outcome, const std::string& text) const {
    switch (outcome) {
        case Outcome::kPass:
            return painted(colours, "32", text);
        case Outcome::kNote:
            return painted(colours, "33", text);
        case Outcome::kFail:
            return painted(colours, "1;31", text);
        case Outcome::kNotRun:
            return painted(colours, "31", text);
    }
    return text;
}

std::string Ink::bold(const std::string& text) const { return painted(colours, "1", text); }

std::string headline(const client::Judged& judged, TimePoint now, const Ink& ink) {
    if (judged.nodes.empty()) return ink(State::kIncomplete, "INCOMPLETE") + ": the service has no node ready";
    const auto worst = std::ranges::min_element(
        judged.nodes, {}, [](const client::JudgedNode& node) { return rank(node.verification.verdict.state()); });
    const State state = worst->verification.verdict.state();
    const auto usable = std::ranges::count_if(judged.nodes, may_be_asked);
    const std::string age = fmt::format("judged {} s ago", (now - judged.at).count());
    const auto until = holds_until(judged);
    if (until && now >= *until)
        return ink(State::kIncomplete, "NOT CHECKED ANY MORE") +
               fmt::format(": {}, and held until {}", age, to_rfc3339(*until));
    std::string name(to_string(state));
    std::ranges::replace(name, '_', ' ');
    for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    std::string out =
        ink(state, name) + fmt::format(": {} of {} nodes may get prompts, {}", usable, judged.nodes.size(), age);
    if (until) out += fmt::format(", holds {} s more", (*until - now).count());
    return out;
}

std::string cards(const client::Judged& judged, const Surroundings& around, TimePoint now, const Ink& ink) {
    std::string out = headline(judged, now, ink) + "\n";
    out += title("1  Who can read this?", ink);
    out += fmt::format("    you -> {} -> gateway -> {} node{}\n", around.relay, judged.nodes.size(),
                       judged.nodes.size() == 1 ? "" : "s");
    out +=
        "    relay    your address; sizes and times of ciphertext\n"
        "    gateway  which nodes may answer; sizes and times of ciphertext; not your address\n"
        "    node     prompt and answer, in the clear; not who asks\n";
    for (const client::JudgedNode& node : judged.nodes) {
        const State state = node.verification.verdict.state();
        out += title("2  Which machine?  node " + short_name(node) + "  " + ink(state, std::string(to_string(state))),
                     ink);
        add_rows(out, node, kMachine, ink);
        out += title("3  Which code and model?  node " + short_name(node), ink);
        add_rows(out, node, kCode, ink);
        out += "    " + counted(node) + "\n";
        add_problems(out, node, ink);
    }
    out += title("4  Log and witnesses", ink);
    out += "    " + ink(Outcome::kNotRun, "not checked") +
           " there is no log yet: releases are named by the policy alone\n";
    out += title("5  What changed", ink);
    const std::size_t first = around.history.size() > kMaxHistory ? around.history.size() - kMaxHistory : 0;
    for (std::size_t i = first; i < around.history.size(); ++i)
        out += fmt::format("    {}  {}\n", to_rfc3339(around.history[i].at), around.history[i].what);
    return out;
}

}  // namespace openpcc::cli

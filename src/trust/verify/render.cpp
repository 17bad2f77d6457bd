// SPDX-License-Identifier: Apache-2.0
#include "trust/verify/render.hpp"

#include <algorithm>

#include "core/text.hpp"
#include "trust/verify/explain.hpp"
#include "wire/json.hpp"

namespace openpcc::verify {

namespace {

std::string_view json_name(State state) {
    switch (state) {
        case State::kVerified:
            return "verified";
        case State::kVerifiedWithNotes:
            return "verified_with_notes";
        case State::kNotVerified:
            return "not_verified";
        case State::kIncomplete:
            return "incomplete";
        case State::kSimulated:
            return "simulated";
    }
    return "incomplete";
}

json::Value text(std::string_view value) { return json::Value::string(value); }

json::Value time_or_null(const std::optional<TimePoint>& time) {
    return time ? text(to_rfc3339(*time)) : json::Value();
}

json::Value json_check(const Check& check, TimePoint at) {
    auto out = json::Value::object();
    out.set("id", text(check.id));
    out.set("paragraph", text(check.paragraph));
    out.set("outcome", text(to_string(check.outcome)));
    out.set("expected", text(check.expected));
    out.set("found", text(check.found));
    out.set("signer", check.basis.signer.empty() ? json::Value() : text(check.basis.signer));
    out.set("issued", time_or_null(check.basis.issued));
    out.set("age", check.basis.issued ? json::Value::integer((at - *check.basis.issued).count()) : json::Value());
    out.set("valid_until", time_or_null(check.basis.until));
    return out;
}

json::Value json_claims(const statement::Bundle& bundle) {
    const statement::Core& core = bundle.statement.core;
    auto out = json::Value::object();
    out.set("bundle", text(to_hex(bundle.hash())));
    out.set("statement", text(to_hex(core.name())));
    out.set("role", text(to_string(core.role)));
    out.set("release", text(core.release));
    out.set("not_before", text(to_rfc3339(core.not_before)));
    out.set("not_after", text(to_rfc3339(core.not_after)));
    out.set("model", text(to_hex(core.model)));
    out.set("engine_profile", text(to_hex(core.engine_profile)));
    out.set("isolation", text(to_string(core.isolation)));
    auto& keys = out.set("keys", json::Value::array());
    for (const seal::KeyConfig& key : core.keys) keys.push(text(to_hex(key.id())));
    out.set("devices", json::Value::integer(static_cast<std::int64_t>(bundle.devices.size())));
    return out;
}

// usable: a verdict without a problem. Only then does its window mean anything.
bool usable(const JudgedVerdict& verdict) { return verdict.good() || verdict.state() == State::kSimulated; }

std::string count_of(const JudgedVerdict& verdict, Outcome outcome) {
    const auto count = std::ranges::count(verdict.checks(), outcome, &Check::outcome);
    return std::to_string(count) + (count == 1 ? " check" : " checks");
}

std::string sentence(const JudgedVerdict& verdict) {
    const std::string state(to_string(verdict.state()));
    switch (verdict.state()) {
        case State::kVerified:
            return state + ": every check passed";
        case State::kVerifiedWithNotes:
            return state + ": every check passed, " + count_of(verdict, Outcome::kNote) + " with a note";
        case State::kNotVerified:
            return state + ": " + count_of(verdict, Outcome::kFail) + " failed";
        case State::kIncomplete:
            return state + ": nothing failed, but " + count_of(verdict, Outcome::kNotRun) + " could not run";
        case State::kSimulated:
            return state + ": every check passed, on simulated hardware that protects nothing";
    }
    return state;
}

std::string advice(const JudgedVerdict& verdict) {
    switch (verdict.state()) {
        case State::kVerified:
        case State::kVerifiedWithNotes:
            return "prompts may be sealed to this node until then";
        case State::kSimulated:
            return "use it for development only: whoever runs this machine can read every prompt";
        case State::kNotVerified:
            return "send no prompt to this node; the first FAIL says why";
        case State::kIncomplete:
            return "send no prompt to this node; the first line `not run` says what is missing";
    }
    return "";
}

std::string_view mark(Outcome outcome) {
    switch (outcome) {
        case Outcome::kPass:
            return "ok     ";
        case Outcome::kNote:
            return "note   ";
        case Outcome::kFail:
            return "FAIL   ";
        case Outcome::kNotRun:
            return "not run";
    }
    return "not run";
}

std::string head(const Check& check) {
    return "  " + std::string(mark(check.outcome)) + "  " + check.id + "  [" + check.paragraph + "]\n";
}

std::string indented(std::string_view label, std::string_view value) {
    std::string out = "           " + std::string(label);
    out.append(label.size() < 10 ? 10 - label.size() : 0, ' ');
    return out + std::string(value) + "\n";
}

// whose: on whose word, and how old it is.
std::string whose(const Check& check, TimePoint at) {
    const Basis& basis = check.basis;
    std::string out;
    if (!basis.signer.empty()) out += indented("signer", basis.signer);
    if (basis.issued) {
        const auto days = std::chrono::duration_cast<std::chrono::days>(at - *basis.issued).count();
        out += indented("issued", to_rfc3339(*basis.issued) + ", " + std::to_string(days) + " days ago");
    }
    if (basis.until) out += indented("until", to_rfc3339(*basis.until));
    return out;
}

// A reason is a check that did not simply pass. One that was never reached says nothing of its own.
bool is_reason(const Check& check) {
    return check.outcome != Outcome::kPass && !(check.outcome == Outcome::kNotRun && check.found == kNotReached);
}

std::string reason(const Check& check, TimePoint at, Detail detail) {
    std::string out = head(check) + indented("expected", check.expected) + indented("found", check.found);
    if (detail == Detail::kExplained) out += whose(check, at);
    const Explanation explanation = explain(check.id);
    if (detail == Detail::kExplained) out += indented("means", explanation.meaning);
    if (check.outcome != Outcome::kNote) out += indented("to do", explanation.remedy);
    return out;
}

std::string passed(const Check& check, TimePoint at, Detail detail) {
    std::string out = head(check);
    out.pop_back();
    out += "  " + check.found + "\n";
    if (detail == Detail::kExplained) out += whose(check, at) + indented("means", explain(check.id).meaning);
    return out;
}

std::string reasons(const Verification& verification, Detail detail) {
    std::string out;
    for (const Outcome outcome : {Outcome::kFail, Outcome::kNotRun, Outcome::kNote})
        for (const Check& check : verification.verdict.checks())
            if (check.outcome == outcome && is_reason(check)) out += reason(check, verification.at, detail);
    return out;
}

std::string others(const Verification& verification, Detail detail) {
    std::string out;
    std::size_t passes = 0;
    std::size_t unreached = 0;
    for (const Check& check : verification.verdict.checks()) {
        if (is_reason(check)) continue;
        (check.outcome == Outcome::kPass ? passes : unreached)++;
        if (detail == Detail::kReasons) continue;
        out += check.outcome == Outcome::kPass ? passed(check, verification.at, detail) : head(check);
    }
    out += "  " + std::to_string(passes) + " checks passed";
    if (unreached > 0) out += ", " + std::to_string(unreached) + " were not reached because of a failure before them";
    return out + "\n";
}

}  // namespace

std::string verdict_to_json(const Verification& verification) {
    const JudgedVerdict& verdict = verification.verdict;
    auto out = json::Value::object();
    out.set("schema", text("openpcc-verdict-1"));
    out.set("state", text(json_name(verdict.state())));
    const Check* problem = verdict.first_problem();
    out.set("first_problem", problem != nullptr ? text(problem->id) : json::Value());
    const auto until = verdict.valid_until();
    out.set("at", text(to_rfc3339(verification.at)));
    out.set("valid_until", until && usable(verdict) ? text(to_rfc3339(*until)) : json::Value());
    out.set("claims", verification.bundle ? json_claims(*verification.bundle) : json::Value());
    auto& list = out.set("checks", json::Value::array());
    for (const Check& check : verdict.checks()) list.push(json_check(check, verification.at));
    return out.to_text();
}

std::string render_verdict(const Verification& verification, Detail detail) {
    const JudgedVerdict& verdict = verification.verdict;
    std::string out = sentence(verdict) + "\n" + reasons(verification, detail) + others(verification, detail);
    const auto until = verdict.valid_until();
    if (until && usable(verdict)) out += "valid until " + to_rfc3339(*until) + "\n";
    return out + advice(verdict) + "\n";
}

}  // namespace openpcc::verify

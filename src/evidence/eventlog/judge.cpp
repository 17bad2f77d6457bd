// SPDX-License-Identifier: Apache-2.0
#include "evidence/eventlog/judge.hpp"

#include <string>

#include "core/text.hpp"
#include "evidence/eventlog/digests.hpp"

namespace openpcc::eventlog {

namespace {

// PFP: TCG PC Client Platform Firmware Profile 1.06. UEFI-CC: UEFI specification, section "Confidential computing".
constexpr CheckSpec kChecks[] = {
    {"eventlog.format", "PFP section 10; UEFI-CC event log",
     "one crypto-agile log with SHA-384 digests, at most 1 MiB"},
    {"eventlog.registers", "UEFI-CC, TDX measurement register mapping", "events of registers 1 to 4 (RTMR0 to RTMR3)"},
    {"eventlog.replay.rtmr0", "TDX-ABI TDG.MR.RTMR.EXTEND", "RTMR0 of the quote"},
    {"eventlog.replay.rtmr1", "TDX-ABI TDG.MR.RTMR.EXTEND", "RTMR1 of the quote"},
    {"eventlog.replay.rtmr2", "TDX-ABI TDG.MR.RTMR.EXTEND", "RTMR2 of the quote"},
    {"eventlog.replay.rtmr3", "TDX-ABI TDG.MR.RTMR.EXTEND", "RTMR3 of the quote"},
    {"eventlog.digests", "PFP section 10.4.1", "every digest that is defined by its event's data is of it"},
    {"eventlog.separators", "PFP EV_SEPARATOR", "one in RTMR0, one in RTMR1, no other, none that tells an error"},
    {"eventlog.exit", "PFP EV_EFI_ACTION", "nothing in RTMR0 and RTMR1 after ExitBootServices"},
    {"eventlog.secure_boot", "PFP section 3.3.4.8", "one state of Secure Boot"},
};

constexpr Bank kBank = Bank::kSha384;

std::string place(const Log& log, std::size_t at) {
    const Event& event = log.events()[at];
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string type = "0x";
    for (int shift = 28; shift >= 0; shift -= 4) type += kHex[event.type >> shift & 0xf];
    return "event " + std::to_string(at) + " of type " + type + " in register " + std::to_string(event.index);
}

bool judge_registers(const Registers& registers, std::span<const ByteArray<48>, 4> rtmrs, Checklist& list) {
    bool good = true;
    for (std::size_t i = 0; i < rtmrs.size(); ++i) {
        const Bytes& value = registers.values[i + 1];
        const std::string id = "eventlog.replay.rtmr" + std::to_string(i);
        good = list.require(id, equal(value, rtmrs[i]), to_hex(rtmrs[i]), to_hex(value)) && good;
    }
    return good;
}

void judge_separators(const Findings& findings, Checklist& list) {
    const auto& counts = findings.separators;
    const bool good = counts[1] == 1 && counts[2] == 1 && counts[3] == 0 && counts[4] == 0;
    std::string found = "RTMR0 to RTMR3 have " + std::to_string(counts[1]) + ", " + std::to_string(counts[2]) + ", " +
                        std::to_string(counts[3]) + ", " + std::to_string(counts[4]);
    if (findings.error_separator) found += "; one tells an error";
    list.require("eventlog.separators", good && !findings.error_separator, found);
}

void judge_content(const Log& log, Checklist& list) {
    const Findings findings = examine(log, kBank, Layout::kTdx);
    list.require("eventlog.digests", findings.differing == 0,
                 findings.first_differing
                     ? std::to_string(findings.differing) + " differ, first " + place(log, *findings.first_differing)
                     : std::to_string(findings.equal) + " of " + std::to_string(log.events().size()) + " events");
    judge_separators(findings, list);
    list.require("eventlog.exit", !findings.after_exit.has_value(),
                 findings.after_exit ? place(log, *findings.after_exit) : "nothing");
    const std::string_view state = to_string(findings.secure_boot);
    // Off is no failure: what was booted is in the registers, and a policy names those.
    if (findings.secure_boot == SecureBoot::kOn || findings.secure_boot == SecureBoot::kUnclear)
        list.require("eventlog.secure_boot", findings.secure_boot == SecureBoot::kOn, state);
    else
        list.note("eventlog.secure_boot", state);
}

std::optional<Log> judge(ByteView bytes, std::span<const ByteArray<48>, 4> rtmrs, Checklist& list) {
    auto log = Log::parse(bytes);
    const bool formed = log && log->has(kBank);
    std::string found = log ? "no SHA-384 digests" : log.error().describe();
    if (formed) found = std::to_string(log->events().size()) + " events";
    if (!list.require("eventlog.format", formed, found)) return std::nullopt;
    const auto registers = replay(*log, kBank, Layout::kTdx);
    if (!list.require("eventlog.registers", registers.has_value(),
                      registers ? std::string("no others") : registers.error().describe()))
        return std::nullopt;
    // What no register vouches for is not looked at.
    if (!judge_registers(*registers, rtmrs, list)) return std::nullopt;
    judge_content(*log, list);
    return std::move(*log);
}

}  // namespace

struct Log::Verifier {
    static Verified<Log> verified(Log log) { return Verified<Log>(std::move(log)); }
};

std::optional<Verified<Log>> judge_tdx_log(ByteView log, std::span<const ByteArray<48>, 4> rtmrs, Verdict& verdict) {
    Checklist list(checks());
    auto judged = judge(log, rtmrs, list);
    list.into(verdict);
    if (!judged) return std::nullopt;
    return Log::Verifier::verified(std::move(*judged));
}

std::span<const CheckSpec> checks() { return kChecks; }

}  // namespace openpcc::eventlog

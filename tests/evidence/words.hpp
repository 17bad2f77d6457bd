// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

// What a row's words ask for. They were written for people; everything here reads a few fixed turns of phrase and
// leaves the rest alone, so that a row that says less is asked less, and never something else.
namespace openpcc::collected {

// Decision is the first of ACCEPT and REJECT, as whole words in capitals. "ACCEPT signature", "ACCEPT key binding" and
// "valid" ask for signatures only. A REJECT that holds under a condition or at another time ("expired afterwards ->
// REJECT", "REJECT when a nonce is required") does not decide.
enum class Decision : std::uint8_t { kUnsaid, kAccept, kReject, kSignatures };
Decision decision(std::string_view text);
std::string_view to_string(Decision decision);

// says looks for a phrase, without regard to capitals.
bool says(std::string_view text, std::string_view phrase);
// says_signatures: the text states that signatures or a chain hold, whatever else it decides.
bool says_signatures(std::string_view text);

// Reason is why a row is refused, and the checks of which one must have failed then.
struct Reason {
    std::string_view phrase;
    std::vector<std::string_view> checks;
};
// reasons are those that the text names; none when it names none that is known.
std::vector<Reason> reasons(std::string_view text);

// statuses are Intel's words for a TCB in the text, and "not supported" for "no TCB level".
std::vector<std::string> statuses(std::string_view text);
// advisories are written out ("INTEL-SA-00960, -00982" is two).
std::vector<std::string> advisories(std::string_view text);

// About is what a number or window in the text is said of, by the last of these words before it.
enum class About : std::uint8_t { kNothing, kTcbInfo, kIdentity, kRootCrl, kPckCrl, kCertificate };
struct Window {
    std::string from;  // days: "2025-06-19"
    std::string to;
    About about;
};
std::vector<Window> windows(std::string_view text);
struct Number {
    std::uint64_t value;
    About about;
};
std::vector<Number> evaluations(std::string_view text);  // "eval 17", "evaluation number 15"
std::vector<Number> entries(std::string_view text);      // "44 entries", and "empty"

std::optional<std::string> fmspc(std::string_view text);          // lower-case hex
std::vector<std::uint8_t> module_svn(std::string_view text);      // "SVN 06 01 03"; empty when unsaid
std::optional<std::uint64_t> event_count(std::string_view text);  // "75 events"
std::vector<std::string> banks(std::string_view text);            // "banks sha1/sha256"

// Part is a piece of a verdict that speaks of other collateral than the rest ("With near/collateral.json at its own
// time
// -> REJECT OutOfDate"); the first part is what stands before.
std::vector<std::string> parts(std::string_view verdict);

// names are the words that may be names of files.
std::vector<std::string> names(std::string_view text);

}  // namespace openpcc::collected

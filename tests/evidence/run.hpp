// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/checklist.hpp"
#include "core/verdict.hpp"
#include "evidence/archive.hpp"
#include "evidence/row.hpp"
#include "evidence/words.hpp"

namespace openpcc::collected {

// Complaints are where a verifier and a row disagree: what was expected, and what came. None: they agree.
using Complaints = std::vector<std::string>;

// Today is what the present clock makes of a row that is good at its own time.
enum class Today { kNotAsked, kGood, kExpired, kRefused };

// Finding is the outcome of one row.
struct Finding {
    Complaints complaints;
    std::string skipped;  // why it was not judged; empty: it was
    Today today = Today::kNotAsked;
    std::vector<std::string> remarks;  // for people: what the words do not speak of

    static Finding skip(std::string why) { return {.complaints = {}, .skipped = std::move(why), .remarks = {}}; }
    static Finding complain(std::string what) {
        return {.complaints = {std::move(what)}, .skipped = {}, .remarks = {}};
    }
};

struct Stage {
    const Archive& archive;
    const std::vector<Row>& rows;
    TimePoint now;  // the present clock

    // row_of is the row of a file, if any.
    const Row* row_of(const Stored& file) const;
};

// One each in NAME_rows.cpp.
Finding judge_quote(const Stage& stage, const Row& row, const Stored& file);
Finding judge_report(const Stage& stage, const Row& row, const Stored& file);
Finding judge_collateral(const Stage& stage, const Row& row, const Stored& file);
Finding judge_certificates(const Stage& stage, const Row& row, const Stored& file);
Finding judge_anchor(const Stage& stage, const Row& row, const Stored& file);
Finding judge_log(const Stage& stage, const Row& row, const Stored& file);
Finding judge_oracle(const Stage& stage, const Row& row, const Stored& file);
// Nothing that is known: every reader must refuse it, and the row passes when it wants that.
Finding judge_unknown(const Stage& stage, const Row& row, const Stored& file);

// with_outcome lists the ids of the checks with that outcome.
std::vector<std::string> with_outcome(const Verdict& verdict, Outcome outcome);
// summary of a verdict in one line: its state, then what did not pass and what was found.
std::string summary(const Verdict& verdict);
// today grades a verdict by the present clock; it is expiry when the first problem is one of these checks.
Today today(const Verdict& verdict, const std::vector<std::string_view>& dated);

// compare_verdict holds a verdict against the words: ACCEPT must be good, REJECT must have failed for a reason that the
// words allow.
void compare_verdict(std::string_view words, const Verdict& verdict, bool signatures, Complaints& out);

}  // namespace openpcc::collected

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "hops/client/nodes.hpp"

namespace openpcc::cli {

// Ink colours text for a terminal; without colours the words alone say everything.
struct Ink {
    bool colours = false;
    std::string operator()(State state, const std::string& text) const;
    std::string operator()(Outcome outcome, const std::string& text) const;
    std::string bold(const std::string& text) const;
};

// Seen is one change of a service's state, for the history.
struct Seen {
    TimePoint at;
    std::string what;
};

// What the cards are about, besides the nodes as they were judged.
struct Surroundings {
    std::string relay;
    std::vector<Seen> history;
};

// headline is one line: the worst node's state, the age of the verdicts, until when they hold. Past that time it says
// so and names no good state: a verdict that has ended is not checked.
std::string headline(const client::Judged& judged, TimePoint now, const Ink& ink);

// cards are who can read prompts, which machines, which code and model, what is not checked at all, and what changed.
std::string cards(const client::Judged& judged, const Surroundings& around, TimePoint now, const Ink& ink);

}  // namespace openpcc::cli

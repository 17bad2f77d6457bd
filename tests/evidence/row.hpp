// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

// Collected evidence, judged row by row (docs/reference/evidence-rows.md).
namespace openpcc::collected {

// Row is one line of a manifest: a file, and in a person's words what it is and what a verifier must say of it.
struct Row {
    std::string file;  // relative to the root
    std::string kind;
    std::string what;
    std::string enc;
    std::string verdict;
    std::string t;

    // words is everything that describes the file, for what may stand in either place.
    std::string words() const { return what + "; " + verdict; }
};

// load_rows reads manifest.json; it throws when that is not a list of such rows.
std::vector<Row> load_rows(const std::filesystem::path& manifest);

// Moment is a time to judge at, with the word in brackets behind it ("UpToDate"), if any.
struct Moment {
    TimePoint time;
    std::string label;
};
// moments reads a row's `t`: none ("-"), one, or several with their labels.
std::vector<Moment> moments(std::string_view t);

}  // namespace openpcc::collected

// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/saved_bundle.hpp"

#include <filesystem>

#include "apps/config/config.hpp"
#include "core/text.hpp"

namespace openpcc::cli {

Result<std::optional<verify::Expectation::SentChallenge>> asked_beside(const std::string& bundle) {
    constexpr std::size_t kMaxFile = 1024;
    const std::string path = bundle + ".challenge";
    // Only what is not there was not asked: one that cannot be read must not pass for it.
    std::error_code unknown;
    if (std::filesystem::symlink_status(path, unknown).type() == std::filesystem::file_type::not_found)
        return std::nullopt;
    OPENPCC_TRY(const std::string text, config::read_file(path, kMaxFile));
    const std::size_t space = text.find(' ');
    if (space == std::string::npos) return fail(config::kBadFile, path + ": not a challenge and a time");
    OPENPCC_TRY(const auto challenge, array_from_hex<statement::Challenge>(text.substr(0, space)));
    OPENPCC_TRY(const TimePoint sent, parse_rfc3339(text.substr(space + 1, text.find('\n') - space - 1)));
    return verify::Expectation::SentChallenge{challenge, sent};
}

}  // namespace openpcc::cli

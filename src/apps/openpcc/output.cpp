// SPDX-License-Identifier: Apache-2.0
#include "apps/openpcc/output.hpp"

#include "apps/openpcc/errors.hpp"
#include "apps/remedies/remedies.hpp"
#include "apps/vendors/errors.hpp"

namespace openpcc::cli {

std::string_view hint_for(const Error& error) {
    const std::pair<ErrorCode, std::string_view> hints[] = {
        {vendors::kNotServed, "is the platform's FMSPC or product right, and the vendor's service up?"},
        {kNotConfirmed, "compare it with what the service publishes, then: openpcc add SOURCE --fingerprint FINGERPRINT"},
        {kOtherFingerprint, "this is not the profile that you were told of: do not use it"},
        {kNoProfile, "is the address right? the service's operator says where the profile is"},
    };
    for (const auto& [code, hint] : hints)
        if (error == code) return hint;
    return remedies::hint_for(error);
}

ExitCode exit_code(const Error& error) { return remedies::exit_code(error); }

ExitCode report(const Error& error, bool json) {
    return report_as("openpcc", error, exit_code(error), hint_for(error), json);
}

}  // namespace openpcc::cli

// SPDX-License-Identifier: Apache-2.0
// Policies and measurements: what was read has one text, and that text reads as the same policy.
#include "trust/policy/policy.hpp"
#include "core/assert.hpp"

namespace openpcc::policy {
namespace {

void check(ByteView bytes) {
    if (const auto policy = Policy::parse(bytes)) {
        const std::string text = policy->to_json();
        const auto again = Policy::parse(as_bytes(text));
        OPENPCC_ASSERT(again && again->to_json() == text);
        OPENPCC_ASSERT(*again == *policy && policy->expires > policy->issued);
        OPENPCC_ASSERT(policy->candidates >= 1 && policy->max_evidence_age > Seconds(0) && policy->roots.required >= 1);
    }
    if (const auto measurement = parse_measurement(bytes)) {
        const std::string text = std::visit([](const auto& value) { return value.to_json(); }, *measurement);
        const auto again = parse_measurement(as_bytes(text));
        OPENPCC_ASSERT(again && *again == *measurement);
    }
}

}  // namespace
}  // namespace openpcc::policy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    openpcc::policy::check({data, size});
    return 0;
}

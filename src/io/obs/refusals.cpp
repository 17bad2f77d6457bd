// SPDX-License-Identifier: Apache-2.0
#include "io/obs/refusals.hpp"

namespace openpcc::obs {

void Refusals::count(const Error& error) {
    const std::lock_guard lock(mutex_);
    ++counts_[error.name()];
}

void Refusals::append_values(std::string& out) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [reason, count] : counts_) {
        std::string labels = "{reason=\"";
        labels.append(reason).append("\"}");
        append_value(out, labels, count);
    }
}

}  // namespace openpcc::obs

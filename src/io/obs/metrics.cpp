// SPDX-License-Identifier: Apache-2.0
#include "io/obs/metrics.hpp"

#include <algorithm>

#include "core/assert.hpp"

namespace openpcc::obs {

std::string Registry::dump() const {
    const std::lock_guard lock(mutex_);
    std::string out;
    for (const Metric* metric : metrics_) {
        const std::string_view name = metric->name_.text();
        out.append("# HELP ").append(name).append(" ").append(metric->help_.text()).append("\n");
        out.append("# TYPE ").append(name).append(" ").append(metric->type_.text()).append("\n");
        metric->append_values(out);
    }
    return out;
}

Metric::Metric(Registry& registry, Label name, Label help, Label type)
    : registry_(registry), name_(name), help_(help), type_(type) {
    const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    OPENPCC_ASSERT(std::ranges::all_of(name.text(), allowed));
    const std::lock_guard lock(registry_.mutex_);
    OPENPCC_ASSERT(
        std::ranges::none_of(registry_.metrics_, [&](auto* other) { return other->name_.text() == name.text(); }));
    registry_.metrics_.push_back(this);
}

Metric::~Metric() {
    const std::lock_guard lock(registry_.mutex_);
    std::erase(registry_.metrics_, this);
}

void Metric::append_value(std::string& out, std::string_view labels, std::int64_t value) const {
    out.append(name_.text()).append(labels).append(" ").append(std::to_string(value)).append("\n");
}

}  // namespace openpcc::obs

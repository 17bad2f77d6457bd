// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string_view>

#include "core/result.hpp"
#include "io/obs/metrics.hpp"

namespace openpcc::obs {

// Refusals counts what was refused, by reason. Reasons are the stable names of error codes, so the metric's labels are
// text of our own source and as many as docs/reference/refusals.md has lines.
class Refusals final : public Metric {
  public:
    Refusals(Registry& registry, Label name) : Metric(registry, name, "What was refused, by reason", "counter") {}
    void count(const Error& error);

  private:
    void append_values(std::string& out) const override;
    mutable std::mutex mutex_;
    std::map<std::string_view, std::int64_t> counts_;
};

}  // namespace openpcc::obs

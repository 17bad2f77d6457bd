// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

// What a measurement on a shared machine needs: medians, intervals over rounds, CPU time of other processes.
namespace openpcc::bench {

using Numbers = std::vector<double>;

// quantile of an unsorted list, by nearest rank; 0 for an empty one.
double quantile(Numbers values, double share);

struct Interval {
    double value = 0;
    double low = 0;  // 95 %, by bootstrap over rounds
    double high = 0;
    std::string to_json() const;
    std::string to_text(int digits) const;
};

// bootstrap computes a statistic of a sample of rounds, given as indices: of all once each, and of drawn ones.
Interval bootstrap(std::size_t rounds, const std::function<double(const std::vector<std::size_t>&)>& statistic);
// median_of is the bootstrap of one number a round.
Interval median_of(const Numbers& per_round);

// Process is one role: all of its processes' CPU time together.
struct Process {
    std::string name;
    std::vector<pid_t> ids;
    double cpu_us() const;
};

double now_us();

}  // namespace openpcc::bench

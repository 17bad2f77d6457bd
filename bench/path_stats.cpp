// SPDX-License-Identifier: Apache-2.0
#include "path_stats.hpp"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace openpcc::bench {

namespace {

constexpr int kDraws = 1000;

double to_us(const timespec& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

}  // namespace

double quantile(Numbers values, double share) {
    if (values.empty()) return 0;
    const auto rank = static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<double>(values.size()))) - 1;
    const auto at = values.begin() + std::clamp<std::ptrdiff_t>(rank, 0, std::ssize(values) - 1);
    std::ranges::nth_element(values, at);
    return *at;
}

std::string Interval::to_json() const { return fmt::format("[{:.4g}, {:.4g}, {:.4g}]", value, low, high); }
std::string Interval::to_text(int digits) const {
    return fmt::format("{:.{}f} [{:.{}f}, {:.{}f}]", value, digits, low, digits, high, digits);
}

Interval bootstrap(std::size_t rounds, const std::function<double(const std::vector<std::size_t>&)>& statistic) {
    if (rounds == 0) return {};
    std::vector<std::size_t> drawn(rounds);
    std::iota(drawn.begin(), drawn.end(), std::size_t{0});
    Interval out;
    out.value = statistic(drawn);
    std::mt19937_64 random(1);
    std::uniform_int_distribution<std::size_t> any(0, rounds - 1);
    Numbers values;
    for (int i = 0; i < kDraws; ++i) {
        for (std::size_t& index : drawn) index = any(random);
        values.push_back(statistic(drawn));
    }
    out.low = quantile(values, 0.025);
    out.high = quantile(values, 0.975);
    return out;
}

Interval median_of(const Numbers& per_round) {
    return bootstrap(per_round.size(), [&](const std::vector<std::size_t>& drawn) {
        Numbers values;
        for (const std::size_t index : drawn) values.push_back(per_round[index]);
        return quantile(std::move(values), 0.5);
    });
}

double Process::cpu_us() const {
    double sum = 0;
    for (const pid_t id : ids) {
        clockid_t clock{};
        timespec time{};
        if (::clock_getcpuclockid(id, &clock) == 0 && ::clock_gettime(clock, &time) == 0) sum += to_us(time);
    }
    return sum;
}

double now_us() {
    timespec time{};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return to_us(time);
}

}  // namespace openpcc::bench

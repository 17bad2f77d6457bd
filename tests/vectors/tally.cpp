// SPDX-License-Identifier: Apache-2.0
#include "vectors/tally.hpp"

#include <algorithm>
#include <cstdio>

namespace openpcc::vectors {

void Tally::fail(std::string_view where, std::string_view why) {
    failures_.push_back(std::string(where) + ": " + std::string(why));
}

void Tally::skip(std::string_view reason, int count) {
    skipped_ += count;
    const auto known = skips_.find(reason);
    if (known == skips_.end())
        skips_.emplace(reason, count);
    else
        known->second += count;
}

bool Tally::check(bool good, std::string_view where, std::string_view why) {
    if (good)
        pass();
    else
        fail(where, why);
    return good;
}

void Tally::print(std::string_view topic) const {
    const std::string name(topic);
    for (const auto& [reason, count] : skips_) std::printf("%s: skipped %d: %s\n", name.c_str(), count, reason.c_str());
    constexpr std::size_t kShown = 50;
    for (std::size_t i = 0; i < std::min(kShown, failures_.size()); ++i)
        std::printf("%s: FAILED %s\n", name.c_str(), failures_[i].c_str());
    if (failures_.size() > kShown) std::printf("%s: FAILED and %zu more\n", name.c_str(), failures_.size() - kShown);
    std::printf("%s: %d passed, %d failed, %d skipped\n", name.c_str(), passed_, failed(), skipped_);
}

}  // namespace openpcc::vectors

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "apps/vendors/errors.hpp"
#include "apps/vendors/settings.hpp"
#include "core/time.hpp"
#include "io/net/loop.hpp"
#include "io/net/stream.hpp"
#include "io/net/task.hpp"
#include "trust/collateral/collection.hpp"

namespace openpcc::vendors {

// Fetched is what could be had, and what could not and why. `collection.fetched` is the time of asking.
struct Fetched {
    struct Failure {
        std::string what;  // "TCB info for FMSPC 00806f050000"
        Error error;
    };
    collateral::Collection collection;
    std::vector<Failure> failures;
};

inline constexpr net::Clock::duration kPatience = std::chrono::seconds(60);  // for one answer, from connect to its end

// fetch asks for everything that is wanted, one after another. An answer is taken when it can be read, is about what
// was asked, is not of the future, and is signed under the vendor's root; whether it is in date, and good enough, is
// judged with evidence. Redirects are refused, and an answer that is longer than a collection may hold is not read to
// its end.
net::Task<Fetched> fetch(net::Loop& loop, Sources sources, Wanted wanted, TimePoint now,
                         net::Clock::duration patience = kPatience);

}  // namespace openpcc::vendors

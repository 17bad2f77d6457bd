// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "apps/vendors/fetch.hpp"
#include "core/random.hpp"
#include "trust/collateral/collection.hpp"

namespace openpcc::vendors {

// Schedule is when to ask. Each wait is longer or shorter by up to an eighth, so that many machines do not ask at once.
struct Schedule {
    net::Clock::duration period = std::chrono::hours(24);
    net::Clock::duration first_retry = std::chrono::minutes(1);  // doubles with each failure
    net::Clock::duration last_retry = std::chrono::hours(1);
};

// Held is one whole file: what is served to others, and what is inside. Immutable, shared with readers.
struct Held {
    std::string file;
    Digest256 name;
    collateral::Collection collection;
};

// Refresher keeps a file of collateral fresh in the background. It belongs to the loop that it runs on. The file is
// only ever replaced by rename, and by one that has all of the old one's items or newer ones about the same; so
// readers, other programs included, see whole files, and a vendor that serves what is old, broken or nothing takes
// nothing away.
class Refresher {
  public:
    using Ask = std::function<net::Task<Fetched>()>;
    using Now = std::function<TimePoint()>;

    Refresher(std::string path, Ask ask, Schedule schedule, Random& random, Now now);

    // load reads the file; without one there is nothing to hold, which is no error. A file that cannot be read is one.
    Result<void> load();
    // held is the newest whole file, or nullptr.
    std::shared_ptr<const Held> held() const { return held_; }

    // refresh asks once, and takes what it gets. An error names the first thing that could not be had or done.
    net::Task<Result<void>> refresh();
    // run refreshes for ever, first when what is held is as old as the period; it ends when it is cancelled. `report`
    // hears of each outcome.
    net::Task<void> run(std::function<void(const Result<void>&)> report);

    // next_wait is how long to wait after that many failures in a row.
    net::Clock::duration next_wait(unsigned failures);

  private:
    Result<void> keep(collateral::Collection fresh);
    net::Clock::duration jittered(net::Clock::duration wait);
    net::Clock::duration first_wait();

    const std::string path_;
    const Ask ask_;
    const Schedule schedule_;
    Random& random_;
    const Now now_;
    std::shared_ptr<const Held> held_;
};

}  // namespace openpcc::vendors

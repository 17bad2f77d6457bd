// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace openpcc::vectors {

// Tally counts cases as passed, failed or skipped, and a skip has a reason, so that nothing is left out without a word.
class Tally {
  public:
    void pass() { ++passed_; }
    // `where` names the case (file and number), `why` what was expected and what came.
    void fail(std::string_view where, std::string_view why);
    void skip(std::string_view reason, int count = 1);
    // check passes when `good`, else it fails; it returns `good`.
    bool check(bool good, std::string_view where, std::string_view why);

    int failed() const { return static_cast<int>(failures_.size()); }
    // print writes the reasons, then exactly one line `topic: N passed, N failed, N skipped`.
    void print(std::string_view topic) const;

  private:
    int passed_ = 0;
    int skipped_ = 0;
    std::vector<std::string> failures_;
    std::map<std::string, int, std::less<>> skips_;
};

}  // namespace openpcc::vectors

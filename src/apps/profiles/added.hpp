// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "trust/profile/profile.hpp"

namespace openpcc::profiles {

inline constexpr ErrorCode kUnknown{"profiles.unknown", Category::kBadInput};
inline constexpr ErrorCode kAltered{"profiles.altered", Category::kUnverified};

// user_folder is where a user's settings are: openpcc below XDG_CONFIG_HOME or ~/.config (XDG Base Directory
// Specification: relative paths in the environment are ignored).
std::string user_folder();

// Added are the services that a user has added. Each has a folder below `services` of the user's folder, with the
// profile as it came and the fingerprint that was confirmed; the file `service` names the one in use.
class Added {
  public:
    explicit Added(std::string folder) : folder_(std::move(folder)) {}

    // names of all, sorted.
    Result<std::vector<std::string>> names() const;
    // load reads a profile; whether it is in force is the caller's question.
    //   profiles.unknown  there is none of that name; the text names those that there are
    //   profiles.altered  what is there is not what was added
    Result<profile::Profile> load(const std::string& name) const;

    // What adding a profile would change.
    enum class Change { kNew, kNewer, kNone };
    struct Offer {
        profile::Profile profile;
        Change change = Change::kNew;
    };
    // judge opens a profile that somebody offers. One whose service is here already must be its successor, or the same.
    Result<Offer> judge(ByteView envelope) const;
    // store puts it in its place. For a new one a person has confirmed the fingerprint.
    Result<void> store(const Offer& offer, ByteView envelope) const;
    Result<void> remove(const std::string& name) const;

    // in_use is the service that is meant when none is named: the one chosen, or the only one.
    Result<std::string> in_use() const;
    Result<void> use(const std::string& name) const;

  private:
    std::string place(const std::string& name) const { return folder_ + "/services/" + name; }
    std::string choice() const { return folder_ + "/service"; }
    Error unknown(const std::string& text) const;
    bool here(const std::string& name) const;

    std::string folder_;
};

}  // namespace openpcc::profiles

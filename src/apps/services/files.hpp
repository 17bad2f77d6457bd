// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"

namespace openpcc::services {

// The folders of a service, and the names in them. All paths inside configurations are relative, so that a folder can
// be handed to another party and put anywhere.
inline constexpr std::string_view kRelayFolder = "relay";
inline constexpr std::string_view kGatewayFolder = "gateway";
inline constexpr std::string_view kNodeFolder = "node";
inline constexpr std::string_view kUsersFolder = "users";
inline constexpr std::string_view kOperatorFolder = "operator";

inline constexpr unsigned kSecret = 0600;
inline constexpr unsigned kPublic = 0644;

// File is one file of a service, by its path below the service's folder.
struct File {
    std::string path;
    std::string content;
    unsigned mode = kPublic;
};

// Tree is a service's folder while it is made: everything is written beside it, and appears with `finish` or not at
// all.
class Tree {
  public:
    // begin refuses a folder that is there and not empty; nothing is changed then.
    static Result<Tree> begin(const std::string& folder);
    Tree(Tree&& other) noexcept;
    Tree& operator=(Tree&&) = delete;
    ~Tree();  // without finish nothing is left

    Result<void> make_folder(std::string_view name, unsigned mode);
    Result<void> write(const File& file);
    // path of a name inside, where it is now.
    std::string path(std::string_view name) const;
    // give hands a folder and what is in it to a user of this machine; false when there is no such user, or we may not.
    bool give(std::string_view folder, const std::string& user) const;
    Result<void> finish();

  private:
    Tree(std::string folder, std::string fresh) : folder_(std::move(folder)), fresh_(std::move(fresh)) {}
    std::string folder_, fresh_;
};

}  // namespace openpcc::services

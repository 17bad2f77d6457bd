// SPDX-License-Identifier: Apache-2.0
#include "apps/services/files.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "apps/config/config.hpp"

namespace openpcc::services {

namespace fs = std::filesystem;

namespace {

// Users of the roles pass through it to their own folder; nobody lists it.
constexpr unsigned kPassThrough = 0711;

Result<void> refused(const std::string& path, std::string_view why) {
    return fail(config::kBadFile, path + ": " + std::string(why));
}

}  // namespace

Result<Tree> Tree::begin(const std::string& folder) {
    std::error_code error;
    std::string absolute = fs::absolute(folder).lexically_normal().string();
    while (absolute.size() > 1 && absolute.ends_with('/')) absolute.pop_back();
    const auto status = fs::symlink_status(absolute, error);
    if (fs::exists(status)) {
        if (!fs::is_directory(status)) OPENPCC_CHECK(refused(absolute, "is there already, and no folder"));
        if (!fs::is_empty(absolute, error) || error)
            OPENPCC_CHECK(refused(absolute, "is there already and not empty; nothing was changed"));
    }
    fs::create_directories(fs::path(absolute).parent_path(), error);
    std::string fresh = absolute + ".new-XXXXXX";
    if (::mkdtemp(fresh.data()) == nullptr) OPENPCC_CHECK(refused(absolute, "cannot be made"));
    return Tree(std::move(absolute), std::move(fresh));
}

Tree::Tree(Tree&& other) noexcept : folder_(std::move(other.folder_)), fresh_(std::exchange(other.fresh_, {})) {}

Tree::~Tree() {
    std::error_code ignored;
    if (!fresh_.empty()) fs::remove_all(fresh_, ignored);
}

std::string Tree::path(std::string_view name) const { return fresh_ + "/" + std::string(name); }

Result<void> Tree::make_folder(std::string_view name, unsigned mode) {
    const std::string at = path(name);
    // Without regard to the caller's umask.
    if (::mkdir(at.c_str(), 0700) != 0 || ::chmod(at.c_str(), mode) != 0) return refused(at, "cannot be made");
    return {};
}

Result<void> Tree::write(const File& file) {
    const std::string at = path(file.path);
    OPENPCC_CHECK(config::write_file(at, file.content, file.mode));
    if (::chmod(at.c_str(), file.mode) != 0) return refused(at, "cannot be written");
    return {};
}

bool Tree::give(std::string_view folder, const std::string& user) const {
    const passwd* found = ::getpwnam(user.c_str());
    if (found == nullptr || ::geteuid() != 0) return false;
    const std::string top = path(folder);
    std::error_code error;
    bool good = ::lchown(top.c_str(), found->pw_uid, found->pw_gid) == 0;
    for (const auto& entry : fs::recursive_directory_iterator(top, error))
        good = ::lchown(entry.path().c_str(), found->pw_uid, found->pw_gid) == 0 && good;
    return good && !error;
}

Result<void> Tree::finish() {
    if (::chmod(fresh_.c_str(), kPassThrough) != 0) return refused(folder_, "cannot be made");
    // An empty folder in its place is replaced; one that somebody has filled meanwhile is not.
    if (::rename(fresh_.c_str(), folder_.c_str()) != 0)
        return refused(folder_, errno == ENOTEMPTY || errno == EEXIST ? "was filled by somebody else meanwhile"
                                                                      : "cannot be made");
    fresh_.clear();
    return {};
}

}  // namespace openpcc::services

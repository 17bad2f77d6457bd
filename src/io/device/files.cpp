// SPDX-License-Identifier: Apache-2.0
#include "io/device/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "io/confine/fd.hpp"

namespace openpcc::device {

namespace {

using confine::Fd;

std::unexpected<int> refused() { return std::unexpected(errno); }

class FileLock final : public Lock {
  public:
    explicit FileLock(Fd fd) : fd_(std::move(fd)) {}

  private:
    Fd fd_;  // its end lets go
};

class RootFiles final : public Files {
  public:
    explicit RootFiles(std::string root) : root_(std::move(root)) {}

    Answer<Bytes> read(const std::string& path, std::size_t limit) override;
    Answer<> write(const std::string& path, ByteView bytes) override;
    Answer<> append(const std::string& path, ByteView bytes) override;
    Answer<> cut(const std::string& path, std::size_t size) override {
        return answer(::truncate(at(path).c_str(), static_cast<off_t>(size)));
    }
    Answer<> make_folder(const std::string& path) override { return answer(::mkdir(at(path).c_str(), 0700)); }
    Answer<> remove_folder(const std::string& path) override { return answer(::rmdir(at(path).c_str())); }
    Answer<std::vector<std::string>> list(const std::string& path) override;
    Answer<> control(const std::string& path, unsigned long request, void* argument) override;
    Answer<std::unique_ptr<Lock>> lock(const std::string& path) override;

  private:
    std::string at(const std::string& path) const { return root_ + path; }
    static Answer<> answer(int result) { return result == 0 ? Answer<>() : Answer<>(refused()); }
    Fd open(const std::string& path, int flags) const { return Fd(::open(at(path).c_str(), flags | O_CLOEXEC, 0600)); }

    std::string root_;
};

Answer<Bytes> RootFiles::read(const std::string& path, std::size_t limit) {
    constexpr std::size_t kPiece = 64 << 10;
    const Fd file = open(path, O_RDONLY | O_NONBLOCK);
    if (!file) return refused();
    Bytes out;
    while (true) {
        const std::size_t have = out.size();
        // One byte more than allowed shows that there is more.
        out.resize(have + std::min(kPiece, limit + 1 - have));
        const ssize_t got = ::read(file.get(), out.data() + have, out.size() - have);
        if (got < 0) return refused();
        out.resize(have + static_cast<std::size_t>(got));
        if (got == 0) return out;
        if (out.size() > limit) return std::unexpected(EFBIG);
    }
}

Answer<> RootFiles::write(const std::string& path, ByteView bytes) {
    const Fd file = open(path, O_WRONLY);
    if (!file) return refused();
    const ssize_t put = ::write(file.get(), bytes.data(), bytes.size());
    if (put < 0) return refused();
    return static_cast<std::size_t>(put) == bytes.size() ? Answer<>() : Answer<>(std::unexpected(EIO));
}

Answer<> RootFiles::append(const std::string& path, ByteView bytes) {
    const Fd file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW);
    if (!file) return refused();
    const ssize_t put = ::write(file.get(), bytes.data(), bytes.size());
    if (put < 0) return refused();
    if (static_cast<std::size_t>(put) != bytes.size()) return std::unexpected(EIO);
    return answer(::fsync(file.get()));
}

Answer<std::vector<std::string>> RootFiles::list(const std::string& path) {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(at(path).c_str()), ::closedir);
    if (!folder) return refused();
    std::vector<std::string> out;
    while (const dirent* entry = ::readdir(folder.get())) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") out.push_back(name);
    }
    std::ranges::sort(out);
    return out;
}

Answer<> RootFiles::control(const std::string& path, unsigned long request, void* argument) {
    const Fd device = open(path, O_RDWR);
    if (!device) return refused();
    return answer(::ioctl(device.get(), request, argument));
}

Answer<std::unique_ptr<Lock>> RootFiles::lock(const std::string& path) {
    Fd file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW);
    if (!file) return refused();
    while (::flock(file.get(), LOCK_EX) != 0)
        if (errno != EINTR) return refused();
    return std::make_unique<FileLock>(std::move(file));
}

}  // namespace

std::unique_ptr<Files> make_root_files(std::string root) { return std::make_unique<RootFiles>(std::move(root)); }

}  // namespace openpcc::device

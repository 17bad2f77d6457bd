// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "core/bytes.hpp"

namespace openpcc::device {

// Answer is what the kernel says: a value, or errno, which decides whether to ask again.
template <class T = void>
using Answer = std::expected<T, int>;

// Lock is held until it dies.
class Lock {
  public:
    virtual ~Lock() = default;
};

// Files is all that collectors do to a machine, by absolute paths. It is a seam: the files of a report interface are
// not plain files, so that tests script their answers. All calls block.
class Files {
  public:
    virtual ~Files() = default;
    // read gives all of a file; EFBIG when that is more than `limit`.
    virtual Answer<Bytes> read(const std::string& path, std::size_t limit) = 0;
    // write hands all bytes to an existing file in one call; EIO when it takes fewer.
    virtual Answer<> write(const std::string& path, ByteView bytes) = 0;
    // append adds to a file, makes it when it is not there (for its owner alone), and returns once it is on disk.
    virtual Answer<> append(const std::string& path, ByteView bytes) = 0;
    // cut shortens a file.
    virtual Answer<> cut(const std::string& path, std::size_t size) = 0;
    virtual Answer<> make_folder(const std::string& path) = 0;
    virtual Answer<> remove_folder(const std::string& path) = 0;
    // list names what is in a folder, in order.
    virtual Answer<std::vector<std::string>> list(const std::string& path) = 0;
    // control is ioctl(2) on a device that is opened for it.
    virtual Answer<> control(const std::string& path, unsigned long request, void* argument) = 0;
    // lock waits until nobody else holds the file, which it makes when it is not there.
    virtual Answer<std::unique_ptr<Lock>> lock(const std::string& path) = 0;
};

// RootFiles are the files below a root folder: "" is this machine's own.
std::unique_ptr<Files> make_root_files(std::string root);

}  // namespace openpcc::device

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace openpcc::testing {

// Certificates are files for one test: a root, and a chain and key that it has signed for one name.
struct Certificates {
    std::string root_pem;
    std::string chain_pem;
    std::string key_pem;
};

// make_certificates writes them into `folder`. `name` is a DNS name, or an address when it looks like one.
Certificates make_certificates(const std::string& folder, const std::string& name);

// TempFolder is an empty folder with a short path (a UNIX socket's path has at most 107 bytes), removed at the end.
class TempFolder {
  public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    const std::string& path() const { return path_; }

  private:
    std::string path_;
};

}  // namespace openpcc::testing
